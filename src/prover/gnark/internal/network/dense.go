package network

import (
	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

func (b *builder) gemm(n *onnx.Node) error {
	if n.Int("transA", 0) != 0 {
		return nodeFault(fault.UnsupportedValue, n, "has transA %d, expected 0", n.Int("transA", 0))
	}
	dims, w, err := b.floats(n, 1)
	if err != nil {
		return err
	}
	trans := n.Int("transB", 0) != 0
	rows, cols, err := b.denseSides(n, dims, trans)
	if err != nil {
		return err
	}
	if len(b.dims) != 2 {
		return nodeFault(fault.ShapeMismatch, n, "reads a tensor of dimensions %v, expected 1 x N", b.dims)
	}
	if !trans {
		w = transpose(w, rows, cols)
	}
	bias := make([]float64, cols)
	if len(n.Inputs) > 2 && n.Inputs[2] != "" {
		bdims, v, err := b.floats(n, 2)
		if err != nil {
			return err
		}
		if bias, err = broadcast(n, v, bdims, []int{1, cols}); err != nil {
			return err
		}
	}
	l := Linear{Geometry: dense(rows, cols), Weights: scaled(w, n.Float("alpha", 1)), Bias: scaled(bias, n.Float("beta", 1))}
	return b.begin(n, l, []int{1, cols})
}

func (b *builder) matMul(n *onnx.Node) error {
	dims, w, err := b.floats(n, 1)
	if err != nil {
		return err
	}
	rows, cols, err := b.denseSides(n, dims, false)
	if err != nil {
		return err
	}
	out := append(append([]int{}, b.dims[:len(b.dims)-1]...), cols)
	return b.begin(n, Linear{Geometry: dense(rows, cols), Weights: transpose(w, rows, cols), Bias: make([]float64, cols)}, out)
}

// denseSides checks a weight matrix against an activation that is one row.
func (b *builder) denseSides(n *onnx.Node, dims []int, trans bool) (rows, cols int, err error) {
	if len(dims) == 2 {
		rows, cols = dims[0], dims[1]
		if trans {
			rows, cols = cols, rows
		}
	}
	if cols < 1 || rows < 1 || rows != b.dims[len(b.dims)-1] || rows != product(b.dims) {
		return 0, 0, nodeFault(fault.ShapeMismatch, n, "has weights %v for an input %v, expected a matrix that takes one row of %d values",
			dims, b.dims, product(b.dims))
	}
	return rows, cols, nil
}

func transpose(w []float64, rows, cols int) []float64 {
	t := make([]float64, len(w))
	for r := range rows {
		for c := range cols {
			t[c*rows+r] = w[r*cols+c]
		}
	}
	return t
}

func scaled(v []float64, by float64) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = v[i] * by
	}
	return out
}
