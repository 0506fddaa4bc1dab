package circuit

import (
	"math/rand/v2"
	"testing"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// normNet brings its input to the common scale and normalises rows of three values.
func normNet(t *testing.T, weight float64, rows int) (*quant.Model, *quant.Plan) {
	t.Helper()
	one := [2]int{1, 1}
	n := 3 * rows
	layer := func(shape network.Shape, weights ...float64) network.Linear {
		return network.Linear{Weights: weights, Bias: make([]float64, shape[0]),
			Geometry: network.Geometry{In: shape, Out: shape, Group: shape[0], Kernel: one, Stride: one, Dilation: one}}
	}
	var weights []float64
	for range rows {
		weights = append(weights, 1, -0.5, 2)
	}
	net := &network.Network{InputDims: []int{1, n}, OutputDims: []int{1, n}, Stages: []network.Stage{
		{Name: "x", Linear: layer(network.Shape{1, 1, n}, weight)},
		{Name: "norm", Linear: layer(network.Shape{n, 1, 1}, weights...), Norm: &network.Norm{Size: 3, Epsilon: 1e-3}},
	}}
	m, p, err := quant.Quantize(net, quant.Options{ScaleBits: 6, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m, p
}

// The plan counts the constraints, what the challenge ties together is committed, and an input has one witness.
func TestNormalisationHasOneWitness(t *testing.T) {
	for _, weight := range []float64{1, 20} {
		m, p := normNet(t, weight, 2)
		system, err := Compile(m, p)
		if err != nil {
			t.Fatal(err)
		}
		const fixed = 3 // the scale, the commitment's mask, the table
		if got := system.GetNbConstraints(); got != p.Constraints+fixed {
			t.Errorf("%d constraints, the plan expects %d", got, p.Constraints+fixed)
		}
		checkChallenged(t, system)
		f := forger{system, lookupsOf(t, system), 1 << m.TableBits}
		if len(f.lookups) != p.Lookups {
			t.Fatalf("%d look-ups found, expected %d", len(f.lookups), p.Lookups)
		}
		r := rand.New(rand.NewPCG(5, 17))
		for seed := range uint64(5) {
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
	}
}
