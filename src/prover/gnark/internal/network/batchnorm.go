package network

import (
	"math"
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// batchNorm is a scale and a shift per channel in inference: both are folded into the layer before.
func (b *builder) batchNorm(n *onnx.Node) error {
	if n.Int("training_mode", 0) != 0 {
		return nodeFault(fault.UnsupportedValue, n, "has training_mode %d, expected 0", n.Int("training_mode", 0))
	}
	var p [4][]float64 // scale, bias, mean, variance
	for i := range p {
		_, v, err := b.floats(n, 1+i)
		if err != nil {
			return err
		}
		if len(v) != b.dims[1] {
			return nodeFault(fault.ShapeMismatch, n, "has %d values as input %d, expected one per channel, %d", len(v), 1+i, b.dims[1])
		}
		p[i] = v
	}
	epsilon := n.Float("epsilon", 1e-5)
	if s, open := b.last(); !open || s.Linear.Average || s.Linear.Out[0] != b.dims[1] {
		if b.shape()[0] != b.dims[1] {
			return nodeFault(fault.ShapeMismatch, n, "reads a tensor of dimensions %v, expected 1 x C x H x W or 1 x C", b.dims)
		}
		if err := b.beginIdentity(n); err != nil {
			return err
		}
	}
	s, _ := b.last()
	l := &s.Linear
	l.Weights, l.Bias = slices.Clone(l.Weights), slices.Clone(l.Bias)
	perChannel, biasPerChannel := len(l.Weights)/l.Out[0], len(l.Bias)/l.Out[0]
	for c := range l.Out[0] {
		if p[3][c]+epsilon <= 0 {
			return nodeFault(fault.UnsupportedValue, n, "has variance %v in channel %d, expected 0 or more", p[3][c], c)
		}
		scale := p[0][c] / math.Sqrt(p[3][c]+epsilon)
		for i := range perChannel {
			l.Weights[c*perChannel+i] *= scale
		}
		for i := range biasPerChannel {
			l.Bias[c*biasPerChannel+i] = (l.Bias[c*biasPerChannel+i]-p[2][c])*scale + p[1][c]
		}
	}
	return nil
}
