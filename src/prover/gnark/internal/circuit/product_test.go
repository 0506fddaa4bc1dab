package circuit

import (
	"math/big"
	"testing"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// Products that are off by one, by a step or by a fraction are refused, and accepted if nothing ties them to their
// factors.
func TestFalseProductsAreRefused(t *testing.T) {
	one := [2]int{1, 1}
	g := network.Geometry{In: network.Shape{2, 1, 1}, Out: network.Shape{2, 1, 1}, Group: 2, Kernel: one, Stride: one, Dilation: one}
	single := network.Geometry{In: network.Shape{1, 1, 1}, Out: network.Shape{1, 1, 1}, Group: 1, Kernel: one, Stride: one, Dilation: one}
	net := &network.Network{InputDims: []int{1, 2}, OutputDims: []int{1, 1}, Stages: []network.Stage{
		{Name: "x", Linear: network.Linear{Geometry: g, Weights: []float64{1, 3}, Bias: []float64{0, 0.5}}},
		{Name: "p", Product: true, Reads: []network.Element{2, 3}, Linear: network.Linear{Geometry: single, Weights: []float64{1}, Bias: []float64{0}}},
	}}
	m, p, err := quant.Quantize(net, quant.Options{ScaleBits: 6, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	system, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	weak := compileWith(t, m, p, &weakGates{skipProducts: true})
	const fixed = 3 // the scale, the commitment's mask, the table
	if got := system.GetNbConstraints(); got != p.Constraints+fixed || weak.GetNbConstraints() != got-1 {
		t.Errorf("%d constraints, %d without the product, the plan expects %d", got, weak.GetNbConstraints(), p.Constraints+fixed)
	}
	lo, hi := m.InputBounds()
	for _, x := range [][]int64{{9, -7}, {lo, hi}, {0, 5}, {-20, -21}} {
		trace := m.Infer(p, x)
		values, public := valuesOf(t, m, p, x)
		honest := forger{system, lookupsOf(t, system), 1 << m.TableBits}
		mutant := forger{weak, lookupsOf(t, weak), 1 << m.TableBits}
		if !honest.accepts(t, public, values) {
			t.Fatalf("the honest witness for %v is refused", x)
		}
		u, v := trace.Outputs[0][0], trace.Outputs[0][1]
		if want := (u*v + 32) >> 6; trace.Output()[0] != want {
			t.Fatalf("%d times %d is %d, expected %d", u, v, trace.Output()[0], want)
		}
		at := len(values) - int(p.Stages[1].Out[0]) - 1 // the product, then its rounded value and that one's upper limbs
		if values[at].Int64() != u*v {
			t.Fatalf("value %d is %v, expected the product %d", at, values[at], u*v)
		}
		for _, step := range []int64{1, -1, 2} { // whole steps: the rounded value moves with the product
			forged := append([]*big.Int{}, values...)
			forged[at] = big.NewInt(u*v + step<<6)
			forged[at+1] = big.NewInt(trace.Output()[0] + step)
			forged[1] = forged[at+1]
			upper := forged[at+1].Int64() + p.Stages[1].Offset[0]
			for i := at + 2; i < len(forged); i++ {
				upper >>= m.TableBits
				forged[i] = big.NewInt(upper & (1<<m.TableBits - 1))
			}
			if honest.accepts(t, public, forged) {
				t.Errorf("input %v: a product off by %d steps is accepted", x, step)
			}
			if !mutant.accepts(t, public, forged) {
				t.Errorf("input %v: without its constraint a product off by %d steps is refused, too", x, step)
			}
		}
	}
}
