package affine

import (
	"math/big"
	"testing"

	curve "github.com/consensys/gnark-crypto/ecc/bn254"
)

// Sums of two points, some of them equal and some opposite, in any number, alone or mixed with others.
func TestAdderAddsAnyTwoPoints(t *testing.T) {
	_, _, g1, g2 := curve.Generators()
	multiple1 := func(k int64) (p curve.G1Affine) { return *p.ScalarMultiplication(&g1, big.NewInt(k)) }
	multiple2 := func(k int64) (p curve.G2Affine) { return *p.ScalarMultiplication(&g2, big.NewInt(k)) }
	for name, pairs := range map[string][][2]int64{
		"different":            {{1, 2}, {5, -3}, {7, 4}},
		"the same":             {{3, 3}},
		"opposite":             {{4, -4}},
		"the same, all":        {{3, 3}, {1, 1}, {9, 9}},
		"opposite, all":        {{3, -3}, {-1, 1}},
		"some of each":         {{1, 2}, {3, 3}, {5, 6}, {7, -7}, {8, 8}, {9, 2}},
		"the same, at the end": {{1, 2}, {3, 4}, {5, 5}},
	} {
		t.Run(name, func(t *testing.T) {
			checkPairs(t, &G1, pairs, multiple1)
			checkPairs(t, &G2, pairs, multiple2)
		})
	}
}

func checkPairs[E comparable, Aff comparable](t *testing.T, g *Group[E, Aff], pairs [][2]int64, multiple func(int64) Aff) {
	t.Helper()
	w := NewAdder(g, len(pairs))
	for range 2 { // an adder can be reused
		points, out, expectOdd := make([]Aff, 2*len(pairs)), make([]Aff, len(pairs)), false
		for i, p := range pairs {
			points[2*i], points[2*i+1] = multiple(p[0]), multiple(p[1])
			expectOdd = expectOdd || p[0] == p[1] || p[0] == -p[1]
			w.Queue(i, &points[2*i], &points[2*i+1])
		}
		if !w.Full() {
			t.Error("it has more room than it was made with")
		}
		if odd := w.Add(out); odd != expectOdd {
			t.Errorf("equal or opposite points: %v, expected %v", odd, expectOdd)
		}
		for i, p := range pairs {
			if out[i] != multiple(p[0]+p[1]) {
				t.Errorf("%d + %d", p[0], p[1])
			}
		}
	}
	if w.Add(nil) {
		t.Error("nothing to add, but equal points")
	}
}
