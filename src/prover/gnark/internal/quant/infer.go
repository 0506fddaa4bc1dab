package quant

import (
	"math"

	"provemark/gnark/internal/network"
)

// Trace is one inference: all elements (see network.Element), and the linear sums and outputs of each stage.
type Trace struct {
	Values        []int64
	Sums, Outputs [][]int64
	output        []int64
	// Undefined names a stage whose function has no value for this input; empty if there is none.
	Undefined string
	// Outside refuses a value that leaves the range that the circuit asserts. The trace ends there.
	Outside error
}

// Output is what the network gives.
func (t *Trace) Output() []int64 { return t.output }

// Infer runs the integer network, as far as its values stay in the ranges that a plan gives them.
func (m *Model) Infer(p *Plan, x []int64) *Trace {
	t := &Trace{Values: append(make([]int64, 0, m.size()), x...)}
	for i := range m.Stages {
		s := &m.Stages[i]
		sums := m.sums(s, t)
		out := sums
		switch {
		case s.Function != nil:
			out = m.lookUp(s, &p.Stages[i], sums, t)
		case s.Jump != network.NoJump:
			out = m.jump(s, sums)
		case !s.Raw && s.Matrices == nil && s.Softmax == nil && s.Norm == nil && s.OneHot == 0 && !s.Quotient:
			out = m.reduce(s, sums)
		}
		if t.Outside == nil {
			t.Outside = m.outside(s, &p.Stages[i], out)
		}
		if t.Outside != nil {
			return t
		}
		t.Sums, t.Outputs, t.Values = append(t.Sums, sums), append(t.Outputs, out), append(t.Values, out...)
	}
	for i := range m.OutputSize() {
		t.output = append(t.output, t.Values[m.OutputElement(i)])
	}
	return t
}

// sums are the linear sums of a stage, the rounding half included.
func (m *Model) sums(s *Stage, t *Trace) []int64 {
	x := t.Values
	if s.OneHot > 0 {
		return m.oneHot(s, x, t)
	}
	if s.Quotient {
		return m.quotients(s, x, t)
	}
	if s.Matrices != nil {
		return s.matrices(x)
	}
	if s.Norm != nil {
		return m.norm(s, x)
	}
	if s.Softmax != nil {
		return m.softmax(s, x)
	}
	y := make([]int64, s.Geometry.Out.Size())
	terms := m.Terms(s)
	if s.Product {
		x = s.Products(x)
	}
	for o := range y {
		sum, ts := terms.At(o, false)
		for _, t := range ts {
			sum += t.Weight * x[t.Input]
		}
		y[o] = sum
	}
	return y
}

func (m *Model) reduce(s *Stage, sums []int64) []int64 {
	y := make([]int64, s.Out().Size())
	var window []network.Tap
	for o := range y {
		top := int64(math.MinInt64)
		if s.Relu {
			top = 0
		}
		window = s.Window(o, window[:0])
		for _, e := range window {
			top = max(top, sums[e.Input])
		}
		y[o] = top >> m.TableBits
	}
	return y
}

// Floats are the output integers as numbers.
func Floats(ints []int64, scaleBits int) []float64 {
	f := make([]float64, len(ints))
	for i, v := range ints {
		f[i] = math.Ldexp(float64(v), -scaleBits)
	}
	return f
}
