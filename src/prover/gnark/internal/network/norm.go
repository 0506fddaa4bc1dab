package network

import (
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// Norm brings rows of Size values each to mean 0 and variance 1; the linear layer's weights and biases apply to the
// result, element by element.
type Norm struct {
	Size    int     `json:"size"`
	Epsilon float64 `json:"epsilon"` // added to the variance
	// Uncentred: the mean is left as it is, and the mean square is brought to 1.
	Uncentred bool `json:"uncentred,omitempty"`
}

// layerNorm is LayerNormalization, and RMSNormalization in models that are too deep for their bounds.
func (b *builder) layerNorm(n *onnx.Node) (*tensor, error) {
	t, err := b.activation(n, 0)
	if err != nil {
		return nil, err
	}
	at, err := axis(n, -1, len(t.dims))
	if err != nil {
		return nil, err
	}
	size := product(t.dims[at:])
	var lists [2][]float64
	for i, def := range []float64{1, 0} {
		c := &tensor{constant: true, v: []float64{def}}
		if given(n, 1+i) {
			if c, err = b.operand(n, 1+i); err != nil {
				return nil, err
			}
		}
		if !c.constant {
			return nil, nodeFault(fault.UnsupportedGraph, n, "reads %q as input %d, expected a constant there", n.Inputs[1+i], 1+i)
		}
		if c, err = repeated(n, c, t.dims[at:]); err != nil || c.size() != size {
			return nil, nodeFault(fault.ShapeMismatch, n, "has a scale or bias that does not fit the dimensions %v, expected one that broadcasts", t.dims[at:])
		}
		lists[i] = c.v
	}
	norm := Norm{size, n.Float("epsilon", 1e-5), n.Op == "RMSNormalization"}
	return b.normalise(n, t, norm, lists[0], lists[1])
}

// normalise appends a stage that normalises rows, one after another, each with the same weights.
func (b *builder) normalise(n *onnx.Node, t *tensor, norm Norm, weights, bias []float64) (*tensor, error) {
	size, epsilon := norm.Size, norm.Epsilon
	if size < 2 || !(epsilon > 0) {
		return nil, nodeFault(fault.UnsupportedValue, n, "normalises %d values with epsilon %v, expected at least 2 and more than 0", size, epsilon)
	}
	rows := t.size() / size
	l := Linear{Geometry: identity(Shape{t.size(), 1, 1}), Weights: slices.Repeat(weights, rows), Bias: slices.Repeat(bias, rows)}
	out, err := b.begin(n, b.stageScale(t), l, t.dims)
	if err != nil {
		return nil, err
	}
	b.stages[len(b.stages)-1].Norm = &norm
	return out, nil
}

// normOf is the normalisation whose weights a tensor's scale and shift may join, or nil.
func (b *builder) normOf(t *tensor) *Stage {
	if !t.joinable {
		return nil
	}
	source := t.source
	if len(t.refs) > 0 {
		source = t.refs[0].source()
	}
	if s := &b.stages[source-len(b.inputs)].Stage; s.Norm != nil {
		return s
	}
	return nil
}
