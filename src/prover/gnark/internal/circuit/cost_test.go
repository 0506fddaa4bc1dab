package circuit

import (
	"fmt"
	"testing"

	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/r1cs"
	"github.com/consensys/gnark/std/rangecheck"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// chain is an 8x8 input multiplied by reach, then optionally pooled and cut off at zero, and a last layer that sums
// up everything: it costs one equality and keeps the stage before from being the output.
func chain(reach float64, stages ...network.Stage) *network.Network {
	one := [2]int{1, 1}
	shape := network.Shape{1, 8, 8}
	net := &network.Network{InputDims: []int{1, 1, 8, 8}, OutputDims: []int{1, 1}}
	for _, s := range stages {
		g := network.Geometry{In: shape, Out: shape, Group: 1, Kernel: one, Stride: one, Dilation: one}
		s.Linear = network.Linear{Geometry: g, Weights: []float64{reach}, Bias: []float64{0}}
		if s.Pool != nil {
			s.Pool = &network.Geometry{In: shape, Out: network.Shape{1, 4, 4}, Group: 1, Kernel: [2]int{2, 2}, Stride: [2]int{2, 2}, Dilation: one}
		}
		net.Stages = append(net.Stages, s)
		shape = s.Out()
	}
	sum := network.Geometry{In: network.Shape{shape.Size(), 1, 1}, Out: network.Shape{1, 1, 1}, Group: 1, Kernel: one, Stride: one, Dilation: one}
	weights := make([]float64, shape.Size())
	for i := range weights {
		weights[i] = 1 / float64(len(weights))
	}
	net.Stages = append(net.Stages, network.Stage{Name: "sum", Linear: network.Linear{Geometry: sum, Weights: weights, Bias: []float64{0}}})
	return net
}

// Measured cost of the gadgets: constraints of a compiled model minus those of the model without the gadget, per
// output. `go test ./internal/circuit -run GadgetCosts -v` prints the table of docs/gnark.md; this test fails if any
// figure changes.
func TestGadgetCosts(t *testing.T) {
	constraints := func(bits int, net *network.Network) int {
		t.Helper()
		m, p, err := quant.Quantize(net, quant.Options{ScaleBits: bits, Lo: -1, Hi: 1})
		if err != nil {
			t.Fatal(err)
		}
		if m.TableBits != bits {
			t.Fatalf("a table of %d bits was chosen, expected %d", m.TableBits, bits)
		}
		system, err := Compile(m, p)
		if err != nil {
			t.Fatal(err)
		}
		return system.GetNbConstraints()
	}
	relu, pool, both := network.Stage{Relu: true}, network.Stage{Pool: &network.Geometry{}}, network.Stage{Relu: true, Pool: &network.Geometry{}}
	t.Logf("%5s %6s %8s %14s %14s %16s", "bits", "values", "rescale", "rescale+ReLU", "rescale+max4", "rescale+max4+ReLU")
	for _, row := range []struct {
		bits  int
		reach float64
		want  [4]int
	}{ // the wider the range of the values, the more limbs they have
		{12, 0.25, [4]int{2, 4, 12, 13}},
		{12, 4, [4]int{3, 6, 17, 18}},
		{12, 1000, [4]int{3, 6, 17, 18}},
		{14, 0.25, [4]int{2, 4, 12, 13}},
		{14, 4, [4]int{3, 6, 17, 18}},
		{8, 4, [4]int{3, 6, 17, 18}},
	} {
		without := constraints(row.bits, chain(row.reach))
		var got [4]int
		for i, s := range []network.Stage{{}, relu, pool, both} {
			outputs := 64
			if s.Pool != nil {
				outputs = 16
			}
			extra := constraints(row.bits, chain(row.reach, s)) - without
			if s.Pool != nil || s.Relu {
				extra-- // one for the whole circuit: the sum of all products is zero
			}
			if extra%outputs != 0 {
				t.Errorf("%d constraints for %d outputs", extra, outputs)
			}
			got[i] = extra / outputs
		}
		t.Logf("%5d %6s %8d %14d %14d %16d", row.bits, fmt.Sprintf("±%v", row.reach), got[0], got[1], got[2], got[3])
		if got != row.want {
			t.Errorf("%d bits, values to %v: %v constraints, expected %v", row.bits, row.reach, got, row.want)
		}
	}
}

// Measured cost per value of the other gadgets of one value, rescaling included, and of the tables of functions.
func TestCostsOfSingleValues(t *testing.T) {
	count := func(net *network.Network) int {
		t.Helper()
		m, p, err := quant.Quantize(net, quant.Options{ScaleBits: 12, Lo: -1, Hi: 1})
		if err != nil {
			t.Fatal(err)
		}
		if m.TableBits != 12 {
			t.Fatalf("a table of %d bits was chosen, expected 12", m.TableBits)
		}
		system, err := Compile(m, p)
		if err != nil {
			t.Fatal(err)
		}
		entries := 0
		for i := range m.Tables {
			entries += m.Tables[i].Entries() + 1
		}
		return system.GetNbConstraints() - entries
	}
	const values = 64
	squares := func(reach float64) *network.Network {
		net := chain(reach, network.Stage{})
		s := net.Stages[0]
		s.Product, s.Linear.Weights = true, []float64{1}
		for i := range 2 * values {
			s.Reads = append(s.Reads, network.Element(values+i%values))
		}
		net.Stages = []network.Stage{net.Stages[0], s, net.Stages[1]}
		return net
	}
	for _, row := range []struct {
		name                string
		net, without        func(reach float64) *network.Network
		narrow, middle, far int // values to 0.25, 4 and 1000
	}{
		{"step", jumpChain(network.Step), plainChain, 4, 5, 5},
		{"floor", jumpChain(network.Floor), plainChain, 3, 3, 3},
		{"sigmoid", functionChain("Sigmoid"), plainChain, 3, 5, 11},
		{"product", squares, rescaledChain, 3, 4, 5},
	} {
		var got [3]int
		for i, reach := range []float64{0.25, 4, 1000} {
			extra := count(row.net(reach)) - count(row.without(reach))
			if extra%values != 0 {
				t.Errorf("%s: %d constraints for %d values", row.name, extra, values)
			}
			got[i] = extra / values
		}
		t.Logf("%8s: %v constraints for values to 0.25, 4 and 1000", row.name, got)
		if want := [3]int{row.narrow, row.middle, row.far}; got != want {
			t.Errorf("%s: %v constraints, expected %v", row.name, got, want)
		}
	}
}

func plainChain(reach float64) *network.Network    { return chain(reach) }
func rescaledChain(reach float64) *network.Network { return chain(reach, network.Stage{}) }

func jumpChain(j network.Jump) func(float64) *network.Network {
	return func(reach float64) *network.Network { return chain(reach, network.Stage{Jump: j}) }
}

func functionChain(name string) func(float64) *network.Network {
	return func(reach float64) *network.Network {
		return chain(reach, network.Stage{Function: &network.Function{Name: name}})
	}
}

// checks are range checks of 24 bits by gnark's own package.
type checks struct{ V []frontend.Variable }

func (c *checks) Define(api frontend.API) error {
	r := rangecheck.New(api)
	for _, v := range c.V {
		r.Check(v, 24)
	}
	return nil
}

// A value of two limbs costs two look-ups here; gnark's std/rangecheck adds an equality.
func TestLookUpsCostLessThanGnarksRangeChecks(t *testing.T) {
	count := func(n int) int {
		system, err := frontend.Compile(field, r1cs.NewBuilder, &checks{make([]frontend.Variable, n)})
		if err != nil {
			t.Fatal(err)
		}
		return system.GetNbConstraints()
	}
	const more = 1000
	gnarks := float64(count(4000+more)-count(4000)) / more
	t.Logf("a range check of 24 bits: %v constraints in gnark's std/rangecheck, 2 look-ups of 12 bits here", gnarks)
	if gnarks <= 2 {
		t.Errorf("gnark's take %v constraints: use them", gnarks)
	}
}

// What docs/gnark.md says of the gadgets of attention, at 12 bits, from models that differ in their number of values
// alone: constraints without those of the range table, of the input, its rescaling, and the output.
func TestAttentionCosts(t *testing.T) {
	for weight, want := range map[float64]int{1: 7, 100: 9} {
		row := func(n ...int) int {
			m, p := rowsNet(t, weight, 12, n...)
			if m.TableBits != 12 {
				t.Fatalf("%d table bits, expected 12", m.TableBits)
			}
			return p.Constraints - m.InputSize()*(3+int(p.Stages[0].Out[0]))
		}
		value := (row(64) - row(32)) / 32
		if besides := row(32, 32) - row(32) - 32*value; value != want || besides != 6 {
			t.Errorf("Softmax of values in ±%v: %d per value and %d per row, expected %d and 6", weight, value, besides, want)
		}
	}
	for _, c := range []struct{ rows, inner, cols, want int }{{16, 16, 16, 755}, {64, 16, 64, 6133}, {1, 16, 16, 256}} {
		m, p := matrixNet(t, network.Matrices{Count: 1, Rows: c.rows, Inner: c.inner, Cols: c.cols, Factor: 1})
		if got := p.Constraints - 1<<m.TableBits - p.Lookups - c.rows*c.cols; got != c.want {
			t.Errorf("%d x %d times %d x %d: %d constraints, expected %d", c.rows, c.inner, c.inner, c.cols, got, c.want)
		}
	}
}
