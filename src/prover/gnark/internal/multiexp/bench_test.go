package multiexp

import (
	"math/rand/v2"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	curve "github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// Compared with gnark-crypto's own, for scalars anywhere in the field, as in a proof's quotient, and with two in
// three scalars limbs of twelve bits, roughly as in a witness.
func BenchmarkSum(b *testing.B) {
	const n = 1 << 16
	points := randomPoints(b, n)
	scalars := map[string][]fr.Element{"uniform": make([]fr.Element, n), "witness": make([]fr.Element, n)}
	for i := range n {
		scalars["uniform"][i].SetRandom()
		scalars["witness"][i].SetUint64(rand.Uint64N(1 << 12))
		if i%3 == 0 {
			scalars["witness"][i].SetRandom()
		}
	}
	for kind, list := range scalars {
		b.Run(kind+"/gnark-crypto", func(b *testing.B) {
			for b.Loop() {
				var sum curve.G1Jac
				if _, err := sum.MultiExp(points, list, ecc.MultiExpConfig{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(kind+"/ours", func(b *testing.B) {
			for b.Loop() {
				Of(Sum{Points: points, Scalars: list})
			}
		})
	}
}
