package circuit

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark/backend/witness"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// Every output near the true one with every choice of limbs, for a few inputs of the smallest possible window: for
// each input one claim is accepted, the true one.
func TestEveryClaimAboutOneReluIsTried(t *testing.T) {
	one := [2]int{1, 1}
	g := network.Geometry{In: network.Shape{1, 1, 1}, Out: network.Shape{1, 1, 1}, Group: 1, Kernel: one, Stride: one, Dilation: one}
	net := &network.Network{InputDims: []int{1, 1}, OutputDims: []int{1, 1}, Stages: []network.Stage{
		{Name: "relu", Linear: network.Linear{Geometry: g, Weights: []float64{0.4}, Bias: []float64{0.05}}, Relu: true}}}
	m, p, err := quant.Quantize(net, quant.Options{ScaleBits: 4, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	system, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	f := &forger{system, lookupsOf(t, system), 1 << m.TableBits}
	if len(f.lookups) != 4 { // of the input, the output, and the two limbs of their difference
		t.Fatalf("%d look-ups, expected 4", len(f.lookups))
	}
	lo, hi := m.InputBounds()
	for x := lo; x <= hi; x += 3 {
		accepted := 0
		for y := int64(-20); y < 40; y++ {
			for high := int64(-1); high <= 1<<m.TableBits; high++ {
				values := []*big.Int{big.NewInt(int64(m.OutputBits())), big.NewInt(y), big.NewInt(x), big.NewInt(y), big.NewInt(high)}
				if f.accepts(t, 2, values) {
					accepted++
					if want := m.Infer(p, []int64{x}).Output()[0]; y != want {
						t.Errorf("input %d: output %d is accepted with a high limb %d, the true one is %d", x, y, high, want)
					}
				}
			}
		}
		if accepted != 1 {
			t.Errorf("input %d: %d claims are accepted, expected 1", x, accepted)
		}
	}
}

// Non-zero integers, each within its claimed size, whose sum is the field size.
func TestSumsThatWrapAroundAreRefused(t *testing.T) {
	const n, bits = 32, 249
	b := newBuilder(n)
	table := &table{builder: b, gates: b, reach: new(big.Int)}
	for _, w := range b.secret("v", n) {
		table.mustBeZero(b.wire(w), bits)
	}
	table.close()
	solve := func(values []any) error {
		w, err := witness.New(field)
		if err != nil {
			t.Fatal(err)
		}
		ch := make(chan any, n)
		for _, v := range values {
			ch <- v
		}
		close(ch)
		if err := w.Fill(0, n, ch); err != nil {
			t.Fatal(err)
		}
		return Solve(b.system, w)
	}
	honest, wrapping := make([]any, n), make([]any, n)
	left := new(big.Int).Set(field)
	for i := range n {
		v := new(big.Int).Div(left, big.NewInt(int64(n-i)))
		if v.BitLen() > bits {
			t.Fatalf("value %d has %d bits", i, v.BitLen())
		}
		honest[i], wrapping[i] = 0, v
		left.Sub(left, v)
	}
	if left.Sign() != 0 {
		t.Fatal("the sum is not the field's size")
	}
	if err := solve(honest); err != nil {
		t.Errorf("zeros are refused: %v", err)
	}
	if solve(wrapping) == nil {
		t.Error("a sum that wraps around the field is accepted as zero")
	}
}
