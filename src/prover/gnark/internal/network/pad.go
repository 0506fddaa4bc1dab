package network

import (
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// pad surrounds the tensor with zeros or with its own values; negative pads crop it.
func (b *builder) pad(n *onnx.Node) (*tensor, error) {
	t, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	pads := intsOf(n.Ints("pads"))
	if given(n, 1) {
		if pads, err = b.integers(n, 1); err != nil {
			return nil, err
		}
	}
	axes := upTo(len(t.dims))
	if given(n, 3) {
		if axes, err = b.integers(n, 3); err != nil {
			return nil, err
		}
	}
	mode := n.String("mode", "constant")
	if given(n, 2) {
		if _, v, err := b.floats(n, 2); err != nil {
			return nil, err
		} else if mode == "constant" && slices.ContainsFunc(v, func(v float64) bool { return v != 0 }) {
			return nil, nodeFault(fault.UnsupportedValue, n, "pads with %v, expected 0", v)
		}
	}
	if len(pads) != 2*len(axes) || n.Float("value", 0) != 0 {
		return nil, nodeFault(fault.UnsupportedValue, n, "has pads %v for %d axes and value %v, expected two for each axis and 0", pads, len(axes), n.Float("value", 0))
	}
	from := make([][]int, len(t.dims)) // for each axis, which element of it stands where
	for i, d := range t.dims {
		from[i] = upTo(d)
	}
	for i, a := range axes {
		if a < 0 {
			a += len(t.dims)
		}
		if a < 0 || a >= len(t.dims) {
			return nil, nodeFault(fault.UnsupportedValue, n, "has axes %v for an input %v, expected its own", axes, t.dims)
		}
		if from[a], err = padded(n, mode, t.dims[a], pads[i], pads[len(axes)+i]); err != nil {
			return nil, err
		}
	}
	dims := make([]int, len(from))
	for i := range from {
		dims[i] = len(from[i])
	}
	if err := countable(n, dims); err != nil {
		return nil, err
	}
	index, strides := make([]int, product(dims)), stridesOf(t.dims)
	for i := range index {
		rest, at := i, 0
		for k := len(dims) - 1; k >= 0; k-- {
			if j := from[k][rest%dims[k]]; j < 0 || at < 0 {
				at = -1
			} else {
				at += j * strides[k]
			}
			rest /= dims[k]
		}
		index[i] = at
	}
	return t.picked(dims, index), nil
}

// padded lists the elements of a side with its pads; -1 is a zero.
func padded(n *onnx.Node, mode string, side, before, after int) (from []int, err error) {
	if max(before, after) > maxActivations || min(before, after) < -maxActivations || side == 0 {
		return nil, nodeFault(fault.ModelTooLarge, n, "pads a side of %d by %d and %d, expected at most %d", side, before, after, maxActivations)
	}
	for i := -before; i < side+after; i++ {
		j := i
		switch {
		case i >= 0 && i < side:
		case mode == "constant":
			j = -1
		case mode == "edge":
			j = min(max(i, 0), side-1)
		case mode == "reflect" && before < side && after < side:
			j = max(i, -i)
			if j >= side {
				j = 2*(side-1) - j
			}
		default:
			return nil, nodeFault(fault.UnsupportedValue, n, "has mode %q for a side of %d with pads %d and %d, expected constant, edge, or reflect with pads smaller than the side", mode, side, before, after)
		}
		from = append(from, j)
	}
	return from, nil
}
