package circuit

import (
	"bytes"
	"math/big"
	"runtime"
	"testing"

	"github.com/consensys/gnark/constraint"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// smallCNN has every kind of stage: a padded convolution with overlapping pools and ReLU, an average
// pool that may be negative, a dense layer with ReLU, and a raw one.
func smallCNN(t *testing.T) (*quant.Model, *quant.Plan) {
	t.Helper()
	one, two, three := [2]int{1, 1}, [2]int{2, 2}, [2]int{3, 3}
	conv := network.Geometry{In: network.Shape{2, 6, 6}, Out: network.Shape{4, 6, 6}, Group: 2, Kernel: three, Stride: one, Dilation: one, Pad: one}
	pool := network.Geometry{In: conv.Out, Out: network.Shape{4, 5, 5}, Group: 4, Kernel: two, Stride: one, Dilation: one}
	average := network.Geometry{In: pool.Out, Out: network.Shape{4, 2, 2}, Group: 4, Kernel: two, Stride: two, Dilation: one}
	hidden := network.Geometry{In: network.Shape{16, 1, 1}, Out: network.Shape{5, 1, 1}, Group: 1, Kernel: one, Stride: one, Dilation: one}
	last := network.Geometry{In: network.Shape{5, 1, 1}, Out: network.Shape{3, 1, 1}, Group: 1, Kernel: one, Stride: one, Dilation: one}
	net := &network.Network{InputDims: []int{1, 2, 6, 6}, OutputDims: []int{1, 3}, Stages: []network.Stage{
		{Name: "conv", Linear: network.Linear{Geometry: conv, Weights: waves(36), Bias: waves(4)}, Pool: &pool, Relu: true},
		{Name: "shift", Linear: network.Linear{Geometry: average, Average: true, Divisor: 4, Bias: []float64{-1, -2, 0, 1}}},
		{Name: "hidden", Linear: network.Linear{Geometry: hidden, Weights: waves(80), Bias: waves(5)}, Relu: true},
		{Name: "last", Linear: network.Linear{Geometry: last, Weights: waves(15), Bias: waves(3)}},
	}}
	m, p, err := quant.Quantize(net, quant.Options{ScaleBits: 7, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m, p
}

// waves are n numbers of both signs below 1.
func waves(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = float64((i*37+11)%41-20) / 21
	}
	return v
}

func solvable(t *testing.T, m *quant.Model, p *quant.Plan, system constraint.ConstraintSystem, x []int64) error {
	t.Helper()
	a, err := Assign(m, p, m.Infer(p, x))
	if err != nil {
		t.Fatal(err)
	}
	w, err := a.Witness()
	if err != nil {
		t.Fatal(err)
	}
	return Solve(system, w)
}

func TestEveryInputInRangeHasAWitness(t *testing.T) {
	m, p := smallCNN(t)
	system, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	lo, hi := m.InputBounds()
	for seed := range 20 {
		x := make([]int64, m.InputSize())
		for i := range x {
			x[i] = []int64{lo, hi, 0, lo + int64(i*7+seed)%(hi-lo+1)}[(i*i+seed*3)%4]
		}
		if err := solvable(t, m, p, system, x); err != nil {
			t.Fatalf("input %v: %v", x, err)
		}
	}
}

func TestCountersAreThoseOfTheSystem(t *testing.T) {
	m, p := smallCNN(t)
	system, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	c := Count(system, p)
	rows := system.GetR1Cs()
	terms, wires := 0, map[int]bool{}
	for _, r := range rows {
		for _, l := range []constraint.LinearExpression{r.L, r.R, r.O} {
			terms += len(l)
			for _, term := range l {
				wires[term.WireID()] = true
			}
		}
	}
	if c.Constraints != len(rows) || c.Terms != terms {
		t.Errorf("counted %d constraints and %d terms, the rows have %d and %d", c.Constraints, c.Terms, len(rows), terms)
	}
	if vars := c.Internal + c.Secret + c.Public; vars != len(wires) {
		t.Errorf("counted %d variables, the rows use %d", vars, len(wires))
	}
	if want := 1 + 1 + m.OutputSize(); c.Public != want { // the constant, the scale, the output
		t.Errorf("counted %d public variables, expected %d", c.Public, want)
	}
	if want := m.InputSize() + p.Aux + 1<<m.TableBits; c.Secret != want {
		t.Errorf("counted %d secret variables, expected %d", c.Secret, want)
	}
	counting := &weakGates{}
	compileWith(t, m, p, counting)
	if c.Lookups != counting.lookups {
		t.Errorf("counted %d look-ups, the circuit makes %d", c.Lookups, counting.lookups)
	}
	const fixed = 4 // the scale, the commitment's mask, the sum of products, the table
	if got := p.Constraints + fixed; got != len(rows) {
		t.Errorf("the plan expects %d constraints, the circuit has %d", got, len(rows))
	}
}

// The right factors cost the prover three times as much as the left ones. Of the solver's wires, which are large and
// many, only the challenge may be there.
func TestRightFactorsAreFewAndSmall(t *testing.T) {
	m, p := smallCNN(t)
	system, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	large := map[int]bool{}
	for _, r := range system.GetR1Cs() {
		for _, term := range r.R {
			if i := term.WireID(); i >= system.GetNbPublicVariables()+system.GetNbSecretVariables() {
				large[i] = true
			}
		}
	}
	if len(large) > 1 {
		t.Errorf("%d of the solver's wires are right factors, expected the challenge alone", len(large))
	}
}

func TestSameBytesOnAnyNumberOfThreads(t *testing.T) {
	var first []byte
	for _, threads := range []int{1, 2, 2} {
		before := runtime.GOMAXPROCS(threads)
		m, p := smallCNN(t)
		system, err := Compile(m, p)
		var b bytes.Buffer
		if err == nil {
			_, err = system.WriteTo(&b)
		}
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b.Bytes()
		}
		if !bytes.Equal(first, b.Bytes()) {
			t.Fatalf("with %d threads the circuit has other bytes", threads)
		}
	}
}

// A pool of 49 elements has a product that may exceed the field size, so it is checked separately.
func TestLargePoolWindow(t *testing.T) {
	one, seven := [2]int{1, 1}, [2]int{7, 7}
	conv := network.Geometry{In: network.Shape{1, 7, 7}, Out: network.Shape{1, 7, 7}, Group: 1, Kernel: one, Stride: one, Dilation: one}
	pool := network.Geometry{In: conv.Out, Out: network.Shape{1, 1, 1}, Group: 1, Kernel: seven, Stride: one, Dilation: one}
	net := &network.Network{InputDims: []int{1, 1, 7, 7}, OutputDims: []int{1, 1, 1, 1}, Stages: []network.Stage{
		{Name: "pool", Linear: network.Linear{Geometry: conv, Weights: []float64{1}, Bias: []float64{0}}, Pool: &pool, Relu: true}}}
	m, p, err := quant.Quantize(net, quant.Options{ScaleBits: 6, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	system, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]int64, 49)
	for i := range x {
		x[i] = int64(i*5%51) - 25
	}
	if err := solvable(t, m, p, system, x); err != nil {
		t.Fatal(err)
	}
	trace := m.Infer(p, x)
	for _, off := range []int64{1, -1} {
		c := claimOf(m, p, x, trace.Sums[0], trace.Output()[0]+off)
		if err := Solve(system, c.witness(t, m, p)); err == nil {
			t.Errorf("an output off by %d is accepted", off)
		}
	}
	c := claimOf(m, p, x, trace.Sums[0], trace.Output()[0]+1)
	const productEquality = 1 // after the scale and before the output
	if err := Solve(compileMutant(t, m, p, nil, set(productEquality)), c.witness(t, m, p)); err != nil {
		t.Errorf("without the product's check the false output is refused, too: %v", err)
	}
	if got := new(big.Int).Exp(big.NewInt(1<<m.TableBits), big.NewInt(49), nil); got.Cmp(field) < 0 {
		t.Error("this window is no test of large products")
	}
}
