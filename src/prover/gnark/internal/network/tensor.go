package network

import (
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// tensor is a value of the graph: an activation, whose elements are located by source and refs, or a constant, whose
// values are in v.
type tensor struct {
	dims []int
	// source is an input or a stage; if refs is nil, the tensor is all of it in order.
	source int
	refs   []ref
	// joinable: every element of the source is in the tensor once, and nothing else reads them, so the next operator can
	// be merged into the stage.
	joinable bool
	constant bool
	v        []float64
	integer  bool // its values are whole: division rounds towards zero
	boolean  bool // they are 0 or 1
}

// ref is an element of a source: the source above, the place in it below. Zero padding is padding.
type ref int64

const padding ref = -1

func refTo(source, at int) ref { return ref(source)<<32 | ref(at) }

func (r ref) source() int { return int(r >> 32) }
func (r ref) at() int     { return int(r & 0xffffffff) }

func (t *tensor) size() int { return product(t.dims) }

// ref is the location of element i of an activation.
func (t *tensor) ref(i int) ref {
	if t.refs == nil {
		return refTo(t.source, i)
	}
	return t.refs[i]
}

// allRefs is ref for every element.
func (t *tensor) allRefs() []ref {
	if t.refs != nil {
		return t.refs
	}
	refs := make([]ref, t.size())
	for i := range refs {
		refs[i] = refTo(t.source, i)
	}
	return refs
}

// reshaped is the same elements under other dimensions.
func (t *tensor) reshaped(dims []int) *tensor {
	r := *t
	r.dims = dims
	return &r
}

// picked is a tensor of the elements index, in that order; -1 is a zero.
func (t *tensor) picked(dims, index []int) *tensor {
	p := &tensor{dims: dims, source: t.source, constant: t.constant, integer: t.integer, boolean: t.boolean, joinable: t.joinable && isPermutation(index, t.size())}
	for _, i := range index {
		switch {
		case t.constant && i < 0:
			p.v = append(p.v, 0)
		case t.constant:
			p.v = append(p.v, t.v[i])
		case i < 0:
			p.refs = append(p.refs, padding)
		default:
			p.refs = append(p.refs, t.ref(i))
		}
	}
	if !t.constant && t.refs == nil && slices.Equal(index, upTo(t.size())) {
		p.refs = nil
	} else if !t.constant && p.refs == nil {
		p.refs = []ref{}
	}
	return p
}

func isPermutation(index []int, n int) bool {
	if len(index) != n {
		return false
	}
	seen := make([]bool, n)
	for _, i := range index {
		if i < 0 || seen[i] {
			return false
		}
		seen[i] = true
	}
	return true
}

func upTo(n int) []int {
	v := make([]int, n)
	for i := range v {
		v[i] = i
	}
	return v
}

// ints are the values of a constant of integers.
func (t *tensor) ints() []int {
	v := make([]int, len(t.v))
	for i := range v {
		v[i] = int(t.v[i])
	}
	return v
}

// stored decodes a constant of the file; integers beyond 2^53 (ends of slices mostly) become the nearest float.
func stored(n *onnx.Node, t *onnx.Tensor) (*tensor, error) {
	c := &tensor{constant: true, dims: []int{}}
	v, err := t.Floats()
	if err != nil {
		var ints []int64
		var problem error
		if ints, problem = t.Ints(); problem == nil {
			err, c.integer, c.boolean = nil, true, t.IsBoolean()
			for _, i := range ints {
				v = append(v, float64(max(min(i, 1<<53), -1<<53)))
			}
		}
	}
	if err != nil {
		return nil, nodeFault(fault.ModelUnreadable, n, "has a constant that cannot be read: %v", err)
	}
	c.v = v
	for _, d := range t.Dims {
		c.dims = append(c.dims, int(d))
	}
	return c, nil
}
