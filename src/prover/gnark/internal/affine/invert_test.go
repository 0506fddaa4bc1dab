package affine

import (
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
)

func TestInvertAnyNumber(t *testing.T) {
	for n := 1; n < 40; n++ {
		v := make([]fp.Element, n)
		for i := range v {
			v[i].SetUint64(uint64(i*i + 7))
		}
		inverses := append([]fp.Element{}, v...)
		G1.invert(inverses, make([]fp.Element, 3*n))
		for i := range v {
			if !v[i].Mul(&v[i], &inverses[i]).IsOne() {
				t.Errorf("element %d of %d is not inverted", i, n)
			}
		}
	}
}
