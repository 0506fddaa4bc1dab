package network

import (
	"math"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// What depends on shapes and constants alone is computed at compile time and is not proved.

func (b *builder) shapeOf(n *onnx.Node) (*tensor, error) {
	t, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	rank := len(t.dims)
	within := func(name string, def int64) int {
		v := int(n.Int(name, def))
		if v < 0 {
			v += rank
		}
		return min(max(v, 0), rank)
	}
	start, end := within("start", 0), within("end", int64(rank))
	return integersOf(t.dims[start:max(start, end)]), nil
}

func (b *builder) sizeOf(n *onnx.Node) (*tensor, error) {
	t, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	return integersOf([]int{t.size()}).reshaped([]int{}), nil
}

func integersOf(v []int) *tensor {
	t := &tensor{dims: []int{len(v)}, constant: true, integer: true}
	for _, i := range v {
		t.v = append(t.v, float64(i))
	}
	return t
}

func (b *builder) constantOfShape(n *onnx.Node) (*tensor, error) {
	dims, err := b.integers(n, 0)
	if err != nil {
		return nil, err
	}
	if err := countable(n, dims); err != nil {
		return nil, err
	}
	value := &tensor{v: []float64{0}}
	if t := n.Attrs["value"].Tensor; t != nil {
		if value, err = stored(n, t); err != nil {
			return nil, err
		}
	}
	if len(value.v) != 1 {
		return nil, nodeFault(fault.UnsupportedValue, n, "has %d values, expected 1", len(value.v))
	}
	return &tensor{dims: dims, constant: true, integer: value.integer, v: same(value.v[0], product(dims))}, nil
}

// nonZero lists the positions of a constant's values that are not zero, a row for each axis.
func (b *builder) nonZero(n *onnx.Node) (*tensor, error) {
	dims, v, err := b.floats(n, 0)
	if err != nil {
		return nil, err
	}
	strides := stridesOf(dims)
	var found []int
	for i, x := range v {
		if x != 0 {
			found = append(found, i)
		}
	}
	out := &tensor{dims: []int{len(dims), len(found)}, constant: true, integer: true, v: []float64{}}
	for axis, side := range dims {
		for _, i := range found {
			out.v = append(out.v, float64(i/strides[axis]%side))
		}
	}
	return out, nil
}

func (b *builder) rangeOf(n *onnx.Node) (*tensor, error) {
	var ends [3]float64
	integer := true
	for i := range ends {
		t, err := b.operand(n, i)
		if err != nil {
			return nil, err
		}
		if !t.constant || len(t.v) != 1 {
			return nil, nodeFault(fault.UnsupportedGraph, n, "reads %q as input %d, expected one number that does not depend on the graph's input", n.Inputs[i], i)
		}
		ends[i], integer = t.v[0], integer && t.integer
	}
	count := math.Max(0, math.Ceil((ends[1]-ends[0])/ends[2]))
	if !(count <= maxActivations) {
		return nil, nodeFault(fault.ModelTooLarge, n, "lists %v numbers, expected at most %d", count, maxActivations)
	}
	out := &tensor{dims: []int{int(count)}, constant: true, integer: integer, v: []float64{}}
	for i := range int(count) {
		out.v = append(out.v, ends[0]+float64(i)*ends[2])
	}
	return out, nil
}
