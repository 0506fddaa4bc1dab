package network

import (
	"math"
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// Softmax is of rows, one after another, each with this many of the values that the stage reads.
type Softmax struct {
	Rows []int `json:"rows"`
	// Mask is the largest number that was added to values which are left out of their rows; 0 where there are none.
	Mask float64 `json:"mask,omitempty"`
}

// masked is the place of a value that is minus infinity. Only Softmax can read it: there it becomes zero.
const masked ref = -2

// minusInfinity: what is added to a value from here down only ever hides it from a Softmax.
const minusInfinity = -1e4

// mask leaves out the values to which a constant adds minus infinity, or a number like it, and returns what it adds to
// the others.
func (b *builder) mask(t *tensor, shift []float64) (*tensor, []float64) {
	isMask := func(v float64) bool { return v <= minusInfinity }
	if !slices.ContainsFunc(shift, isMask) {
		return t, shift
	}
	kept := *t
	kept.refs, kept.joinable = slices.Clone(t.allRefs()), false
	rest := slices.Clone(shift)
	for i, v := range shift {
		if isMask(v) {
			kept.refs[i], rest[i] = masked, 0
			if v = max(v, -math.MaxFloat32); b.weakest == 0 || v > b.weakest {
				b.weakest = v
			}
		}
	}
	return &kept, rest
}

func hasMasked(t *tensor) bool { return slices.Contains(t.refs, masked) }

func (b *builder) softmax(n *onnx.Node) (*tensor, error) {
	t, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	if slices.Contains(t.refs, padding) {
		if hasMasked(t) {
			return nil, nodeFault(fault.UnsupportedValue, n, "reads zeros of a padding and masked values, expected one or the other")
		}
		if t, err = b.beginIdentity(n, t); err != nil { // a row has elements only
			return nil, err
		}
	}
	def := int64(-1)
	if b.model.Opset < 13 {
		def = 1
	}
	if len(t.dims) == 0 {
		return nil, nodeFault(fault.ShapeMismatch, n, "reads a single number, expected at least one axis")
	}
	at, err := axis(n, def, len(t.dims))
	if err != nil {
		return nil, err
	}
	perm := upTo(len(t.dims))
	side := t.dims[at]
	if b.model.Opset < 13 { // all axes from there on are one
		side = product(t.dims[at:])
	} else {
		perm = append(slices.Delete(perm, at, at+1), at)
	}
	order := permutation(t.dims, perm)
	back := make([]int, len(order))
	for i, o := range order {
		back[o] = i
	}
	rows := t.picked([]int{len(order)}, order)
	if t.constant {
		out := &tensor{dims: t.dims, constant: true, v: make([]float64, len(order))}
		for r := 0; r < len(order); r += side {
			top, sum := slices.Max(rows.v[r:r+side]), 0.0
			for _, v := range rows.v[r : r+side] {
				sum += math.Exp(v - top)
			}
			for i, v := range rows.v[r : r+side] {
				out.v[order[r+i]] = math.Exp(v-top) / sum
			}
		}
		return out, nil
	}
	s := &Softmax{Mask: b.weakest}
	var refs []ref
	places := make([]int, len(order)) // of each value in the stage, -1 where it is masked
	for r := 0; r < len(order); r += side {
		first := len(refs)
		for i := r; i < r+side; i++ {
			places[i] = -1
			if ref := rows.ref(i); ref != masked {
				places[i] = len(refs)
				refs = append(refs, ref)
			}
		}
		if len(refs) == first {
			return nil, nodeFault(fault.UnsupportedValue, n, "has a row whose values are all masked, expected at least one that is not")
		}
		s.Rows = append(s.Rows, len(refs)-first)
	}
	read := b.ownScale(&tensor{dims: []int{len(refs)}, refs: refs})
	shape := Shape{1, 1, len(refs)}
	l := Linear{Geometry: identity(shape), Weights: []float64{1}, Bias: []float64{0}}
	b.stages = append(b.stages, draft{Stage: Stage{Name: n.Name, Linear: l, Softmax: s}, refs: read.refs})
	out := &tensor{dims: []int{len(refs)}, source: b.lastSource()}
	index := make([]int, len(order))
	for i := range index {
		index[i] = places[back[i]]
	}
	return out.picked(t.dims, index), nil
}
