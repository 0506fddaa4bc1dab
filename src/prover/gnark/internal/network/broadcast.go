package network

import (
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// together are the dimensions that two operands have after broadcasting by numpy's rules.
func together(x, y []int) ([]int, bool) {
	dims := make([]int, max(len(x), len(y)))
	for i := range dims {
		a, b := 1, 1
		if k := len(x) - len(dims) + i; k >= 0 {
			a = x[k]
		}
		if k := len(y) - len(dims) + i; k >= 0 {
			b = y[k]
		}
		if a != b && a != 1 && b != 1 {
			return nil, false
		}
		dims[i] = a
		if a == 1 {
			dims[i] = b
		}
	}
	return dims, true
}

// repeated is a tensor broadcast to compatible dimensions.
func repeated(n *onnx.Node, t *tensor, dims []int) (*tensor, error) {
	if slices.Equal(t.dims, dims) {
		return t, nil
	}
	if err := countable(n, dims); err != nil {
		return nil, err
	}
	if product(dims) == t.size() { // only ones are added
		return t.reshaped(dims), nil
	}
	return t.picked(dims, broadcastIndex(t.dims, dims)), nil
}

// broadcastIndex gives, for each element of the dimensions to, the element of from that it repeats.
func broadcastIndex(from, to []int) []int {
	index := make([]int, product(to))
	for i := range index {
		at, stride, rest := 0, 1, i
		for k := len(to) - 1; k >= 0; k-- {
			if d := k - len(to) + len(from); d >= 0 {
				if from[d] != 1 {
					at += rest % to[k] * stride
				}
				stride *= from[d]
			}
			rest /= to[k]
		}
		index[i] = at
	}
	return index
}

// countable refuses dimensions of more elements than an activation may have.
func countable(n *onnx.Node, dims []int) error {
	size := 1
	for _, d := range dims {
		if d < 0 || d > maxActivations || size*d > maxActivations {
			return nodeFault(fault.ModelTooLarge, n, "has dimensions %v, expected at most %d elements", dims, maxActivations)
		}
		size *= d
	}
	return nil
}
