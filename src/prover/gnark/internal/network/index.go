package network

import (
	"slices"

	"provemark/gnark/internal/onnx"
)

// gatherAt takes the entries of an axis at indices that depend on the graph's input: a stage of one 1 among zeros for
// each index, times the entries as the rows of a matrix.
func (b *builder) gatherAt(n *onnx.Node, t, which *tensor, axis int) (*tensor, error) {
	side, count := t.dims[axis], which.size()
	before, after := t.dims[:axis], t.dims[axis+1:]
	dims := slices.Concat(before, which.dims, after)
	if err := countable(n, dims); err != nil {
		return nil, err
	}
	if err := countable(n, []int{side, count}); err != nil {
		return nil, err
	}
	b.limitIndices(which, side)
	chosen := b.oneHot(n, which, side)
	perm := slices.Insert(slices.Delete(upTo(len(t.dims)), axis, axis+1), 0, axis)
	width := t.size() / side
	rows := t.picked([]int{side, width}, permutation(t.dims, perm))
	var taken *tensor // of width x count values
	if t.constant {
		g := window(Shape{side, count, 1}, Shape{width, count, 1}, 1)
		if err := b.admit(n, &g); err != nil {
			return nil, err
		}
		l := Linear{Geometry: g, Weights: transpose(rows.v, side, width), Bias: []float64{0}}
		b.stages = append(b.stages, draft{Stage: Stage{Name: n.Name, Linear: l}, source: chosen.source})
		taken = &tensor{dims: []int{width, count}, source: b.lastSource(), joinable: true}
	} else {
		product, err := b.matrices(n, turned(chosen), rows, 1)
		if err != nil {
			return nil, err
		}
		taken = turned(product)
	}
	// from places before and after the axis, then the index, to before, index, after
	order := slices.Concat(before, after, which.dims)
	perm = perm[:0]
	for i := range before {
		perm = append(perm, i)
	}
	for i := range which.dims {
		perm = append(perm, len(before)+len(after)+i)
	}
	for i := range after {
		perm = append(perm, len(before)+i)
	}
	return taken.reshaped(order).picked(dims, permutation(order, perm)), nil
}

// oneHot is a stage of side x count values, for each index a column.
func (b *builder) oneHot(n *onnx.Node, which *tensor, side int) *tensor {
	read := b.ownScale(&tensor{dims: []int{which.size()}, source: which.source, refs: which.refs})
	shape := Shape{1, 1, side * which.size()}
	l := Linear{Geometry: identity(shape), Weights: []float64{1}, Bias: []float64{0}}
	b.stages = append(b.stages, draft{Stage: Stage{Name: n.Name, Linear: l, OneHot: side}, refs: read.allRefs()})
	return &tensor{dims: []int{side, which.size()}, source: b.lastSource()}
}

// limitIndices gives the inputs that are indices their range.
func (b *builder) limitIndices(which *tensor, side int) {
	for _, r := range which.allRefs() {
		if b.isInput(r) {
			if in := &b.named[r.source()]; in.Kind == Integer && (in.Below == 0 || in.Below > side) {
				in.Below = side
			}
		}
	}
}
