package network

import (
	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// add is a constant added to the activation: it joins the linear layer before it.
func (b *builder) add(n *onnx.Node) error {
	at := 1
	if len(n.Inputs) > 0 {
		if _, constant := b.model.Consts[n.Inputs[0]]; constant {
			at = 0
		}
	}
	dims, v, err := b.floats(n, at)
	if err != nil {
		return err
	}
	if v, err = broadcast(n, v, dims, b.dims); err != nil {
		return err
	}
	if _, open := b.last(); !open {
		if err := b.beginIdentity(n); err != nil {
			return err
		}
	}
	s, _ := b.last()
	bias, sum := s.Linear.Bias, make([]float64, len(v))
	for i := range v {
		sum[i] = v[i] + bias[i/(len(v)/len(bias))]
	}
	s.Linear.Bias = perChannel(sum, s.Linear.Out)
	return nil
}

// perChannel shortens a bias to one value per channel where each channel has one value.
func perChannel(v []float64, out Shape) []float64 {
	size := out[1] * out[2]
	short := make([]float64, out[0])
	for i := range v {
		if i%size == 0 {
			short[i/size] = v[i]
		} else if v[i] != short[i/size] {
			return v
		}
	}
	return short
}

// broadcast repeats v (of dimensions from) to the dimensions to, by numpy's rules; v must not be wider.
func broadcast(n *onnx.Node, v []float64, from, to []int) ([]float64, error) {
	bad := func() error {
		return nodeFault(fault.ShapeMismatch, n, "adds a constant of dimensions %v, expected one that broadcasts to %v", from, to)
	}
	padded := make([]int, len(to))
	for i := range padded {
		padded[i] = 1
	}
	extra := len(from) - len(to)
	for i, d := range from {
		if i < extra && d != 1 {
			return nil, bad()
		}
		if i >= extra {
			padded[i-extra] = d
		}
	}
	out := make([]float64, product(to))
	for i := range out {
		at, stride, rest := 0, 1, i
		for k := len(to) - 1; k >= 0; k-- {
			if padded[k] != 1 && padded[k] != to[k] {
				return nil, bad()
			}
			if padded[k] != 1 {
				at += rest % to[k] * stride
			}
			rest /= to[k]
			stride *= padded[k]
		}
		out[i] = v[at]
	}
	return out, nil
}
