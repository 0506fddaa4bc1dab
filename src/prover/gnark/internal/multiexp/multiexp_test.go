package multiexp

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	curve "github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

func randomScalars(n int) []fr.Element {
	list := make([]fr.Element, n)
	for i := range list {
		list[i].SetRandom()
	}
	return list
}

func randomPoints(t testing.TB, n int) []curve.G1Affine {
	t.Helper()
	_, _, g, _ := curve.Generators()
	return curve.BatchScalarMultiplicationG1(&g, randomScalars(n))
}

// scalarKinds are the kinds of scalars to test; each gives the one at i.
var scalarKinds = map[string]func(r *rand.Rand, i int) (e fr.Element){
	"uniform":            func(*rand.Rand, int) (e fr.Element) { e.SetRandom(); return e },
	"zero":               func(*rand.Rand, int) (e fr.Element) { return e },
	"one":                func(*rand.Rand, int) (e fr.Element) { return *e.SetOne() },
	"minus one":          func(*rand.Rand, int) (e fr.Element) { return *e.SetInt64(-1) },
	"one or minus one":   func(r *rand.Rand, _ int) (e fr.Element) { return *e.SetInt64(2*r.Int64N(2) - 1) },
	"small":              func(r *rand.Rand, _ int) (e fr.Element) { return *e.SetInt64(r.Int64N(4096)) },
	"small, either sign": func(r *rand.Rand, _ int) (e fr.Element) { return *e.SetInt64(r.Int64N(300) - 150) },
	"mostly small": func(r *rand.Rand, i int) (e fr.Element) {
		if i%50 == 0 {
			e.SetRandom()
			return e
		}
		return *e.SetInt64(r.Int64N(3))
	},
	"powers of two and their neighbours": func(r *rand.Rand, i int) (e fr.Element) {
		v := new(big.Int).Lsh(big.NewInt(1), uint(r.IntN(fr.Bits)))
		e.SetBigInt(v.Add(v, big.NewInt(r.Int64N(3)-1)))
		if r.IntN(2) == 0 {
			e.Neg(&e)
		}
		return e
	},
	"half the order": func(r *rand.Rand, i int) (e fr.Element) {
		v := new(big.Int).Rsh(fr.Modulus(), 1)
		return *e.SetBigInt(v.Add(v, big.NewInt(r.Int64N(3)-1)))
	},
}

// pointKinds change a list of random points.
var pointKinds = map[string]func(points []curve.G1Affine){
	"all different": func([]curve.G1Affine) {},
	"all the same": func(points []curve.G1Affine) {
		for i := range points {
			points[i] = points[0]
		}
	},
	"a few, many times": func(points []curve.G1Affine) {
		for i := range points {
			points[i] = points[i%3]
		}
	},
	"opposite pairs": func(points []curve.G1Affine) {
		for i := 1; i < len(points); i += 2 {
			points[i].Neg(&points[i-1])
		}
	},
	"one and its opposite": func(points []curve.G1Affine) {
		for i := range points {
			points[i] = points[0]
			if i%2 == 1 {
				points[i].Neg(&points[0])
			}
		}
	},
	"some at infinity": func(points []curve.G1Affine) {
		for i := 0; i < len(points); i += 3 {
			points[i] = curve.G1Affine{}
		}
	},
	"all at infinity": func(points []curve.G1Affine) { clear(points) },
}

func checkSum(t *testing.T, points []curve.G1Affine, scalars []fr.Element, sum curve.G1Jac) {
	t.Helper()
	var expected curve.G1Jac
	if _, err := expected.MultiExp(points, scalars, ecc.MultiExpConfig{}); err != nil {
		t.Fatal(err)
	}
	if !sum.Equal(&expected) {
		t.Errorf("differs from gnark-crypto's")
	}
}

func TestSumsAreGnarkCryptos(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	different := randomPoints(t, 1000)
	for pointKind, change := range pointKinds {
		for scalarKind, scalar := range scalarKinds {
			for _, n := range []int{0, 1, 2, 3, 1000} {
				points, scalars := append([]curve.G1Affine{}, different[:n]...), make([]fr.Element, n)
				change(points)
				for i := range scalars {
					scalars[i] = scalar(r, i)
				}
				t.Run(fmt.Sprintf("%d points, %s, times %s", n, pointKind, scalarKind), func(t *testing.T) {
					checkSum(t, points, scalars, Of(Sum{Points: points, Scalars: scalars})[0])
				})
			}
		}
	}
}

// Sums of many points: in several pieces, with windows in several parts, on one thread and on many.
func TestLargeSums(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const n = 3*pieceSize + 5
	points := randomPoints(t, n)
	for i := 0; i < n; i += 100 {
		points[i] = points[i/2]
	}
	for _, threads := range []int{1, 2, 16} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
		for _, kind := range []string{"uniform", "one", "small", "mostly small"} {
			scalars := make([]fr.Element, n)
			for i := range scalars {
				scalars[i] = scalarKinds[kind](r, i)
			}
			t.Run(fmt.Sprintf("%s, %d threads", kind, threads), func(t *testing.T) {
				checkSum(t, points, scalars, Of(Sum{Points: points, Scalars: scalars})[0])
			})
		}
	}
}

func TestScalarsWithoutPoints(t *testing.T) {
	points, scalars := randomPoints(t, 60), randomScalars(100)
	skip, rest := make([]bool, 100), []fr.Element{}
	for i := range skip {
		if skip[i] = i%5 < 2; !skip[i] {
			rest = append(rest, scalars[i])
		}
	}
	checkSum(t, points, rest, Of(Sum{points, scalars, skip})[0])
}

func TestSeveralSumsAtOnce(t *testing.T) {
	var sums []Sum
	for _, n := range []int{5, 0, 3000, 1} {
		sums = append(sums, Sum{Points: randomPoints(t, n), Scalars: randomScalars(n)})
	}
	for i, sum := range Of(sums...) {
		checkSum(t, sums[i].Points, sums[i].Scalars, sum)
	}
	if len(Of()) != 0 {
		t.Error("no sums give some")
	}
}
