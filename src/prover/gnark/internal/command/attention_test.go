package command

import (
	"math"
	"testing"

	"provemark/gnark/internal/onnxtest"
)

// product is a matrix of n x k times one of k x m.
func product(a, b []float64, n, k, m int) []float64 {
	c := make([]float64, n*m)
	for i := range n {
		for j := range m {
			for l := range k {
				c[i*m+j] += a[i*k+l] * b[l*m+j]
			}
		}
	}
	return c
}

// Matrix products of two activations: batches, one right matrix for all left ones, factors, vectors, of inputs and of
// computed values, exact ones as operands of others.
func TestMatrixProductsOfActivations(t *testing.T) {
	x := make([]float64, 2*3*4)
	for i := range x {
		x[i] = float64((i*7+3)%17-8) / 8
	}
	turned := make([]float64, len(x)) // the last two axes
	for i := range 2 {
		for r := range 3 {
			for c := range 4 {
				turned[i*12+c*3+r] = x[i*12+r*4+c]
			}
		}
	}
	swap := map[string]any{"perm": []int64{0, 2, 1}}
	batched := append(product(x[:12], turned[:12], 3, 4, 3), product(x[12:], turned[12:], 3, 4, 3)...)
	scaled := make([]float64, len(batched))
	for i, v := range batched {
		scaled[i] = v / 3
	}
	relu := make([]float64, len(x))
	for i, v := range x {
		relu[i] = max(v, 0)
	}
	base := func() *onnxtest.Model {
		return onnxtest.New("x", 2, 3, 4).Op("Transpose", "x", "t", swap).Floats("third", []float32{1.0 / 3}, 1)
	}
	for name, c := range map[string]struct {
		model *onnxtest.Model
		want  []float64
	}{
		"batches":  {base().Node("MatMul", "p", []string{"x", "t"}, []string{"y"}, nil).Output("y"), batched},
		"a factor": {base().Node("MatMul", "p", []string{"x", "t"}, []string{"s"}, nil).Op("Mul", "s", "y", nil, "third").Output("y"), scaled},
		"a factor, then others": {base().Node("MatMul", "p", []string{"x", "t"}, []string{"s"}, nil).Op("Mul", "s", "m", nil, "third").Op("Abs", "m", "y", nil).Output("y"), func() []float64 {
			v := make([]float64, len(scaled))
			for i := range v {
				v[i] = max(scaled[i], -scaled[i])
			}
			return v
		}()},
		"one for all": {base().Ints("zero", []int64{0}).Op("Gather", "t", "f", map[string]any{"axis": 0}, "zero").
			Node("MatMul", "p", []string{"x", "f"}, []string{"y"}, nil).Output("y"), product(x, turned[:12], 6, 4, 3)},
		"two in a row": {base().Op("Relu", "x", "r", nil).Node("MatMul", "p", []string{"r", "t"}, []string{"s"}, nil).
			Node("MatMul", "q", []string{"s", "x"}, []string{"y"}, nil).Output("y"),
			append(product(product(relu[:12], turned[:12], 3, 4, 3), x[:12], 3, 3, 4), product(product(relu[12:], turned[12:], 3, 4, 3), x[12:], 3, 3, 4)...)},
	} {
		t.Run(name, func(t *testing.T) { checkOutputAt(t, 12, c.model, x, c.want) })
	}
}

// softmax is that of rows of n values, of which those for which hidden is true are left out.
func softmax(x []float64, n int, hidden func(row, col int) bool) []float64 {
	y := make([]float64, len(x))
	for r := 0; r < len(x); r += n {
		sum := 0.0
		for i := range n {
			if !hidden(r/n, i) {
				y[r+i] = math.Exp(x[r+i])
				sum += y[r+i]
			}
		}
		for i := range n {
			y[r+i] /= sum
		}
	}
	return y
}

func TestSoftmax(t *testing.T) {
	x := make([]float64, 4*4)
	for i := range x {
		x[i] = float64((i*7+3)%17-8) / 8
	}
	none := func(int, int) bool { return false }
	later := func(row, col int) bool { return col > row }
	wide := make([]float64, len(x))
	for i := range x {
		wide[i] = 40 * x[i]
	}
	lower := func(v float32) []float32 {
		mask := make([]float32, 16)
		for i := range mask {
			if i%4 > i/4 {
				mask[i] = v
			}
		}
		return mask
	}
	turned := make([]float64, len(x))
	for i := range x {
		turned[i%4*4+i/4] = x[i]
	}
	byColumn := make([]float64, len(x))
	for i, v := range softmax(turned, 4, none) {
		byColumn[i%4*4+i/4] = v
	}
	scores := product(x, turned, 4, 4, 4)
	for i := range scores {
		scores[i] /= 2
	}
	attention := product(softmax(scores, 4, later), x, 4, 4, 4)
	negated := make([]float64, len(scores))
	for i, v := range scores {
		negated[i] = -v
	}
	base := func() *onnxtest.Model {
		return onnxtest.New("x", 4, 4).Floats("forty", []float32{40}, 1).Floats("inf", lower(float32(math.Inf(-1))), 4, 4).Floats("one", lower(1), 4, 4).Floats("low", lower(-3.4e38), 4, 4).Floats("two", []float32{2}, 1)
	}
	for name, c := range map[string]struct {
		model *onnxtest.Model
		want  []float64
	}{
		"rows":           {base().Op("Softmax", "x", "y", nil).Output("y"), softmax(x, 4, none)},
		"columns":        {base().Op("Softmax", "x", "y", map[string]any{"axis": 0}).Output("y"), byColumn},
		"far apart":      {base().Op("Mul", "x", "w", nil, "forty").Op("Softmax", "w", "y", nil).Output("y"), softmax(wide, 4, none)},
		"minus infinity": {base().Op("Add", "x", "m", nil, "inf").Op("Softmax", "m", "y", nil).Output("y"), softmax(x, 4, later)},
		"of negated products": {base().Op("Transpose", "x", "t", nil).Node("MatMul", "scores", []string{"x", "t"}, []string{"s"}, nil).Floats("minus", []float32{-2}, 1).
			Op("Div", "s", "d", nil, "minus").Op("Softmax", "d", "y", nil).Output("y"), softmax(negated, 4, none)},
		"a choice": {base().Op("Cast", "one", "later", map[string]any{"to": 9}).Node("Where", "w", []string{"later", "low", "x"}, []string{"m"}, nil).Op("Softmax", "m", "y", nil).Output("y"), softmax(x, 4, later)},
		"a mask's sum": {base().Op("Mul", "x", "w", nil, "two").Op("Add", "w", "m", nil, "low").Op("Softmax", "m", "y", nil).Output("y"), softmax(func() []float64 {
			v := make([]float64, len(x))
			for i := range v {
				v[i] = 2 * x[i]
			}
			return v
		}(), 4, later)},
		"attention": {base().Op("Transpose", "x", "t", nil).Node("MatMul", "scores", []string{"x", "t"}, []string{"s"}, nil).Op("Div", "s", "d", nil, "two").
			Op("Add", "d", "m", nil, "inf").Op("Softmax", "m", "p", nil).Node("MatMul", "mix", []string{"p", "x"}, []string{"y"}, nil).Output("y"), attention},
	} {
		t.Run(name, func(t *testing.T) { checkOutputAt(t, 12, c.model, x, c.want) })
	}
	// values so far apart that a mask of -10,000 would not hide all of them: the error has no bound
	for factor, bounded := range map[float32]bool{100: true, 8000: false} {
		f := newFiles(t, base().Floats("factor", []float32{factor}, 1).Floats("weak", lower(-10_000), 4, 4).Op("Mul", "x", "w", nil, "factor").
			Op("Add", "w", "m", nil, "weak").Op("Softmax", "m", "y", nil).Output("y").Write(t))
		must(t, f.compile())
		w := f.makeWitness(t, x)
		must(t, w)
		if bound := number(t, w.stdout, "output_error_bound"); math.IsInf(bound, 1) == bounded {
			t.Errorf("values times %v and a weak mask: the bound is %v", factor, bound)
		}
	}
	f := newFiles(t, base().Op("Add", "x", "y", nil, "inf").Output("y").Write(t))
	refused(t, f.compile(), "UNSUPPORTED_GRAPH", `"y"`, "masked")
	f = newFiles(t, base().Op("Add", "x", "m", nil, "inf").Op("Relu", "m", "y", nil).Output("y").Write(t))
	refused(t, f.compile(), "UNSUPPORTED_GRAPH", "node_y", "masked")
	hidden := float32(math.Inf(-1))
	f = newFiles(t, base().Floats("all", []float32{hidden, hidden, hidden, hidden}, 4).Op("Add", "x", "m", nil, "all").Op("Softmax", "m", "y", nil).Output("y").Write(t))
	refused(t, f.compile(), "UNSUPPORTED_VALUE", "node_y", "masked")
}

// normalised is the LayerNormalization of rows of n values.
func normalised(x []float64, n int, epsilon float64, scale, bias []float64) []float64 {
	y := make([]float64, len(x))
	for r := 0; r < len(x); r += n {
		mean, variance := 0.0, 0.0
		for _, v := range x[r : r+n] {
			mean += v / float64(n)
		}
		for _, v := range x[r : r+n] {
			variance += (v - mean) * (v - mean) / float64(n)
		}
		for i := range n {
			y[r+i] = (x[r+i]-mean)/math.Sqrt(variance+epsilon)*scale[i] + bias[i]
		}
	}
	return y
}

func TestLayerNormalization(t *testing.T) {
	x := make([]float64, 3*5)
	for i := range x {
		x[i] = float64((i*7+3)%17-8) / 8
	}
	small, large := make([]float64, len(x)), make([]float64, len(x))
	for i, v := range x {
		small[i], large[i] = 0.01*v, 50*v
	}
	scale, bias := []float64{1, 0.5, -1.5, 2, 0.25}, []float64{0, 1, -0.5, 0.25, -2}
	base := func() *onnxtest.Model {
		f := func(v []float64) (w []float32) {
			for _, x := range v {
				w = append(w, float32(x))
			}
			return w
		}
		return onnxtest.New("x", 3, 5).Floats("scale", f(scale), 5).Floats("bias", f(bias), 5).Floats("tiny", []float32{0.01}, 1).Floats("fifty", []float32{50}, 1)
	}
	for name, c := range map[string]struct {
		model *onnxtest.Model
		want  []float64
	}{
		"rows":  {base().Op("LayerNormalization", "x", "y", nil, "scale", "bias").Output("y"), normalised(x, 5, 1e-5, scale, bias)},
		"large": {base().Op("Mul", "x", "w", nil, "fifty").Op("LayerNormalization", "w", "y", map[string]any{"epsilon": 0.5}, "scale", "bias").Output("y"), normalised(large, 5, 0.5, scale, bias)},
		"small": {base().Op("Mul", "x", "w", nil, "tiny").Op("LayerNormalization", "w", "y", map[string]any{"epsilon": 0.01}, "scale", "bias").Output("y"), normalised(small, 5, 0.01, scale, bias)},
		"then a Softmax": {base().Op("LayerNormalization", "x", "n", nil, "scale").Op("Softmax", "n", "y", nil).Output("y"),
			softmax(normalised(x, 5, 1e-5, scale, make([]float64, 5)), 5, func(int, int) bool { return false })},
	} {
		t.Run(name, func(t *testing.T) { checkOutputAt(t, 12, c.model, x, c.want) })
	}
}

// Rows of a table of constants, and of computed values, at indices that are an input; indices out of range are refused.
func TestGatherAtInputs(t *testing.T) {
	table := ramp(5*3, 0.5)
	f := newFiles(t, onnxtest.New("x", 2, 5).IntegerInput("i", 2, 2).Floats("w", table, 5, 3).
		Node("Gather", "rows", []string{"w", "i"}, []string{"y"}, nil).
		Node("Gather", "columns", []string{"x", "i"}, []string{"z"}, map[string]any{"axis": 1}).Output("y").Output("z").Write(t))
	must(t, f.compile("--scale-bits", "10"))
	x := make([]float64, 10)
	for i := range x {
		x[i] = float64(i*3%10)/10 - 0.5
	}
	at := []float64{4, 0, 2, 4}
	must(t, f.makeWitness(t, map[string]any{"x": x, "i": at}))
	must(t, f.prove())
	must(t, f.verify())
	var want []float64
	for _, i := range at {
		for k := range 3 {
			want = append(want, float64(table[int(i)*3+k]))
		}
	}
	for row := range 2 {
		for _, i := range at {
			want = append(want, x[row*5+int(i)])
		}
	}
	got := readJSON(t, f.output).Floats
	if len(got) != len(want) {
		t.Fatalf("%d outputs, expected %d", len(got), len(want))
	}
	for i := range got {
		if d := math.Abs(got[i] - want[i]); d > 0.01 {
			t.Errorf("output %d is %v, expected %v", i, got[i], want[i])
		}
	}
	for _, bad := range []float64{5, -1, 0.5} {
		refused(t, f.makeWitness(t, map[string]any{"x": x, "i": []float64{bad, 0, 0, 0}}), "INPUT_OUT_OF_RANGE")
	}
}

// What exporters write as many operators is the same circuit as the operator, and the same output.
func TestDecomposedOperatorsAreTheSame(t *testing.T) {
	base := func() *onnxtest.Model {
		return onnxtest.New("x", 3, 5).Floats("scale", ramp(5, 1.5), 5).Floats("bias", ramp(5, 0.5), 5).Floats("two", []float32{2}).Floats("epsilon", []float32{1e-3}).
			Floats("root", []float32{math.Sqrt2}).Floats("inverse", []float32{math.Sqrt2 / 2}).Floats("one", []float32{1}).Floats("half", []float32{0.5}).
			Floats("three", []float32{3}).Floats("small", []float32{0.044715}).Floats("steep", []float32{0.7978845608}).
			Op("LeakyRelu", "x", "v", nil)
	}
	last := map[string]any{"axes": []int64{-1}}
	norm := func(m *onnxtest.Model, square func(*onnxtest.Model)) *onnxtest.Model {
		m.Op("ReduceMean", "v", "mean", last).Op("Sub", "v", "c", nil, "mean")
		square(m)
		return m.Op("ReduceMean", "s", "variance", last).Op("Add", "variance", "e", nil, "epsilon").
			Op("Sqrt", "e", "d", nil).Op("Div", "c", "n", nil, "d").Op("Mul", "n", "m", nil, "scale").Op("Add", "m", "y", nil, "bias").Output("y")
	}
	for name, forms := range map[string][]*onnxtest.Model{
		"LayerNormalization": {base().Op("LayerNormalization", "v", "y", map[string]any{"epsilon": 1e-3}, "scale", "bias").Output("y"),
			norm(base(), func(m *onnxtest.Model) { m.Op("Pow", "c", "s", nil, "two") }),
			norm(base(), func(m *onnxtest.Model) { m.Op("Mul", "c", "s", nil, "c") })},
		"Gelu": {base().Op("Gelu", "v", "y", nil).Output("y"),
			base().Op("Div", "v", "a", nil, "root").Op("Erf", "a", "b", nil).Op("Add", "b", "c", nil, "one").Op("Mul", "v", "d", nil, "c").Op("Mul", "d", "y", nil, "half").Output("y"),
			base().Op("Mul", "v", "a", nil, "inverse").Op("Erf", "a", "b", nil).Op("Add", "b", "c", nil, "one").Op("Mul", "v", "h", nil, "half").Op("Mul", "h", "y", nil, "c").Output("y")},
		"Gelu with tanh": {base().Op("Gelu", "v", "y", map[string]any{"approximate": "tanh"}).Output("y"),
			base().Op("Pow", "v", "p", nil, "three").Op("Mul", "p", "q", nil, "small").Op("Add", "v", "r", nil, "q").Op("Mul", "r", "s", nil, "steep").Op("Tanh", "s", "t", nil).
				Op("Add", "t", "u", nil, "one").Op("Mul", "v", "h", nil, "half").Op("Mul", "h", "y", nil, "u").Output("y"),
			base().Op("Mul", "v", "w", nil, "v").Op("Mul", "w", "p", nil, "v").Op("Mul", "p", "q", nil, "small").Op("Add", "q", "r", nil, "v").Op("Mul", "r", "s", nil, "steep").
				Op("Tanh", "s", "t", nil).Op("Add", "t", "u", nil, "one").Op("Mul", "u", "h", nil, "v").Op("Div", "h", "y", nil, "two").Output("y"),
			base().Op("Mul", "v", "w", nil, "small").Op("Mul", "w", "p", nil, "v").Op("Mul", "p", "q", nil, "v").Op("Add", "q", "r", nil, "v").Op("Mul", "r", "s", nil, "steep").
				Op("Tanh", "s", "t", nil).Op("Add", "t", "u", nil, "one").Op("Mul", "v", "h", nil, "half").Op("Mul", "h", "y", nil, "u").Output("y")},
	} {
		t.Run(name, func(t *testing.T) {
			var first string
			for i, m := range forms {
				f := newFiles(t, m.Write(t))
				c := f.compile("--scale-bits", "8")
				must(t, c)
				must(t, f.makeWitness(t, randomInput(3, 15)))
				got := c.stdout[:len("numConstraints=00000")] + string(read(t, f.output))
				if i == 0 {
					first = got
				} else if got != first {
					t.Errorf("form %d: %s, expected %s", i, got, first)
				}
			}
		})
	}
}

// Quotients by values that are positive, negative, or either, of values and of constants.
func TestQuotients(t *testing.T) {
	x := []float64{0.5, -0.25, 1, 0.75, -1, 0.125}
	base := func() *onnxtest.Model {
		return onnxtest.New("x", 2, 3).Floats("three", []float32{3}, 1).Floats("half", []float32{0.5}, 1).Floats("row", []float32{1, -2, 0}, 3).
			Op("Add", "x", "up", nil, "three").Op("Sub", "x", "down", nil, "three").Op("Mul", "x", "twice", nil, "half").Op("Add", "twice", "near", nil, "half")
	}
	each := func(f func(v float64, i int) float64) (want []float64) {
		for i, v := range x {
			want = append(want, f(v, i))
		}
		return want
	}
	for name, c := range map[string]struct {
		model *onnxtest.Model
		want  []float64
	}{
		"positive": {base().Node("Div", "d", []string{"x", "up"}, []string{"y"}, nil).Output("y"), each(func(v float64, _ int) float64 { return v / (v + 3) })},
		"negative": {base().Node("Div", "d", []string{"x", "down"}, []string{"y"}, nil).Output("y"), each(func(v float64, _ int) float64 { return v / (v - 3) })},
		"either":   {base().Op("Abs", "x", "a", nil).Node("Div", "d", []string{"a", "x"}, []string{"y"}, nil).Output("y"), each(func(v float64, _ int) float64 { return math.Abs(v) / v })},
		"of one":   {base().Node("Div", "d", []string{"three", "up"}, []string{"y"}, nil).Output("y"), each(func(v float64, _ int) float64 { return 3 / (v + 3) })},
		"of a row": {base().Node("Div", "d", []string{"row", "down"}, []string{"y"}, nil).Output("y"), each(func(v float64, i int) float64 { return []float64{1, -2, 0}[i%3] / (v - 3) })},
	} {
		t.Run(name, func(t *testing.T) { checkOutputAt(t, 12, c.model, x, c.want) })
	}
	f := newFiles(t, base().Node("Div", "d", []string{"up", "x"}, []string{"y"}, nil).Output("y").Write(t))
	must(t, f.compile())
	refused(t, f.makeWitness(t, []float64{0.5, 0, 1, 1, 1, 1}), "NO_VALID_WITNESS", `"d"`)
	must(t, f.makeWitness(t, x))
}
