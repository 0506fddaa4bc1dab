package network

import (
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

func (b *builder) gemm(n *onnx.Node) (*tensor, error) {
	x, err := b.matrix(n, 0, "transA")
	if err != nil {
		return nil, err
	}
	w, err := b.matrix(n, 1, "transB")
	if err != nil {
		return nil, err
	}
	if len(x.dims) != 2 || len(w.dims) != 2 {
		return nil, nodeFault(fault.ShapeMismatch, n, "multiplies tensors of dimensions %v and %v, expected two matrices", x.dims, w.dims)
	}
	alpha, beta := n.Float("alpha", 1), n.Float("beta", 1)
	var c *tensor
	bias := make([]float64, 1)
	if given(n, 2) {
		if c, err = b.operand(n, 2); err != nil {
			return nil, err
		}
		row := []int{1, w.dims[1]}
		if dims, ok := together(c.dims, row); c.constant && w.constant && ok && slices.Equal(dims, row) {
			if c, err = repeated(n, c, row); err != nil {
				return nil, err
			}
			bias, c = times(c.v, beta), nil
		}
	}
	y, err := b.multiply(n, x, w, alpha, bias)
	if err != nil || c == nil {
		return y, err
	}
	if dims, ok := together(c.dims, y.dims); !ok || !slices.Equal(dims, y.dims) {
		return nil, nodeFault(fault.ShapeMismatch, n, "adds a tensor of dimensions %v, expected one that broadcasts to %v", c.dims, y.dims)
	}
	return b.weighted(n, y, c, func(x, y float64) float64 { return x + beta*y }, 1, beta)
}

func (b *builder) matMul(n *onnx.Node) (*tensor, error) {
	x, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	w, err := b.operand(n, 1)
	if err != nil {
		return nil, err
	}
	return b.multiply(n, x, w, 1, []float64{0})
}

// matrix is an operand of Gemm, transposed where its attribute says so.
func (b *builder) matrix(n *onnx.Node, i int, trans string) (*tensor, error) {
	t, err := b.operand(n, i)
	if err == nil && len(t.dims) == 2 && n.Int(trans, 0) != 0 {
		t = t.picked([]int{t.dims[1], t.dims[0]}, permutation(t.dims, []int{1, 0}))
	}
	return t, err
}

// multiply is alpha x w + bias for a matrix of constants on either side; bias is one value, or one per column.
func (b *builder) multiply(n *onnx.Node, x, w *tensor, alpha float64, bias []float64) (*tensor, error) {
	if x.constant && !w.constant && len(x.dims) == 2 && len(w.dims) == 2 && len(bias) == 1 { // (x w)^T = w^T x^T
		y, err := b.multiply(n, turned(w), turned(x), alpha, bias)
		if err != nil {
			return nil, err
		}
		return turned(y), nil
	}
	if x.constant && w.constant && len(x.dims) == 2 && len(w.dims) == 2 && x.dims[1] == w.dims[0] && len(bias) == 1 {
		rows, inner, cols := x.dims[0], x.dims[1], w.dims[1]
		y := &tensor{dims: []int{rows, cols}, constant: true, v: same(bias[0], rows*cols)}
		for i := range y.v {
			for k := range inner {
				y.v[i] += alpha * x.v[i/cols*inner+k] * w.v[k*cols+i%cols]
			}
		}
		return y, nil
	}
	if x.constant != w.constant && len(x.dims) > 1 && len(w.dims) > 2 && product(w.dims[:len(w.dims)-2]) > 1 && len(bias) == 1 && bias[0] == 0 {
		return b.batched(n, x, w, alpha)
	}
	if !x.constant && !w.constant && len(bias) == 1 && bias[0] == 0 {
		return b.matrices(n, x, w, alpha)
	}
	for len(w.dims) > 2 && w.dims[0] == 1 && len(x.dims) >= len(w.dims) {
		w = w.reshaped(w.dims[1:])
	}
	dims, rank := x.dims, len(x.dims)
	vector := len(w.dims) == 1
	if vector { // a column, whose axis goes away
		w = w.reshaped([]int{w.dims[0], 1})
	}
	if x.constant || !w.constant || rank == 0 || len(w.dims) != 2 || w.size() == 0 || dims[rank-1] != w.dims[0] {
		if x.constant || !w.constant {
			return nil, nodeFault(fault.UnsupportedGraph, n, "multiplies %v by %v, %s, expected an activation and a constant matrix",
				x.dims, w.dims, map[bool]string{true: "both constant", false: "neither one a constant matrix of two axes"}[x.constant && w.constant])
		}
		return nil, nodeFault(fault.ShapeMismatch, n, "has weights %v for an input %v, expected a matrix that takes rows of that many values",
			w.dims, x.dims)
	}
	inner, cols := w.dims[0], w.dims[1]
	rows := x.size() / inner
	weights := times(transpose(w.v, inner, cols), alpha)
	if len(bias) != cols {
		bias = same(bias[0], cols)
	}
	out := append(slices.Clone(dims[:rank-1]), cols)
	if vector {
		out = out[:rank-1]
	}
	if rows == 1 {
		return b.begin(n, x, Linear{Geometry: dense(inner, cols), Weights: weights, Bias: bias}, out)
	}
	// Rows become places of an image whose channels are the columns, for all to share the weights.
	turnedX := turned(x.reshaped([]int{rows, inner}))
	g := window(Shape{inner, rows, 1}, Shape{cols, rows, 1}, 1)
	y, err := b.begin(n, turnedX, Linear{Geometry: g, Weights: weights, Bias: bias}, []int{cols, rows})
	if err != nil {
		return nil, err
	}
	return turned(y).reshaped(out), nil
}

// turned is a matrix transposed.
func turned(t *tensor) *tensor {
	return t.picked([]int{t.dims[1], t.dims[0]}, permutation(t.dims, []int{1, 0}))
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

// batched multiplies several matrices by as many, one side of them constant: each is a group of a convolution.
func (b *builder) batched(n *onnx.Node, x, w *tensor, alpha float64) (*tensor, error) {
	flip := func(t *tensor) *tensor { // the last two axes
		perm, rank := upTo(len(t.dims)), len(t.dims)
		perm[rank-2], perm[rank-1] = rank-1, rank-2
		dims := slices.Clone(t.dims)
		dims[rank-2], dims[rank-1] = dims[rank-1], dims[rank-2]
		return t.picked(dims, permutation(t.dims, perm))
	}
	if x.constant {
		y, err := b.batched(n, flip(w), flip(x), alpha)
		if err != nil {
			return nil, err
		}
		return flip(y), nil
	}
	matrix := func(t *tensor) (batch, sides []int) { return t.dims[:len(t.dims)-2], t.dims[len(t.dims)-2:] }
	batchX, sidesX := matrix(x)
	batchW, sidesW := matrix(w)
	batch, ok := together(batchX, batchW)
	if !ok || sidesX[1] != sidesW[0] {
		return nil, nodeFault(fault.ShapeMismatch, n, "multiplies dimensions %v by %v, expected as many columns as rows and batches that broadcast", x.dims, w.dims)
	}
	x, err := repeated(n, x, slices.Concat(batch, sidesX))
	if err == nil {
		w, err = repeated(n, w, slices.Concat(batch, sidesW))
	}
	if err != nil {
		return nil, err
	}
	count, rows, inner, cols := product(batch), sidesX[0], sidesX[1], sidesW[1]
	g := window(Shape{count * inner, rows, 1}, Shape{count * cols, rows, 1}, count)
	l := Linear{Geometry: g, Weights: times(flip(w).v, alpha), Bias: []float64{0}}
	y, err := b.begin(n, flip(x), l, slices.Concat(batch, []int{cols, rows}))
	if err != nil {
		return nil, err
	}
	return flip(y), nil
}
