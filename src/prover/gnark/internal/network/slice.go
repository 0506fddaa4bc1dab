package network

import (
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

func (b *builder) slice(n *onnx.Node) (*tensor, error) {
	t, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	starts, ends, axes, steps, err := b.bounds(n)
	if err != nil {
		return nil, err
	}
	dims, strides, start := slices.Clone(t.dims), stridesOf(t.dims), 0
	seen := map[int]bool{}
	for i := range starts {
		a := i
		if axes != nil {
			a = axes[i]
		}
		if a < 0 {
			a += len(dims)
		}
		step := 1
		if steps != nil {
			step = steps[i]
		}
		if a < 0 || a >= len(dims) || seen[a] || step == 0 {
			return nil, nodeFault(fault.UnsupportedValue, n, "has axes %v and steps %v for an input %v, expected different axes and steps other than 0", axes, steps, t.dims)
		}
		seen[a] = true
		from, count := cut(starts[i], ends[i], step, dims[a])
		dims[a] = count
		start += from * strides[a]
		strides[a] *= step
	}
	return t.picked(dims, strided(dims, strides, start)), nil
}

// cut is the first element and the number of elements of start:end:step over a side, as in Python.
func cut(start, end, step, side int) (from, count int) {
	lowest, highest := 0, side
	if step < 0 {
		lowest, highest = -1, side-1
	}
	clamp := func(v int) int {
		if v < 0 {
			v += side
		}
		return min(max(v, lowest), highest)
	}
	start, end = clamp(start), clamp(end)
	if step > 0 {
		return start, max(0, (end-start+step-1)/step)
	}
	return start, max(0, (start-end-step-1)/-step)
}

// bounds are starts, ends, axes and steps, as attributes (before opset 10) or inputs.
func (b *builder) bounds(n *onnx.Node) (starts, ends, axes, steps []int, err error) {
	if n.Ints("starts") != nil {
		starts, ends = intsOf(n.Ints("starts")), intsOf(n.Ints("ends"))
		if n.Ints("axes") != nil {
			axes = intsOf(n.Ints("axes"))
		}
	} else {
		for i, to := range []*[]int{&starts, &ends, &axes, &steps} {
			if i < 2 || given(n, 1+i) {
				if *to, err = b.integers(n, 1+i); err != nil {
					return nil, nil, nil, nil, err
				}
			}
		}
	}
	for _, list := range [][]int{ends, axes, steps} {
		if list != nil && len(list) != len(starts) {
			err = nodeFault(fault.ShapeMismatch, n, "has starts %v, ends %v, axes %v and steps %v, expected as many of each", starts, ends, axes, steps)
		}
	}
	if err == nil && len(ends) != len(starts) {
		err = nodeFault(fault.ShapeMismatch, n, "has starts %v and ends %v, expected as many of each", starts, ends)
	}
	return starts, ends, axes, steps, err
}

func (b *builder) split(n *onnx.Node) ([]*tensor, error) {
	t, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	at, err := axis(n, 0, len(t.dims))
	if err != nil {
		return nil, err
	}
	sizes := intsOf(n.Ints("split"))
	if given(n, 1) {
		if sizes, err = b.integers(n, 1); err != nil {
			return nil, err
		}
	}
	if len(sizes) == 0 { // equal parts, the last one smaller
		parts := max(len(n.Outputs), 1)
		each := (t.dims[at] + parts - 1) / parts
		for left := t.dims[at]; len(sizes) < parts; left -= each {
			sizes = append(sizes, max(0, min(each, left)))
		}
	}
	total := 0
	for _, s := range sizes {
		if total += s; s < 0 || total > t.dims[at] {
			break
		}
	}
	if total != t.dims[at] || len(sizes) != len(n.Outputs) {
		return nil, nodeFault(fault.ShapeMismatch, n, "splits a side of %d into %v for %d outputs, expected sizes that add up", t.dims[at], sizes, len(n.Outputs))
	}
	var out []*tensor
	start, strides := 0, stridesOf(t.dims)
	for _, s := range sizes {
		dims := slices.Clone(t.dims)
		dims[at] = s
		out = append(out, t.picked(dims, strided(dims, strides, start*strides[at])))
		start += s
	}
	return out, nil
}
