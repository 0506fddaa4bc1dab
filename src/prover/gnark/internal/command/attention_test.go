package command

import (
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
