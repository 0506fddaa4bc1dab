package network

import (
	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

func (b *builder) conv(n *onnx.Node) error {
	dims, weights, err := b.floats(n, 1)
	if err != nil {
		return err
	}
	group := int(n.Int("group", 1))
	if len(b.dims) != 4 || len(dims) != 4 || group < 1 || product(dims) == 0 ||
		b.dims[1] != dims[1]*group || dims[0]%group != 0 {
		return nodeFault(fault.ShapeMismatch, n, "has weights %v and group %d for an input %v, expected outputs x channels/group x height x width",
			dims, group, b.dims)
	}
	if k := n.Ints("kernel_shape"); k != nil && (len(k) != 2 || int(k[0]) != dims[2] || int(k[1]) != dims[3]) {
		return nodeFault(fault.ShapeMismatch, n, "has kernel_shape %v, expected that of its weights %v", k, dims)
	}
	g, _, err := b.slide(n, [2]int{dims[2], dims[3]}, dims[0], group)
	if err != nil {
		return err
	}
	bias := make([]float64, dims[0])
	if len(n.Inputs) > 2 && n.Inputs[2] != "" {
		bdims, v, err := b.floats(n, 2)
		if err != nil {
			return err
		}
		if len(v) != dims[0] {
			return nodeFault(fault.ShapeMismatch, n, "has a bias %v, expected %d values", bdims, dims[0])
		}
		bias = v
	}
	return b.begin(n, Linear{Geometry: g, Weights: weights, Bias: bias}, []int{1, g.Out[0], g.Out[1], g.Out[2]})
}

// floats reads input i of a node, which must be a constant.
func (b *builder) floats(n *onnx.Node, i int) (dims []int, v []float64, err error) {
	if i >= len(n.Inputs) {
		return nil, nil, nodeFault(fault.UnsupportedValue, n, "has %d inputs, expected at least %d", len(n.Inputs), i+1)
	}
	t, ok := b.model.Consts[n.Inputs[i]]
	if !ok {
		return nil, nil, nodeFault(fault.UnsupportedGraph, n, "reads %q as input %d, expected a constant there", n.Inputs[i], i)
	}
	if v, err = t.Floats(); err != nil {
		return nil, nil, nodeFault(fault.ModelUnreadable, n, "has a constant that cannot be read: %v", err)
	}
	for _, d := range t.Dims {
		dims = append(dims, int(d))
	}
	return dims, v, nil
}
