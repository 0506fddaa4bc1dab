// Package prover makes Groth16 proofs (Groth, 'On the size of pairing-based non-interactive arguments',
// 2016) with at most one commitment, from gnark's constraint systems, its solver and its keys, for gnark's
// verifier. It exists for its sums of points, which take about 0.6 times the CPU time of gnark's own.
package prover

import (
	"github.com/consensys/gnark-crypto/ecc"
	curve "github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/backend/witness"
	bn254cs "github.com/consensys/gnark/constraint/bn254"

	"provemark/gnark/internal/multiexp"
)

// Prove fails if the witness does not satisfy the system, or the key does not have the sizes that the system needs.
func Prove(system *bn254cs.R1CS, pk *groth16.ProvingKey, w witness.Witness) (*groth16.Proof, error) {
	c, err := newCommitment(system, pk)
	if err != nil {
		return nil, err
	}
	solved, err := system.Solve(w, c.solverOptions()...)
	if err != nil {
		return nil, err
	}
	solution := solved.(*bn254cs.R1CSSolution)
	h := quotient(&pk.Domain, solution)
	solution.A, solution.B, solution.C = nil, nil, nil

	r, s, err := drawBlinding()
	if err != nil {
		return nil, err
	}
	bs := make(chan *curve.G2Jac, 1)
	go func() { bs <- sumInG2(pk.G2.B, without(solution.W, pk.InfinityB)) }()
	sums := multiexp.Of(
		multiexp.Sum{Points: pk.G1.A, Scalars: solution.W, Skip: pk.InfinityA},
		multiexp.Sum{Points: pk.G1.B, Scalars: solution.W, Skip: pk.InfinityB},
		multiexp.Sum{Points: pk.G1.Z, Scalars: h[:len(h)-1]},
		multiexp.Sum{Points: pk.G1.K, Scalars: solution.W, Skip: c.othersWires(len(solution.W))},
		multiexp.Sum{Points: c.key.BasisExpSigma, Scalars: c.values},
	)
	proof := assemble(pk, r, s, sums[0], sums[1], <-bs, sums[2].AddAssign(&sums[3]))
	c.addTo(proof, &sums[4])
	return proof, nil
}

// sumInG2 is gnark-crypto's: the second group has no vector instructions, and few points here.
func sumInG2(points []curve.G2Affine, scalars []fr.Element) *curve.G2Jac {
	var sum curve.G2Jac
	if _, err := sum.MultiExp(points, scalars, ecc.MultiExpConfig{}); err != nil {
		panic(err) // it would be that the lists differ in length
	}
	return &sum
}

// without leaves out the values of wires whose points are at infinity, because a key does not contain those.
func without(values []fr.Element, infinite []bool) []fr.Element {
	n := 0
	for _, zero := range infinite {
		if !zero {
			n++
		}
	}
	rest := make([]fr.Element, 0, n)
	for i, zero := range infinite {
		if !zero {
			rest = append(rest, values[i])
		}
	}
	return rest
}
