package prover

import (
	"fmt"
	"math/big"

	curve "github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/hash_to_field"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/pedersen"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/constraint"
	bn254cs "github.com/consensys/gnark/constraint/bn254"
	"github.com/consensys/gnark/constraint/solver"
	fcs "github.com/consensys/gnark/frontend/cs"

	"provemark/gnark/internal/multiexp"
)

// commitment is the one that a system asks for, if any: Pedersen's, to some of its secret wires. The solver gets its
// hash as the value of one wire, the challenge.
type commitment struct {
	info   *constraint.Groth16Commitment // nil without a commitment
	key    pedersen.ProvingKey
	public int
	values []fr.Element
	point  curve.G1Affine
}

func newCommitment(system *bn254cs.R1CS, pk *groth16.ProvingKey) (*commitment, error) {
	c := &commitment{public: system.GetNbPublicVariables()}
	infos, ok := system.CommitmentInfo.(constraint.Groth16Commitments)
	if !ok || len(infos) > 1 {
		return nil, fmt.Errorf("expected a system with one commitment or none, given %d", len(infos))
	}
	if len(infos) != len(pk.CommitmentKeys) {
		return nil, fmt.Errorf("%w: commitments, expected %d, given %d", ErrKey, len(infos), len(pk.CommitmentKeys))
	}
	if len(infos) == 1 {
		c.info, c.key = &infos[0], pk.CommitmentKeys[0]
	}
	return c, checkKey(system, pk, c)
}

func (c *commitment) solverOptions() []solver.Option {
	if c.info == nil {
		return nil
	}
	return []solver.Option{solver.OverrideHint(solver.GetHintID(fcs.Bsb22CommitmentComputePlaceholder), c.challenge)}
}

// challenge makes the commitment and hashes it together with the public values that belong to it. Its arguments are
// the commitment's number, those public values, and the values to commit to.
func (c *commitment) challenge(_ *big.Int, in, out []*big.Int) error {
	public := in[1 : 1+len(c.info.PublicAndCommitmentCommitted)]
	secret := in[1+len(public):]
	c.values = make([]fr.Element, len(secret))
	for i, v := range secret {
		c.values[i].SetBigInt(v)
	}
	c.point.FromJacobian(&multiexp.Of(multiexp.Sum{Points: c.key.Basis, Scalars: c.values})[0])
	hash := hash_to_field.New([]byte(constraint.CommitmentDst))
	hash.Write(constraint.SerializeCommitment(c.point.Marshal(), public, fr.Bytes))
	var e fr.Element
	e.SetBytes(hash.Sum(nil))
	e.BigInt(out[0])
	return nil
}

// othersWires are the wires that the prover does not add up under its own key: the public ones and the challenge,
// which the verifier adds, and those committed to.
func (c *commitment) othersWires(n int) []bool {
	others := make([]bool, n)
	for i := range c.public {
		others[i] = true
	}
	if c.info != nil {
		others[c.info.CommitmentIndex] = true
		for _, wire := range c.info.PrivateCommitted {
			others[wire] = true
		}
	}
	return others
}

func (c *commitment) addTo(proof *groth16.Proof, knowledge *curve.G1Jac) {
	if c.info != nil {
		proof.Commitments = []curve.G1Affine{c.point}
	}
	proof.CommitmentPok.FromJacobian(knowledge)
}
