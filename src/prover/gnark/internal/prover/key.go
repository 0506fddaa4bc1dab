package prover

import (
	"errors"
	"fmt"

	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
	bn254cs "github.com/consensys/gnark/constraint/bn254"
)

// ErrKey means that a key does not belong to the system.
var ErrKey = errors.New("the key is of another system")

// checkKey compares the sizes of a key with those that the system needs, so that a key of another system is an error,
// instead of points paired with wrong values or none.
func checkKey(system *bn254cs.R1CS, pk *groth16.ProvingKey, c *commitment) error {
	internal, secret, public := system.GetNbVariables()
	wires := internal + secret + public
	committed, private := 0, internal+secret
	if c.info != nil {
		committed = len(c.info.PrivateCommitted)
		private -= committed + 1
	}
	for _, size := range []struct {
		what            string
		given, expected int
	}{
		{"wires in A", len(pk.InfinityA), wires},
		{"wires in B", len(pk.InfinityB), wires},
		{"points of A", len(pk.G1.A), wires - int(pk.NbInfinityA)},
		{"points of B", len(pk.G1.B), wires - int(pk.NbInfinityB)},
		{"points of B in the second group", len(pk.G2.B), wires - int(pk.NbInfinityB)},
		{"points of private wires", len(pk.G1.K), private},
		{"points of the quotient", len(pk.G1.Z), int(pk.Domain.Cardinality) - 1},
		{"points of the commitment", len(c.key.Basis), committed},
		{"points of its proof of knowledge", len(c.key.BasisExpSigma), committed},
	} {
		if size.given != size.expected {
			return fmt.Errorf("%w: %s, expected %d, given %d", ErrKey, size.what, size.expected, size.given)
		}
	}
	if n := system.GetNbConstraints(); uint64(n) > pk.Domain.Cardinality {
		return fmt.Errorf("%w: constraints, expected at most %d, given %d", ErrKey, pk.Domain.Cardinality, n)
	}
	return nil
}
