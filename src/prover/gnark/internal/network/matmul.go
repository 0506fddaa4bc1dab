package network

import (
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// Matrices are Count products of a matrix of Rows x Inner and one of Inner x Cols, times Factor. Such a stage reads
// all left matrices, then all right ones. Its values are exact: they are not rescaled.
type Matrices struct {
	Count  int     `json:"count"`
	Rows   int     `json:"rows"`
	Inner  int     `json:"inner"`
	Cols   int     `json:"cols"`
	Factor float64 `json:"factor"`
}

// Left is the number of values in all left matrices, Right that in all right ones.
func (m *Matrices) Left() int  { return m.Count * m.Rows * m.Inner }
func (m *Matrices) Right() int { return m.Count * m.Inner * m.Cols }

// matrices multiplies two activations by the rules of numpy's matmul: the last two axes are matrices, those before
// them broadcast.
func (b *builder) matrices(n *onnx.Node, x, y *tensor, alpha float64) (*tensor, error) {
	left, right := x.dims, y.dims
	if len(left) == 1 {
		left = []int{1, left[0]}
	}
	if len(right) == 1 {
		right = []int{right[0], 1}
	}
	if len(left) < 2 || len(right) < 2 || left[len(left)-1] != right[len(right)-2] {
		return nil, nodeFault(fault.ShapeMismatch, n, "multiplies dimensions %v by %v, expected as many columns as rows", x.dims, y.dims)
	}
	batchX, batchY := left[:len(left)-2], right[:len(right)-2]
	rows, inner, cols := left[len(left)-2], right[len(right)-2], right[len(right)-1]
	batch, ok := together(batchX, batchY)
	if !ok {
		return nil, nodeFault(fault.ShapeMismatch, n, "multiplies dimensions %v by %v, expected batches that broadcast", x.dims, y.dims)
	}
	dims := slices.Concat(batch, []int{rows, cols})
	count := product(batch)
	if product(batchY) == 1 { // one right matrix for all: their rows are those of one left matrix
		rows, count = rows*count, 1
	}
	var err error
	if count > 1 || product(batchX) != product(batch) {
		if x, err = repeated(n, x.reshaped(left), slices.Concat(batch, left[len(left)-2:])); err != nil {
			return nil, err
		}
	}
	if count > 1 {
		if y, err = repeated(n, y.reshaped(right), slices.Concat(batch, right[len(right)-2:])); err != nil {
			return nil, err
		}
	}
	if len(x.dims) == 1 {
		dims = slices.Delete(dims, len(dims)-2, len(dims)-1)
	}
	if len(y.dims) == 1 {
		dims = dims[:len(dims)-1]
	}
	m := &Matrices{count, rows, inner, cols, alpha}
	if err := countable(n, []int{m.Count, m.Rows, m.Cols}); err != nil {
		return nil, err
	}
	if b.taps += float64(m.Count) * float64(m.Rows) * float64(m.Inner) * float64(m.Cols); b.taps > maxTaps {
		return nil, nodeFault(fault.ModelTooLarge, n, "brings the model to %.0f products, expected at most %d", b.taps, maxTaps)
	}
	if hasMasked(x) || hasMasked(y) {
		return nil, nodeFault(fault.UnsupportedGraph, n, "multiplies values that are masked, expected a Softmax before")
	}
	refs := slices.Concat(b.factor(x).allRefs(), b.factor(y).allRefs())
	shape := Shape{1, count * rows, cols}
	l := Linear{Geometry: identity(shape), Weights: []float64{1}, Bias: []float64{0}}
	b.stages = append(b.stages, draft{Stage: Stage{Name: n.Name, Linear: l, Matrices: m}, refs: refs})
	return &tensor{dims: dims, source: b.lastSource(), joinable: true}, nil
}

// exact says whether a source has its own scale, which is finer than the common one.
func (b *builder) exact(source int) bool { return b.isMatrices(source) || b.isFine(source) }

func (b *builder) isMatrices(source int) bool {
	i := source - len(b.inputs)
	return i >= 0 && b.stages[i].Matrices != nil
}

// isFine: a product of matrices takes it as it is.
func (b *builder) isFine(source int) bool {
	i := source - len(b.inputs)
	return i >= 0 && (b.stages[i].Softmax != nil || b.stages[i].OneHot > 0)
}

// factor is an operand of a product of matrices: at the common scale, or that of a Softmax or of single ones.
func (b *builder) factor(t *tensor) *tensor {
	if source, one := t.oneSource(); one && b.isFine(source) {
		return t
	}
	return b.stageScale(t)
}

// ownScale is a tensor with the scale of its source, if there is only one, or the common one.
func (b *builder) ownScale(t *tensor) *tensor {
	if _, one := t.oneSource(); one {
		return t
	}
	return b.stageScale(t)
}

// oneSource is the only source of a tensor's elements, if there is only one.
func (t *tensor) oneSource() (source int, one bool) {
	if t.refs == nil {
		return t.source, true
	}
	source = -1
	for _, r := range t.refs {
		if r < 0 {
			continue
		}
		if source >= 0 && r.source() != source {
			return 0, false
		}
		source = r.source()
	}
	return source, source >= 0
}

// factorOf lets a multiplication by one positive number join a product of matrices.
func (b *builder) factorOf(t *tensor, weights []float64) bool {
	source := t.source
	if len(t.refs) > 0 {
		source = t.refs[0].source()
	}
	if !t.joinable || !b.isMatrices(source) || weights[0] <= 0 || slices.ContainsFunc(weights, func(w float64) bool { return w != weights[0] }) {
		return false
	}
	b.stages[source-len(b.inputs)].Matrices.Factor *= weights[0]
	return true
}

// rescaled is a stage that brings an exact source to the common scale. A factor takes a stage of its own, since only
// powers of two are exact weights there.
func (b *builder) rescaled(source int) int {
	if to, found := b.scaled[source]; found {
		return to
	}
	s := &b.stages[source-len(b.inputs)].Stage
	whole := &tensor{dims: []int{s.Out().Size()}, source: source}
	t := b.passOn(whole, s.Name)
	if s.Matrices != nil && s.Matrices.Factor != 1 {
		f := s.Matrices.Factor
		last := func(w float64) {
			l := &b.stages[len(b.stages)-1].Linear
			for i := range l.Weights {
				l.Weights[i] = w
			}
		}
		last(1 / f)
		t = b.passOn(t, s.Name)
		last(f)
	}
	b.scaled[source] = t.source
	return t.source
}
