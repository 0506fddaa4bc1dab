package network

import (
	"slices"

	"provemark/gnark/internal/onnx"
)

// quotient is x / y, element by element, for a y that depends on the graph's input.
func (b *builder) quotient(n *onnx.Node, x, y *tensor) (*tensor, error) {
	if x.constant { // one number stays one number
		c := x
		if !slices.ContainsFunc(x.v, func(v float64) bool { return v != x.v[0] }) && x.size() > 0 {
			c = &tensor{dims: []int{}, constant: true, v: x.v[:1]}
		}
		t, err := b.activate(n, c)
		if err != nil {
			return nil, err
		}
		if c != x {
			if t, err = repeated(n, t, x.dims); err != nil {
				return nil, err
			}
		}
		x = t
	}
	x, y, err := b.alike(n, x, y)
	if err != nil {
		return nil, err
	}
	both := b.stageScale(&tensor{dims: []int{2, x.size()}, refs: slices.Concat(x.allRefs(), y.allRefs())})
	shape := Shape{1, 1, x.size()}
	l := Linear{Geometry: identity(shape), Weights: []float64{1}, Bias: []float64{0}}
	t, err := b.begin(n, both, l, x.dims)
	if err != nil {
		return nil, err
	}
	b.stages[len(b.stages)-1].Quotient = true
	t.joinable = false
	return t, nil
}
