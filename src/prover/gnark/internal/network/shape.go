package network

import (
	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

func (b *builder) pass(*onnx.Node) error { return nil }

// dropout passes its input on, as it does in inference; its training mode and its mask are refused.
func (b *builder) dropout(n *onnx.Node) error {
	if len(n.Inputs) > 2 && n.Inputs[2] != "" {
		return nodeFault(fault.UnsupportedValue, n, "has a training_mode input, expected none")
	}
	return nil
}

func (b *builder) flatten(n *onnx.Node) error {
	axis := int(n.Int("axis", 1))
	if axis < 0 {
		axis += len(b.dims)
	}
	if axis < 0 || axis > len(b.dims) {
		return nodeFault(fault.UnsupportedValue, n, "has axis %d for an input %v, expected one of its axes", n.Int("axis", 1), b.dims)
	}
	return b.setDims(n, []int{product(b.dims[:axis]), product(b.dims[axis:])})
}

func (b *builder) reshape(n *onnx.Node) error {
	if len(n.Inputs) < 2 || b.model.Consts[n.Inputs[1]] == nil {
		return nodeFault(fault.UnsupportedGraph, n, "has a shape that is no constant, expected a static shape")
	}
	shape, err := b.model.Consts[n.Inputs[1]].Ints()
	if err != nil {
		return nodeFault(fault.ModelUnreadable, n, "has a shape that cannot be read: %v", err)
	}
	dims, open, known := make([]int, len(shape)), -1, 1
	for i, d := range shape {
		switch {
		case d == 0 && n.Int("allowzero", 0) == 0 && i < len(b.dims):
			d = int64(b.dims[i])
		case d == -1 && open < 0:
			open, d = i, 1
		}
		if d < 1 || d > maxActivations {
			return nodeFault(fault.ShapeMismatch, n, "has shape %v for an input %v, expected sizes, 0 where one is kept, -1 at most once", shape, b.dims)
		}
		dims[i] = int(d)
		if known *= int(d); known > maxActivations {
			break
		}
	}
	if size := product(b.dims); open >= 0 && size%known == 0 {
		dims[open] = size / known
	}
	return b.setDims(n, dims)
}

// setDims renames the activation's dimensions; the batch stays 1 and no element may appear or vanish.
func (b *builder) setDims(n *onnx.Node, dims []int) error {
	if len(dims) < 2 || dims[0] != 1 || product(dims) != product(b.dims) {
		return nodeFault(fault.ShapeMismatch, n, "turns dimensions %v into %v, expected a batch of 1 and the same number of elements", b.dims, dims)
	}
	b.dims = dims
	return nil
}
