package circuit

import (
	"math/rand/v2"
	"testing"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// rowsNet brings its input, times a weight, to the common scale, and gives the Softmax of its rows.
func rowsNet(t *testing.T, weight float64, scaleBits int, rows ...int) (*quant.Model, *quant.Plan) {
	t.Helper()
	one := [2]int{1, 1}
	n := 0
	for _, r := range rows {
		n += r
	}
	layer := func(weight float64) network.Linear {
		s := network.Shape{1, 1, n}
		return network.Linear{Weights: []float64{weight}, Bias: []float64{0},
			Geometry: network.Geometry{In: s, Out: s, Group: 1, Kernel: one, Stride: one, Dilation: one}}
	}
	var reads []network.Element
	for i := range n {
		reads = append(reads, network.Element(n+i))
	}
	net := &network.Network{InputDims: []int{1, n}, OutputDims: []int{1, n}, Stages: []network.Stage{
		{Name: "x", Linear: layer(weight)},
		{Name: "softmax", Linear: layer(1), Softmax: &network.Softmax{Rows: rows}, Reads: reads},
		{Name: "y", Linear: layer(1)},
	}}
	m, p, err := quant.Quantize(net, quant.Options{ScaleBits: scaleBits, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m, p
}

// The plan counts the constraints, what the challenge ties together is committed, and an input has one witness:
// values that are near, far apart, a single one, and a table whose step is coarser than the values'.
func TestSoftmaxHasOneWitness(t *testing.T) {
	for name, c := range map[string]struct {
		weight float64
		bits   int
		rows   []int
		excess bool
	}{
		"near": {0.2, 6, []int{3, 2}, false}, "far": {60, 6, []int{4}, true}, "single": {1, 6, []int{1, 2}, false},
	} {
		t.Run(name, func(t *testing.T) {
			m, p := rowsNet(t, c.weight, c.bits, c.rows...)
			if excess := p.Stages[1].High[0] > 0; excess != c.excess {
				t.Fatalf("excess is %v, expected %v", excess, c.excess)
			}
			system, err := Compile(m, p)
			if err != nil {
				t.Fatal(err)
			}
			const fixed = 3 // the scale, the commitment's mask, the table
			if got := system.GetNbConstraints(); got != p.Constraints+fixed {
				t.Errorf("%d constraints, the plan expects %d", got, p.Constraints+fixed)
			}
			checkChallenged(t, system)
			f := newTabled(t, m, system)
			if len(f.lookups) != p.Lookups {
				t.Fatalf("%d look-ups found, expected %d", len(f.lookups), p.Lookups)
			}
			r := rand.New(rand.NewPCG(5, 13))
			for seed := range uint64(4) {
				x := someInput(m, seed)
				values, public := valuesOf(t, m, p, x)
				if !f.accepts(t, public, values) {
					t.Fatal("the honest witness is refused")
				}
				for range 80 {
					forged, what := change(r, m, public, len(x), values)
					if f.accepts(t, public, forged) {
						t.Fatalf("accepted with %s", what)
					}
				}
			}
		})
	}
}
