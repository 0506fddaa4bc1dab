package circuit

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// indexNet takes one of three rows of two constants at each of two indices.
func indexNet(t *testing.T) (*quant.Model, *quant.Plan) {
	t.Helper()
	one := [2]int{1, 1}
	flat := network.Shape{1, 1, 6}
	net := &network.Network{InputDims: []int{2}, OutputDims: []int{2, 2}, Inputs: []network.Input{{Name: "i", Size: 2, Kind: network.Integer, Below: 3}},
		Stages: []network.Stage{
			{Name: "index", OneHot: 3, Reads: []network.Element{0, 1}, Linear: network.Linear{Weights: []float64{1}, Bias: []float64{0},
				Geometry: network.Geometry{In: flat, Out: flat, Group: 1, Kernel: one, Stride: one, Dilation: one}}},
			{Name: "rows", Linear: network.Linear{Weights: []float64{0.5, -1, 0.25, 1, 0, -0.75}, Bias: []float64{0, 0},
				Geometry: network.Geometry{In: network.Shape{3, 2, 1}, Out: network.Shape{2, 2, 1}, Group: 1, Kernel: one, Stride: one, Dilation: one}}},
		}}
	m, p, err := quant.Quantize(net, quant.Options{ScaleBits: 6, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m, p
}

// Indices have one witness; other ones, in part or twice, are accepted only without the constraint that refuses them.
func TestIndicesHaveOneWitness(t *testing.T) {
	m, p := indexNet(t)
	system := compileCounted(t, m, p)
	f := forger{system, lookupsOf(t, system), 1 << m.TableBits}
	oneWitness(t, &f, m, p, rand.New(rand.NewPCG(5, 19)), 200, []int64{0, 2}, []int64{1, 1}, []int64{2, 0})
	x := []int64{1, 2}
	values, public := valuesOf(t, m, p, x)
	half := new(big.Int).ModInverse(big.NewInt(2), field)
	const ones, place = 1, 2 // equalities of the first index follow that of the scale
	for name, c := range map[string]struct {
		first [3]*big.Int // the ones of the first index
		weak  *weakGates
	}{
		"halves":         {[3]*big.Int{half, new(big.Int), half}, &weakGates{skipProducts: true}},
		"none":           {[3]*big.Int{new(big.Int), big.NewInt(1), big.NewInt(1)}, &weakGates{skipEqualities: set(ones, place)}},
		"another":        {[3]*big.Int{big.NewInt(1), new(big.Int), new(big.Int)}, &weakGates{skipEqualities: set(place)}},
		"one and a zero": {[3]*big.Int{big.NewInt(1), big.NewInt(1), new(big.Int)}, &weakGates{skipEqualities: set(ones)}},
	} {
		forged := append([]*big.Int{}, values...)
		at := public + len(x)
		weights := m.Stages[1].Weights
		for k := range 2 { // the outputs that follow
			sum := new(big.Int)
			for v, one := range c.first {
				forged[at+2*v] = one
				sum.Add(sum, new(big.Int).Mul(one, big.NewInt(weights[3*k+v])))
			}
			forged[1+2*k] = sum.Mod(sum, field)
		}
		if f.accepts(t, public, forged) {
			t.Errorf("%s: accepted", name)
		}
		weak := compileWith(t, m, p, c.weak)
		if f := (forger{weak, lookupsOf(t, weak), 1 << m.TableBits}); !f.accepts(t, public, forged) {
			t.Errorf("%s: the mutant refuses it, too", name)
		}
	}
}
