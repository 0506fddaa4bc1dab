// Package setup makes Groth16 keys (Groth, 'On the size of pairing-based non-interactive arguments', 2016) in the
// form that gnark's prover and verifier read, including the Pedersen commitment that gnark adds for a challenge. It
// exists because gnark's own setup takes about sixteen times the CPU time (13.0 s against 0.83 s for LeNet), nearly
// all of it for multiples of the generators.
//
// The secret scalars are drawn here and forgotten: whoever runs this could have kept them and forge proofs. Such keys
// are for measuring, not for convincing anyone else.
package setup

import (
	"crypto/rand"
	"fmt"
	"io"

	curve "github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/fft"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/pedersen"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/constraint"
	bn254cs "github.com/consensys/gnark/constraint/bn254"

	"provemark/gnark/internal/affine"
)

// secrets are the scalars that nobody may know in a real setup.
type secrets struct {
	t, alpha, beta, gamma, delta, sigma, rho fr.Element
}

func drawSecrets(random io.Reader) (s secrets, err error) {
	for _, e := range []*fr.Element{&s.t, &s.alpha, &s.beta, &s.gamma, &s.delta, &s.sigma, &s.rho} {
		for e.IsZero() {
			var b [64]byte // twice the field size, so that the remainder is uniform
			if _, err := io.ReadFull(random, b[:]); err != nil {
				return s, err
			}
			e.SetBytes(b[:])
		}
	}
	return s, nil
}

// Run makes the keys of a constraint system with exactly one commitment.
func Run(r1cs *bn254cs.R1CS) (*groth16.ProvingKey, *groth16.VerifyingKey, error) {
	s, err := drawSecrets(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	return keys(r1cs, s)
}

func keys(r1cs *bn254cs.R1CS, s secrets) (*groth16.ProvingKey, *groth16.VerifyingKey, error) {
	commitments, ok := r1cs.CommitmentInfo.(constraint.Groth16Commitments)
	if !ok || len(commitments) != 1 {
		return nil, nil, fmt.Errorf("expected a system with one commitment")
	}
	internal, secret, public := r1cs.GetNbVariables()
	domain := fft.NewDomain(uint64(r1cs.GetNbConstraints()))
	a, b, c := wirePolynomials(r1cs, lagrange(domain, s.t, r1cs.GetNbConstraints()), internal+secret+public)
	parts := splitWires(a, b, c, s, public, &commitments[0])

	pk, vk := &groth16.ProvingKey{Domain: *domain}, &groth16.VerifyingKey{}
	a, pk.InfinityA, pk.NbInfinityA = withoutZeros(a)
	b, pk.InfinityB, pk.NbInfinityB = withoutZeros(b)

	var proofOfKnowledge []fr.Element
	for i := range parts.committed {
		var v fr.Element
		proofOfKnowledge = append(proofOfKnowledge, *v.Mul(&parts.committed[i], &s.sigma))
	}
	lists := [][]fr.Element{{s.alpha, s.beta, s.delta}, a, b, quotientPowers(domain, s),
		parts.public, parts.private, parts.committed, proofOfKnowledge}
	_, _, g1, g2 := curve.Generators()
	inG1 := splitPoints(multiples(&affine.G1, g1, concat(lists)), lists)
	pk.G1.Alpha, pk.G1.Beta, pk.G1.Delta = inG1[0][0], inG1[0][1], inG1[0][2]
	pk.G1.A, pk.G1.B, pk.G1.Z, pk.G1.K = inG1[1], inG1[2], inG1[3], inG1[5]
	pk.CommitmentKeys = []pedersen.ProvingKey{{Basis: inG1[6], BasisExpSigma: inG1[7]}}

	var minusSigma fr.Element
	minusSigma.Mul(&s.sigma, &s.rho).Neg(&minusSigma)
	lists = [][]fr.Element{b, {s.beta, s.delta, s.gamma, s.rho, minusSigma}}
	inG2 := splitPoints(multiples(&affine.G2, g2, concat(lists)), lists)
	pk.G2.B, pk.G2.Beta, pk.G2.Delta = inG2[0], inG2[1][0], inG2[1][1]

	vk.G1.Alpha, vk.G1.Beta, vk.G1.Delta, vk.G1.K = pk.G1.Alpha, pk.G1.Beta, pk.G1.Delta, inG1[4]
	vk.G2.Beta, vk.G2.Delta, vk.G2.Gamma = pk.G2.Beta, pk.G2.Delta, inG2[1][2]
	vk.CommitmentKeys = []pedersen.VerifyingKey{{G: inG2[1][3], GSigmaNeg: inG2[1][4]}}
	vk.PublicAndCommitmentCommitted = commitments.GetPublicAndCommitmentCommitted(commitments.CommitmentIndexes(), public)
	return pk, vk, vk.Precompute()
}

// quotientPowers are the scalars of t^i (t^N - 1) / delta for i < N - 1, in the bit-reversed order in
// which gnark's prover leaves the coefficients of the quotient after its last FFT.
func quotientPowers(domain *fft.Domain, s secrets) []fr.Element {
	z := make([]fr.Element, domain.Cardinality)
	power := vanishing(domain, s.t)
	power.Div(&power, &s.delta)
	for i := range z {
		z[i] = power
		power.Mul(&power, &s.t)
	}
	fft.BitReverse(z)
	return z[:len(z)-1]
}
