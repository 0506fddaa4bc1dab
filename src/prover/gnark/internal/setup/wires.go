package setup

import (
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/constraint"
)

// wireParts are the scalars beta a_i + alpha b_i + c_i of all wires, by who adds them up: the verifier (over gamma:
// public wires, and the challenge, which it computes itself), the prover (over delta), or the prover's commitment
// (over gamma, so that the verifier can add the commitment to its own sum).
type wireParts struct{ public, private, committed []fr.Element }

func splitWires(a, b, c []fr.Element, s secrets, public int, commitment *constraint.Groth16Commitment) (p wireParts) {
	var overGamma, overDelta fr.Element
	overGamma.Inverse(&s.gamma)
	overDelta.Inverse(&s.delta)
	for i := range a {
		var v, w fr.Element
		v.Mul(&a[i], &s.beta)
		w.Mul(&b[i], &s.alpha)
		v.Add(&v, &w).Add(&v, &c[i])
		_, committed := slices.BinarySearch(commitment.PrivateCommitted, i)
		switch {
		case i < public || i == commitment.CommitmentIndex:
			p.public = append(p.public, *v.Mul(&v, &overGamma))
		case committed:
			p.committed = append(p.committed, *v.Mul(&v, &overGamma))
		default:
			p.private = append(p.private, *v.Mul(&v, &overDelta))
		}
	}
	return p
}
