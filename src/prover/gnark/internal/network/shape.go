package network

import (
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

func (b *builder) pass(n *onnx.Node) (*tensor, error) { return b.operand(n, 0) }

// dropout passes its input on, as it does in inference; its training mode and its mask are refused.
func (b *builder) dropout(n *onnx.Node) (*tensor, error) {
	if given(n, 2) {
		mode, err := b.operand(n, 2)
		if err != nil || !mode.constant || slices.ContainsFunc(mode.v, func(v float64) bool { return v != 0 }) {
			return nil, nodeFault(fault.UnsupportedValue, n, "has a training_mode input that is not false, expected none")
		}
	}
	return b.operand(n, 0)
}

func (b *builder) flatten(n *onnx.Node) (*tensor, error) {
	t, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	axis := int(n.Int("axis", 1))
	if axis < 0 {
		axis += len(t.dims)
	}
	if axis < 0 || axis > len(t.dims) {
		return nil, nodeFault(fault.UnsupportedValue, n, "has axis %d for an input %v, expected one of its axes", n.Int("axis", 1), t.dims)
	}
	return t.reshaped([]int{product(t.dims[:axis]), product(t.dims[axis:])}), nil
}

func (b *builder) reshape(n *onnx.Node) (*tensor, error) {
	t, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	shape, err := b.integers(n, 1)
	if err != nil {
		return nil, err
	}
	dims, open, known := make([]int, len(shape)), -1, 1
	for i, d := range shape {
		switch {
		case d == 0 && n.Int("allowzero", 0) == 0 && i < len(t.dims):
			d = t.dims[i]
		case d == -1 && open < 0:
			open, d = i, 1
		}
		if d < 0 || d > maxActivations {
			return nil, nodeFault(fault.ShapeMismatch, n, "has shape %v for an input %v, expected sizes, 0 where one is kept, -1 at most once", shape, t.dims)
		}
		dims[i] = d
		if known *= d; known > maxActivations {
			break
		}
	}
	if size := t.size(); open >= 0 && known > 0 && size%known == 0 {
		dims[open] = size / known
	}
	return t.withDims(n, dims)
}

// withDims is the same elements under other dimensions: none may appear or vanish.
func (t *tensor) withDims(n *onnx.Node, dims []int) (*tensor, error) {
	if product(dims) != t.size() {
		return nil, nodeFault(fault.ShapeMismatch, n, "turns dimensions %v into %v, expected the same number of elements", t.dims, dims)
	}
	return t.reshaped(dims), nil
}

// axes are input 1 or the attribute of that name, counted from the front of a tensor of that rank; nil where
// neither is there.
func (b *builder) axes(n *onnx.Node, rank int) ([]int, error) {
	axes := intsOf(n.Ints("axes"))
	if given(n, 1) {
		var err error
		if axes, err = b.integers(n, 1); err != nil {
			return nil, err
		}
	} else if n.Ints("axes") == nil {
		return nil, nil
	}
	seen := map[int]bool{}
	for i, a := range axes {
		if a < 0 {
			a += rank
		}
		if a < 0 || a >= rank || seen[a] {
			return nil, nodeFault(fault.UnsupportedValue, n, "has axes %v, expected different ones of %d", axes, rank)
		}
		axes[i], seen[a] = a, true
	}
	return axes, nil
}

// axis is the attribute axis, counted from the front.
func axis(n *onnx.Node, def int64, rank int) (int, error) {
	a := int(n.Int("axis", def))
	if a < 0 {
		a += rank
	}
	if a < 0 || a >= rank {
		return 0, nodeFault(fault.UnsupportedValue, n, "has axis %d, expected one of %d", n.Int("axis", def), rank)
	}
	return a, nil
}

func (b *builder) squeeze(n *onnx.Node) (*tensor, error) {
	t, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	axes, err := b.axes(n, len(t.dims))
	if err != nil {
		return nil, err
	}
	dims := []int{}
	for i, d := range t.dims {
		if axes == nil && d != 1 || axes != nil && !slices.Contains(axes, i) {
			dims = append(dims, d)
		}
	}
	return t.withDims(n, dims)
}

func (b *builder) unsqueeze(n *onnx.Node) (*tensor, error) {
	t, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	count := len(n.Ints("axes"))
	if given(n, 1) {
		list, err := b.integers(n, 1)
		if err != nil {
			return nil, err
		}
		count = len(list)
	}
	axes, err := b.axes(n, len(t.dims)+count)
	if err != nil {
		return nil, err
	}
	dims, rest := make([]int, len(t.dims)+count), t.dims
	for i := range dims {
		if slices.Contains(axes, i) {
			dims[i] = 1
		} else {
			dims[i], rest = rest[0], rest[1:]
		}
	}
	return t.reshaped(dims), nil
}

func (b *builder) expand(n *onnx.Node) (*tensor, error) {
	t, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	shape, err := b.integers(n, 1)
	if err != nil {
		return nil, err
	}
	dims, ok := together(t.dims, shape)
	if !ok {
		return nil, nodeFault(fault.ShapeMismatch, n, "expands dimensions %v to %v, expected them to broadcast", t.dims, shape)
	}
	return repeated(n, t, dims)
}
