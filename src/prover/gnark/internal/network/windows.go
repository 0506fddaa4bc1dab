package network

import (
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// Windows in any number of dimensions, with ceil_mode, list their elements one by one. Those that slide does not take
// are lowered this way.

func init() {
	for op, plain := range map[string]func(*builder, *onnx.Node) ([]*tensor, error){
		"Conv": one((*builder).conv), "MaxPool": one((*builder).maxPool), "AveragePool": one((*builder).averagePool), "GlobalAveragePool": one((*builder).globalAveragePool),
	} {
		listed := map[string]func(c *calc) *tensor{"Conv": (*calc).listedConv, "MaxPool": (*calc).listedPool, "AveragePool": (*calc).listedPool,
			"GlobalAveragePool": (*calc).globalPool}[op]
		lowerings[op] = func(b *builder, n *onnx.Node) ([]*tensor, error) {
			if t, err := b.operand(n, 0); err == nil && (len(t.dims) > 4 || op != "Conv" && n.Int("ceil_mode", 0) != 0 ||
				op == "AveragePool" && slices.ContainsFunc(n.Ints("dilations"), func(d int64) bool { return d != 1 })) {
				return composed(listed)(b, n)
			}
			return plain(b, n)
		}
	}
	lowerings["GlobalMaxPool"] = composed((*calc).globalPool)
	lowerings["LpPool"] = composed((*calc).listedPool)
	lowerings["GlobalLpPool"] = composed((*calc).globalPool)
}

// windows lists, for each place of a window, the elements of an image under it at all positions; -1 is padding.
type windows struct {
	sides  []int // of the output
	places [][]int
	counts []float64 // per position: elements that are not beyond the padding
}

func (c *calc) windows(sides, kernel []int) (w windows) {
	rank := len(sides)
	numbers := func(name string, n, def int) []int {
		v := intsOf(c.n.Ints(name))
		if len(v) == 0 {
			return slices.Repeat([]int{def}, n)
		}
		if len(v) != n || slices.Min(v) < def || slices.Max(v) > maxActivations {
			c.refuse(fault.UnsupportedValue, "has %s %v, expected %d numbers from %d", name, v, n, def)
			return slices.Repeat([]int{def}, n)
		}
		return v
	}
	strides, dilations, pads := numbers("strides", rank, 1), numbers("dilations", rank, 1), numbers("pads", 2*rank, 0)
	if len(kernel) != rank || slices.Min(kernel) < 1 {
		c.refuse(fault.UnsupportedValue, "has a window %v for sides %v, expected a number from 1 for each", kernel, sides)
		return w
	}
	for i, side := range sides {
		reach := (kernel[i]-1)*dilations[i] + 1
		before, after, err := autoPad(c.n, pads[i], pads[rank+i], side, reach, strides[i])
		if c.checked(nil, err); c.err != nil {
			return w
		}
		pads[i], pads[rank+i] = before, after
		room := side + before + after - reach
		if room < 0 {
			c.refuse(fault.ShapeMismatch, "has a window of %d over a side of %d with pads %d and %d, expected it to fit", reach, side, before, after)
			return w
		}
		out := room/strides[i] + 1
		if c.n.Int("ceil_mode", 0) != 0 && room%strides[i] != 0 && out*strides[i] < side+before {
			out++ // a window that only starts inside
		}
		w.sides = append(w.sides, out)
	}
	if c.checked(nil, countable(c.n, append(slices.Clone(kernel), w.sides...))); c.err != nil {
		return w
	}
	w.places, w.counts = make([][]int, product(kernel)), make([]float64, product(w.sides))
	for k := range w.places {
		w.places[k] = make([]int, len(w.counts))
		for p := range w.counts {
			at, stride, inside := 0, 1, true
			restK, restP, bounded := k, p, true
			for i := rank - 1; i >= 0; i-- {
				x := restP%w.sides[i]*strides[i] + restK%kernel[i]*dilations[i] - pads[i]
				restK, restP = restK/kernel[i], restP/w.sides[i]
				inside = inside && x >= 0 && x < sides[i]
				bounded = bounded && x < sides[i]+pads[rank+i]
				at += x * stride
				stride *= sides[i]
			}
			w.places[k][p] = -1
			if inside {
				w.places[k][p] = at
			}
			if inside || bounded && c.n.Int("count_include_pad", 0) != 0 {
				w.counts[p]++
			}
		}
	}
	return w
}

// listed is every image of x as one row for each place of the window: images x places x positions.
func (c *calc) listed(x *tensor, w windows) *tensor {
	images, size := x.dims[0]*x.dims[1], product(x.dims[2:])
	index := make([]int, 0, images*len(w.places)*len(w.counts))
	for i := range images {
		for _, positions := range w.places {
			for _, at := range positions {
				if at >= 0 {
					at += i * size
				}
				index = append(index, at)
			}
		}
	}
	return c.moved(x, []int{images, len(w.places), len(w.counts)}, index)
}

func (c *calc) listedConv() *tensor {
	x, w := c.once(0), c.constant(1)
	group := int(c.n.Int("group", 1))
	if c.err != nil || len(x.dims) < 3 || len(w.dims) != len(x.dims) || group < 1 || w.size() == 0 || x.dims[1] != w.dims[1]*group || w.dims[0]%group != 0 {
		return c.refuse(fault.ShapeMismatch, "has weights %v and group %d for an input %v, expected outputs x channels/group and the sides of a window", w.dims, group, x.dims)
	}
	windows := c.windows(x.dims[2:], w.dims[2:])
	if c.err != nil {
		return c.zero()
	}
	bias := make([]float64, w.dims[0])
	if given(c.n, 2) {
		if bias = c.constant(2).v; len(bias) != w.dims[0] {
			return c.refuse(fault.ShapeMismatch, "has %d biases, expected %d", len(bias), w.dims[0])
		}
	}
	batch, positions := x.dims[0], len(windows.counts)
	t := c.listed(x, windows)
	g := window(Shape{product(t.dims[:2]), positions, 1}, Shape{batch * w.dims[0], positions, 1}, batch*group)
	l := Linear{Geometry: g, Weights: slices.Repeat(w.v, batch), Bias: slices.Repeat(bias, batch)}
	return c.checked(c.begin(c.n, t, l, append([]int{batch, w.dims[0]}, windows.sides...)))
}

func (c *calc) listedPool() *tensor { return c.pooled(intsOf(c.n.Ints("kernel_shape"))) }

func (c *calc) globalPool() *tensor {
	x := c.in(0)
	if len(x.dims) < 3 {
		return c.refuse(fault.ShapeMismatch, "reads dimensions %v, expected N x C and at least one more", x.dims)
	}
	return c.pooled(x.dims[2:])
}

func (c *calc) pooled(kernel []int) *tensor {
	x := c.once(0)
	if c.err != nil || len(x.dims) < 3 {
		return c.refuse(fault.ShapeMismatch, "reads dimensions %v, expected N x C and at least one more", x.dims)
	}
	w := c.windows(x.dims[2:], kernel)
	if c.err != nil {
		return c.zero()
	}
	dims := append(slices.Clone(x.dims[:2]), w.sides...)
	switch c.n.Op {
	case "MaxPool", "GlobalMaxPool":
		if c.n.Int("storage_order", 0) != 0 {
			return c.refuse(fault.UnsupportedValue, "has storage_order %d, expected 0", c.n.Int("storage_order", 0))
		}
		for p := range w.counts { // an element twice changes no maximum, unlike padding
			first := -1
			for k := range w.places {
				if first < 0 {
					first = w.places[k][p]
				}
			}
			for k := range w.places {
				if w.places[k][p] < 0 {
					w.places[k][p] = first
				}
			}
			if first < 0 {
				return c.refuse(fault.ShapeMismatch, "has a window of padding alone, expected elements in each")
			}
		}
		t := c.listed(x, w)
		return c.op("MaxPool", attrs{"kernel_shape": []int{len(w.places), 1}}, t.reshaped(append([]int{1}, t.dims...))).reshaped(dims)
	case "LpPool", "GlobalLpPool":
		p := float64(c.n.Int("p", 2))
		t := c.powered(c.op("Abs", nil, c.listed(kept(x), w)), p)
		return c.powered(c.op("ReduceSum", attrs{"axes": []int{1}, "keepdims": 0}, t), 1/p).reshaped(dims)
	}
	shares := &tensor{dims: []int{len(w.counts)}, constant: true}
	for _, n := range w.counts {
		shares.v = append(shares.v, 1/max(n, 1))
	}
	return c.mul(c.op("ReduceSum", attrs{"axes": []int{1}, "keepdims": 0}, c.listed(x, w)), shares).reshaped(dims)
}
