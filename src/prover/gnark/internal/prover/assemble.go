package prover

import (
	"math/big"

	curve "github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
)

// drawBlinding draws the two scalars that hide the witness.
func drawBlinding() (r, s fr.Element, err error) {
	if _, err = r.SetRandom(); err == nil {
		_, err = s.SetRandom()
	}
	return r, s, err
}

// assemble computes A = alpha + a + r delta, B = beta + b + s delta and C = c + s A + r B - r s delta, from
// a and b, the sums of the key's points for them, and c, that of the points for C.
func assemble(pk *groth16.ProvingKey, r, s fr.Element, a, b curve.G1Jac, b2 *curve.G2Jac, c *curve.G1Jac) *groth16.Proof {
	var rInt, sInt, rsInt big.Int
	var rs fr.Element
	rs.Mul(&r, &s).Neg(&rs).BigInt(&rsInt)
	r.BigInt(&rInt)
	s.BigInt(&sInt)
	var delta, t curve.G1Jac
	delta.FromAffine(&pk.G1.Delta)
	a.AddMixed(&pk.G1.Alpha).AddAssign(t.ScalarMultiplication(&delta, &rInt))
	b.AddMixed(&pk.G1.Beta).AddAssign(t.ScalarMultiplication(&delta, &sInt))
	c.AddAssign(t.ScalarMultiplication(&delta, &rsInt))
	c.AddAssign(t.ScalarMultiplication(&a, &sInt))
	c.AddAssign(t.ScalarMultiplication(&b, &rInt))

	var delta2 curve.G2Jac
	delta2.FromAffine(&pk.G2.Delta)
	b2.AddMixed(&pk.G2.Beta).AddAssign(delta2.ScalarMultiplication(&delta2, &sInt))

	proof := &groth16.Proof{}
	proof.Ar.FromJacobian(&a)
	proof.Bs.FromJacobian(b2)
	proof.Krs.FromJacobian(c)
	return proof
}
