package network

import (
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// Operators that only move elements cost nothing: later stages read them from their original place.

func (b *builder) transposed(n *onnx.Node) (*tensor, error) {
	t, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	perm := intsOf(n.Ints("perm"))
	if n.Ints("perm") == nil {
		perm = upTo(len(t.dims))
		slices.Reverse(perm)
	}
	if !isPermutation(perm, len(t.dims)) || slices.ContainsFunc(perm, func(p int) bool { return p >= len(t.dims) }) {
		return nil, nodeFault(fault.UnsupportedValue, n, "has perm %v for an input %v, expected each axis once", perm, t.dims)
	}
	dims := make([]int, len(perm))
	for i, p := range perm {
		dims[i] = t.dims[p]
	}
	return t.picked(dims, permutation(t.dims, perm)), nil
}

// permutation is, for each element of the transposed tensor, the one of dims that it is.
func permutation(dims, perm []int) []int {
	strides := stridesOf(dims)
	to, by := make([]int, len(perm)), make([]int, len(perm))
	for i, p := range perm {
		to[i], by[i] = dims[p], strides[p]
	}
	return strided(to, by, 0)
}

func stridesOf(dims []int) []int {
	strides, stride := make([]int, len(dims)), 1
	for i := len(dims) - 1; i >= 0; i-- {
		strides[i] = stride
		stride *= dims[i]
	}
	return strides
}

// strided lists start + sum(position * stride) for every position within dims, in order.
func strided(dims, strides []int, start int) []int {
	index := make([]int, product(dims))
	for i := range index {
		at, rest := start, i
		for k := len(dims) - 1; k >= 0; k-- {
			at += rest % dims[k] * strides[k]
			rest /= dims[k]
		}
		index[i] = at
	}
	return index
}

func (b *builder) concat(n *onnx.Node) (*tensor, error) {
	var parts []*tensor
	for i := range n.Inputs {
		t, err := b.operand(n, i)
		if err != nil {
			return nil, err
		}
		parts = append(parts, t)
	}
	if len(parts) == 0 {
		return nil, nodeFault(fault.UnsupportedValue, n, "has no inputs, expected at least 1")
	}
	at, err := axis(n, 1, len(parts[0].dims))
	if err != nil {
		return nil, err
	}
	dims := slices.Clone(parts[0].dims)
	dims[at] = 0
	for _, t := range parts {
		if len(t.dims) != len(dims) || !slices.Equal(t.dims[:at], dims[:at]) || !slices.Equal(t.dims[at+1:], dims[at+1:]) {
			return nil, nodeFault(fault.ShapeMismatch, n, "joins dimensions %v and %v along axis %d, expected all others alike", parts[0].dims, t.dims, at)
		}
		dims[at] += t.dims[at]
	}
	if err := countable(n, dims); err != nil {
		return nil, err
	}
	if parts, err = b.sameKind(n, parts); err != nil {
		return nil, err
	}
	out := &tensor{dims: dims, constant: parts[0].constant, integer: parts[0].integer}
	for outer := range product(dims[:at]) {
		for _, t := range parts {
			size := product(t.dims[at:])
			for i := outer * size; i < (outer+1)*size; i++ {
				if out.constant {
					out.v = append(out.v, t.v[i])
				} else {
					out.refs = append(out.refs, t.ref(i))
				}
			}
		}
	}
	return out, nil
}

// sameKind turns constants into activations if there are activations among the operands.
func (b *builder) sameKind(n *onnx.Node, parts []*tensor) ([]*tensor, error) {
	if !slices.ContainsFunc(parts, func(t *tensor) bool { return !t.constant }) {
		return parts, nil
	}
	kept := parts[:0]
	for _, t := range parts {
		if t.constant && t.size() > 0 {
			var err error
			if t, err = b.activate(n, t); err != nil {
				return nil, err
			}
		}
		if t.size() > 0 {
			kept = append(kept, t)
		}
	}
	return kept, nil
}

// activate is a constant as an activation: zeros are padding, minus infinities masked, anything else a stage of biases.
func (b *builder) activate(n *onnx.Node, t *tensor) (*tensor, error) {
	size := t.size()
	zeros := make([]ref, size)
	for i := range zeros {
		zeros[i] = padding
	}
	hidden, rest := b.mask(&tensor{dims: t.dims, refs: zeros}, t.v)
	if !slices.ContainsFunc(rest, func(v float64) bool { return v != 0 }) {
		return hidden, nil
	}
	if hasMasked(hidden) {
		y, err := b.activate(n, &tensor{dims: t.dims, constant: true, v: rest})
		if err == nil {
			y, _ = b.mask(y, t.v)
		}
		return y, err
	}
	places, values := map[float64]int{}, []float64{} // each number is there once
	for _, v := range t.v {
		if _, known := places[v]; !known {
			places[v] = len(values)
			values = append(values, v)
		}
	}
	l := Linear{Geometry: dense(1, len(values)), Weights: make([]float64, len(values)), Bias: values}
	once, err := b.begin(n, &tensor{dims: []int{1}, refs: []ref{padding}}, l, []int{len(values)})
	if err != nil {
		return nil, err
	}
	if len(values) == size {
		return once.reshaped(t.dims), nil
	}
	index := make([]int, size)
	for i, v := range t.v {
		index[i] = places[v]
	}
	return once.picked(t.dims, index), nil
}

func (b *builder) gather(n *onnx.Node) (*tensor, error) {
	t, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	at, err := axis(n, 0, len(t.dims))
	if err != nil {
		return nil, err
	}
	which, err := b.operand(n, 1)
	if err != nil {
		return nil, err
	}
	if !which.integer {
		return nil, nodeFault(fault.UnsupportedGraph, n, "reads %q as input 1, expected integers", n.Inputs[1])
	}
	if !which.constant {
		return b.gatherAt(n, t, which, at)
	}
	side, inner := t.dims[at], product(t.dims[at+1:])
	dims := slices.Concat(t.dims[:at], which.dims, t.dims[at+1:])
	if err := countable(n, dims); err != nil {
		return nil, err
	}
	var index []int
	for outer := range product(t.dims[:at]) {
		for _, i := range which.ints() {
			if i < 0 {
				i += side
			}
			if i < 0 || i >= side {
				return nil, nodeFault(fault.UnsupportedValue, n, "has indices %v, expected each within a side of %d", which.ints(), side)
			}
			for k := range inner {
				index = append(index, (outer*side+i)*inner+k)
			}
		}
	}
	return t.picked(dims, index), nil
}
