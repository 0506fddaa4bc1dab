package network

import (
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

func (b *builder) add(n *onnx.Node) (*tensor, error) {
	return b.binary(n, func(x, y float64) float64 { return x + y }, 1, 1)
}

func (b *builder) sub(n *onnx.Node) (*tensor, error) {
	return b.binary(n, func(x, y float64) float64 { return x - y }, 1, -1)
}

// sumOf adds any number of values, two at a time.
func (b *builder) sumOf(n *onnx.Node) (*tensor, error) {
	total, err := b.operand(n, 0)
	for i := 1; err == nil && i < len(n.Inputs); i++ {
		var next *tensor
		if next, err = b.operand(n, i); err == nil {
			total, err = b.weighted(n, total, next, func(x, y float64) float64 { return x + y }, 1, 1)
		}
	}
	return total, err
}

func (b *builder) binary(n *onnx.Node, f func(x, y float64) float64, wx, wy float64) (*tensor, error) {
	x, y, err := b.operands(n)
	if err != nil {
		return nil, err
	}
	return b.weighted(n, x, y, f, wx, wy)
}

// operands are the two operands of a binary node.
func (b *builder) operands(n *onnx.Node) (x, y *tensor, err error) {
	if x, err = b.operand(n, 0); err == nil {
		y, err = b.operand(n, 1)
	}
	return x, y, err
}

// weighted is wx x + wy y, or the result of f for two constants.
func (b *builder) weighted(n *onnx.Node, x, y *tensor, f func(x, y float64) float64, wx, wy float64) (*tensor, error) {
	x, y, err := b.alike(n, x, y)
	switch {
	case err != nil:
		return nil, err
	case x.constant && y.constant:
		return folded(x, y, f), nil
	case x.constant:
		return b.affine(n, y, same(wy, y.size()), times(x.v, wx))
	case y.constant:
		return b.affine(n, x, same(wx, x.size()), times(y.v, wy))
	}
	if t := b.joined(x, y, wx, wy); t != nil {
		return t, nil
	}
	if t := b.joined(y, x, wy, wx); t != nil {
		return t, nil
	}
	size := x.size()
	both := &tensor{dims: []int{2, size}, refs: slices.Concat(x.allRefs(), y.allRefs())}
	g := window(Shape{2, size, 1}, Shape{1, size, 1}, 1)
	return b.begin(n, both, Linear{Geometry: g, Weights: []float64{wx, wy}, Bias: []float64{0}}, x.dims)
}

// joined is x + wy y in the stage of x, if that is open, and y was there before it; else nil. Both read the common
// scale: a rescaling less than for a stage of their own.
func (b *builder) joined(x, y *tensor, wx, wy float64) *tensor {
	s := b.open(x)
	if s == nil || wx != 1 || s.Linear.Average {
		return nil
	}
	source := x.source
	if len(x.refs) > 0 {
		source = x.refs[0].source()
	}
	d := &b.stages[source-len(b.inputs)]
	fits := func(r ref) bool {
		return r == padding || r >= 0 && r.source() < source && r.source() >= len(b.inputs) && !b.exact(r.source())
	}
	read := &tensor{dims: []int{d.Linear.In.Size()}, source: d.source, refs: d.refs}
	for _, t := range []*tensor{read, y} {
		if t.refs == nil && !fits(refTo(t.source, 0)) || slices.ContainsFunc(t.refs, func(r ref) bool { return !fits(r) }) {
			return nil
		}
	}
	if d.added != nil {
		return nil
	}
	d.added, d.AddedWeight = make([]ref, x.size()), wy
	for i, r := range x.allRefs() {
		d.added[r.at()] = y.ref(i)
	}
	return x
}

// alike repeats both operands to their common dimensions, by numpy's rules.
func (b *builder) alike(n *onnx.Node, x, y *tensor) (*tensor, *tensor, error) {
	dims, ok := together(x.dims, y.dims)
	if !ok {
		return nil, nil, nodeFault(fault.ShapeMismatch, n, "has operands of dimensions %v and %v, expected them to broadcast", x.dims, y.dims)
	}
	if x, err := repeated(n, x, dims); err == nil {
		y, err = repeated(n, y, dims)
		return x, y, err
	} else {
		return nil, nil, err
	}
}

// affine is the activation times a weight plus a shift, element by element. It joins a preceding linear stage if that
// does not need more weights than it has.
func (b *builder) affine(n *onnx.Node, t *tensor, weights, shift []float64) (*tensor, error) {
	if kept, rest := b.mask(t, shift); kept != t {
		whole, err := t, error(nil)
		if slices.ContainsFunc(weights, func(w float64) bool { return w != 1 }) || slices.ContainsFunc(rest, func(v float64) bool { return v != 0 }) {
			whole, err = b.affine(n, t, weights, rest)
		}
		if err != nil {
			return nil, err
		}
		kept, _ = b.mask(whole, shift)
		return kept, nil
	}
	isZero := !slices.ContainsFunc(shift, func(v float64) bool { return v != 0 })
	if isZero && b.factorOf(t, weights) {
		return t, nil
	}
	isOne := !slices.ContainsFunc(weights, func(w float64) bool { return w != 1 })
	s := b.open(t)
	if s == nil {
		s = b.normOf(t)
	}
	if s != nil && !isOne {
		if short := perChannel(inStage(t, weights), s.Linear.Out); s.Linear.Average || s.AddedWeight != 0 || len(short) != s.Linear.Out[0] {
			s = nil
		} else {
			s.Linear.Weights = slices.Clone(s.Linear.Weights)
			for i := range s.Linear.Weights {
				s.Linear.Weights[i] *= short[i/(len(s.Linear.Weights)/len(short))]
			}
			bias := widened(s.Linear.Bias, s.Linear.Out)
			for i := range bias {
				bias[i] *= short[i/(len(bias)/len(short))]
			}
			s.Linear.Bias = perChannel(bias, s.Linear.Out)
		}
	}
	if s == nil {
		shape := shapeOf(t.dims)
		short := perChannel(weights, shape)
		if len(short) != shape[0] {
			shape = Shape{t.size(), 1, 1}
		}
		l := Linear{Geometry: identity(shape), Weights: short, Bias: make([]float64, shape[0])}
		var err error
		if t, err = b.begin(n, t, l, t.dims); err != nil {
			return nil, err
		}
		s = b.stageOf(t)
	}
	sum := widened(s.Linear.Bias, s.Linear.Out)
	for i, v := range inStage(t, shift) {
		sum[i] = v + sum[i]
	}
	s.Linear.Bias = perChannel(sum, s.Linear.Out)
	return t, nil
}

// inStage is a value for each element of a joinable tensor, in the order of its stage.
func inStage(t *tensor, v []float64) []float64 {
	if t.refs == nil {
		return v
	}
	ordered := make([]float64, len(v))
	for i, r := range t.refs {
		ordered[r.at()] = v[i]
	}
	return ordered
}

// widened is a bias of one value per element.
func widened(bias []float64, out Shape) []float64 {
	v := make([]float64, out.Size())
	for i := range v {
		v[i] = bias[i/(len(v)/len(bias))]
	}
	return v
}

// perChannel shortens a list to one value per channel where each channel has one value.
func perChannel(v []float64, out Shape) []float64 {
	size := out[1] * out[2]
	short := make([]float64, out[0])
	for i := range v {
		if i%size == 0 {
			short[i/size] = v[i]
		} else if v[i] != short[i/size] {
			return v
		}
	}
	return short
}

func folded(x, y *tensor, f func(x, y float64) float64) *tensor {
	r := &tensor{dims: x.dims, constant: true, integer: x.integer && y.integer}
	for i := range x.v {
		r.v = append(r.v, f(x.v[i], y.v[i]))
	}
	return r
}

func same(v float64, n int) []float64 {
	all := make([]float64, n)
	for i := range all {
		all[i] = v
	}
	return all
}

func times(v []float64, by float64) []float64 {
	if by == 1 {
		return v
	}
	out := make([]float64, len(v))
	for i := range v {
		out[i] = v[i] * by
	}
	return out
}
