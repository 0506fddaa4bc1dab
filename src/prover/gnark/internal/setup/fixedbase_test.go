package setup

import (
	"math/big"
	"runtime"
	"testing"

	curve "github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"provemark/gnark/internal/affine"
)

func TestMultiplesAreScalarMultiplications(t *testing.T) {
	_, _, g1, g2 := curve.Generators()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	scalars := make([]fr.Element, 5*batchSize+3) // pieces of more than a batch, the last one short
	for i := range scalars {
		scalars[i].SetRandom()
	}
	for i := range fr.Bits { // digits that are zero, one, or all that a digit can be
		power := new(big.Int).Lsh(big.NewInt(1), uint(i))
		scalars[2*i].SetBigInt(power)
		scalars[2*i+1].SetBigInt(power.Sub(power, big.NewInt(1)))
	}
	scalars[600].SetZero()
	scalars[601].SetInt64(-1)
	scalars[602].SetInt64(-2)
	in1, in2 := multiples(&affine.G1, g1, scalars), multiples(&affine.G2, g2, scalars)
	for i := range scalars {
		k := scalars[i].BigInt(new(big.Int))
		var p curve.G1Affine
		var q curve.G2Affine
		if in1[i] != *p.ScalarMultiplication(&g1, k) || in2[i] != *q.ScalarMultiplication(&g2, k) {
			t.Errorf("scalar %v", k)
		}
	}
}
