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
	mode, value := n.String("mode", "constant"), n.Float("value", 0)
	if given(n, 2) {
		_, v, err := b.floats(n, 2)
		if err != nil {
			return nil, err
		}
		if len(v) > 0 {
			value = v[0]
		}
	}
	if len(pads) != 2*len(axes) {
		return nil, nodeFault(fault.UnsupportedValue, n, "has pads %v for %d axes, expected two for each", pads, len(axes))
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
	if at := slices.Index(index, -1); at < 0 || value == 0 {
		return t.picked(dims, index), nil
	}
	c := &calc{builder: b, n: n} // the value follows the elements
	flat := kept(t).reshaped([]int{t.size()})
	both := c.op("Concat", attrs{"axis": 0}, flat, &tensor{dims: []int{1}, constant: true, integer: t.integer, v: []float64{value}})
	for i := range index {
		if index[i] < 0 {
			index[i] = t.size()
		}
	}
	return c.moved(both, dims, index), c.err
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
		case mode == "wrap":
			j = (i%side + side) % side
		case mode == "edge":
			j = min(max(i, 0), side-1)
		case mode == "reflect" && before < side && after < side:
			j = max(i, -i)
			if j >= side {
				j = 2*(side-1) - j
			}
		default:
			return nil, nodeFault(fault.UnsupportedValue, n, "has mode %q for a side of %d with pads %d and %d, expected constant, edge, wrap, or reflect with pads smaller than the side", mode, side, before, after)
		}
		from = append(from, j)
	}
	return from, nil
}
