package network

import (
	"math"
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// batchNorm is a scale and a shift per channel in inference; both are folded into the layer before.
func (b *builder) batchNorm(n *onnx.Node) (*tensor, error) {
	t, err := b.activation(n, 0)
	if err != nil {
		return nil, err
	}
	if n.Int("training_mode", 0) != 0 {
		return nil, nodeFault(fault.UnsupportedValue, n, "has training_mode %d, expected 0", n.Int("training_mode", 0))
	}
	if len(t.dims) < 2 || len(t.dims) > 4 {
		return nil, nodeFault(fault.ShapeMismatch, n, "reads a tensor of dimensions %v, expected N x C, N x C x L or N x C x H x W", t.dims)
	}
	batch, channels := t.dims[0], t.dims[1]
	var p [4][]float64 // scale, bias, mean, variance
	for i := range p {
		_, v, err := b.floats(n, 1+i)
		if err != nil {
			return nil, err
		}
		if len(v) != channels {
			return nil, nodeFault(fault.ShapeMismatch, n, "has %d values as input %d, expected one per channel, %d", len(v), 1+i, channels)
		}
		p[i] = v
	}
	epsilon := n.Float("epsilon", 1e-5)
	if s := b.open(t); s == nil || t.refs != nil || s.Linear.Average || s.AddedWeight != 0 || s.Linear.Out[0] != batch*channels {
		if t, err = b.beginIdentity(n, t); err != nil {
			return nil, err
		}
	}
	l := &b.stageOf(t).Linear
	l.Weights, l.Bias = slices.Clone(l.Weights), slices.Clone(l.Bias)
	perChannel, biasPerChannel := len(l.Weights)/l.Out[0], len(l.Bias)/l.Out[0]
	for at := range l.Out[0] {
		c := at % channels
		if p[3][c]+epsilon <= 0 {
			return nil, nodeFault(fault.UnsupportedValue, n, "has variance %v in channel %d, expected 0 or more", p[3][c], c)
		}
		scale := p[0][c] / math.Sqrt(p[3][c]+epsilon)
		for i := range perChannel {
			l.Weights[at*perChannel+i] *= scale
		}
		for i := range biasPerChannel {
			l.Bias[at*biasPerChannel+i] = (l.Bias[at*biasPerChannel+i]-p[2][c])*scale + p[1][c]
		}
	}
	return t, nil
}
