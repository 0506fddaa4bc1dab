package multiexp

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// A number's digits, of any width, are small, add up to it, and are zero where its length says so; and of all
// representatives of the scalar it is the one closest to zero.
func TestDigitsAddUpToTheScalar(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	half := new(big.Int).Rsh(fr.Modulus(), 1)
	for kind, scalar := range scalarKinds {
		for i := range 200 {
			e := scalar(r, i)
			n := numberOf(&e)
			for w := 1; w <= 15; w++ {
				sum := new(big.Int)
				for at := 0; at <= numberBits; at += w {
					d := n.digit(at, w)
					if d > 1<<(w-1) || d < -1<<(w-1) {
						t.Fatalf("%s: digit %d of %d bits", kind, d, w)
					}
					if d != 0 && at > 0 && at > n.length() {
						t.Fatalf("%s: a digit at bit %d of a number of %d bits", kind, at, n.length())
					}
					sum.Add(sum, new(big.Int).Lsh(big.NewInt(int64(d)), uint(at)))
				}
				if sum.CmpAbs(half) > 0 {
					t.Fatalf("%s: %v is not the nearest to zero", kind, sum)
				}
				var back fr.Element
				if !back.SetBigInt(sum).Equal(&e) {
					t.Fatalf("%s, %d bits: digits of %v add up to %v", kind, w, e.String(), sum)
				}
			}
		}
	}
}
