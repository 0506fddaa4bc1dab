package network

import (
	"math"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// Piecewise linear functions are sums of their argument and its ReLU: they need no table, and hold for any range.

// positive is max(x, 0) as a separate stage: x can still be read.
func (b *builder) positive(n *onnx.Node, x *tensor) (*tensor, error) {
	kept := *x
	kept.joinable = false
	r, err := b.beginIdentity(n, &kept)
	if err != nil {
		return nil, err
	}
	b.stageOf(r).Relu = true
	return r, nil
}

func (b *builder) abs(n *onnx.Node) (*tensor, error) {
	x, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	if x.constant {
		return folded(x, x, func(v, _ float64) float64 { return math.Abs(v) }), nil
	}
	r, err := b.positive(n, x)
	if err != nil {
		return nil, err
	}
	return b.weighted(n, r, x, nil, 2, -1)
}

func (b *builder) leakyRelu(n *onnx.Node) (*tensor, error) {
	x, err := b.activation(n, 0)
	if err != nil {
		return nil, err
	}
	r, err := b.positive(n, x)
	if err != nil {
		return nil, err
	}
	slope := n.Float("alpha", 0.01)
	return b.weighted(n, r, x, nil, 1-slope, slope)
}

// prelu has a constant slope for each value: the sum has a different weight for each.
func (b *builder) prelu(n *onnx.Node) (*tensor, error) {
	x, err := b.activation(n, 0)
	if err != nil {
		return nil, err
	}
	dims, v, err := b.floats(n, 1)
	if err != nil {
		return nil, err
	}
	_, slope, err := b.alike(n, x, &tensor{dims: dims, constant: true, v: v})
	if err != nil {
		return nil, err
	}
	size := x.size()
	if slope.size() != size {
		return nil, nodeFault(fault.ShapeMismatch, n, "has slopes of dimensions %v, expected them to broadcast to %v", dims, x.dims)
	}
	r, err := b.positive(n, x)
	if err != nil {
		return nil, err
	}
	pairs := &tensor{dims: []int{2 * size}}
	l := Linear{Geometry: window(Shape{2 * size, 1, 1}, Shape{size, 1, 1}, size), Bias: make([]float64, size)}
	for i := range size {
		pairs.refs = append(pairs.refs, r.ref(i), x.ref(i))
		l.Weights = append(l.Weights, 1-slope.v[i], slope.v[i])
	}
	return b.begin(n, pairs, l, x.dims)
}

func (b *builder) maxOf(n *onnx.Node) (*tensor, error) { return b.fold(n, b.larger) }
func (b *builder) minOf(n *onnx.Node) (*tensor, error) { return b.fold(n, b.smaller) }

// fold takes operands two at a time.
func (b *builder) fold(n *onnx.Node, f func(*onnx.Node, *tensor, *tensor) (*tensor, error)) (*tensor, error) {
	t, err := b.operand(n, 0)
	for i := 1; err == nil && i < len(n.Inputs); i++ {
		var next *tensor
		if next, err = b.operand(n, i); err == nil {
			t, err = f(n, t, next)
		}
	}
	return t, err
}

// larger is y + max(x - y, 0).
func (b *builder) larger(n *onnx.Node, x, y *tensor) (*tensor, error) {
	if x.constant {
		x, y = y, x
	}
	r, err := b.excess(n, x, y, math.Max)
	if err != nil || x.constant {
		return r, err
	}
	return b.weighted(n, r, y, nil, 1, 1)
}

// smaller is y - max(y - x, 0).
func (b *builder) smaller(n *onnx.Node, x, y *tensor) (*tensor, error) {
	if x.constant {
		x, y = y, x
	}
	r, err := b.excess(n, y, x, math.Min)
	if err != nil || x.constant {
		return r, err
	}
	return b.weighted(n, y, r, nil, 1, -1)
}

// excess is max(x - y, 0), or the result of f for two constants.
func (b *builder) excess(n *onnx.Node, x, y *tensor, f func(x, y float64) float64) (*tensor, error) {
	if x.constant && y.constant {
		return b.weighted(n, x, y, f, 1, -1)
	}
	kept := func(t *tensor) *tensor {
		c := *t
		c.joinable = false // both are read again
		return &c
	}
	d, err := b.weighted(n, kept(x), kept(y), nil, 1, -1)
	if err != nil {
		return nil, err
	}
	b.stageOf(d).Relu = true
	return d, nil
}

// clip has its bounds as inputs or, before opset 11, as attributes. A missing bound, or one that no float reaches, is
// no bound.
func (b *builder) clip(n *onnx.Node) (*tensor, error) {
	t, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	for i, name := range []string{"min", "max"} {
		var end *tensor
		if _, is := n.Attrs[name]; is {
			end = &tensor{constant: true, v: []float64{n.Float(name, 0)}}
		} else if given(n, 1+i) {
			dims, v, err := b.floats(n, 1+i)
			if err != nil {
				return nil, err
			}
			end = &tensor{dims: dims, constant: true, v: v}
		}
		if end == nil || len(end.v) == 1 && math.Abs(end.v[0]) >= 1e30 {
			continue
		}
		if len(end.v) != 1 {
			return nil, nodeFault(fault.ShapeMismatch, n, "has a %s of dimensions %v, expected one number", name, end.dims)
		}
		end.dims = nil
		if t, err = []func(*onnx.Node, *tensor, *tensor) (*tensor, error){b.larger, b.smaller}[i](n, t, end); err != nil {
			return nil, err
		}
	}
	return t, nil
}
