package network

import (
	"slices"

	"provemark/gnark/internal/onnx"
)

func (b *builder) reduceSum(n *onnx.Node) (*tensor, error)  { return b.reduce(n, false) }
func (b *builder) reduceMean(n *onnx.Node) (*tensor, error) { return b.reduce(n, true) }

// reduce adds up the elements along axes: the remaining axes become the positions of an image, the summed ones its
// channels.
func (b *builder) reduce(n *onnx.Node, mean bool) (*tensor, error) {
	t, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	axes, err := b.axes(n, len(t.dims))
	if err != nil {
		return nil, err
	}
	if len(axes) == 0 {
		if n.Int("noop_with_empty_axes", 0) != 0 {
			return t, nil
		}
		axes = upTo(len(t.dims))
	}
	var left, perm []int
	kept := slices.Clone(t.dims)
	for i := range t.dims {
		if slices.Contains(axes, i) {
			perm = append(perm, i)
			kept[i] = 1
		}
	}
	for i, d := range t.dims {
		if !slices.Contains(axes, i) {
			perm = append(perm, i)
			left = append(left, d)
		}
	}
	places := product(left)
	out := left
	if n.Int("keepdims", 1) != 0 {
		out = kept
	}
	count := t.size() / max(places, 1)
	weight := 1.0
	if mean && count > 0 {
		weight = 1 / float64(count)
	}
	moved := t.picked([]int{count, places}, permutation(t.dims, perm))
	if t.constant {
		sum := &tensor{dims: out, constant: true, integer: t.integer, v: make([]float64, places)}
		for i, v := range moved.v {
			sum.v[i%places] += v * weight
		}
		return sum, nil
	}
	g := window(Shape{count, places, 1}, Shape{1, places, 1}, 1)
	return b.begin(n, moved, Linear{Geometry: g, Weights: same(weight, count), Bias: []float64{0}}, out)
}
