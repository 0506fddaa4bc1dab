package network

import (
	"math"
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// Powers, norms, and quantisation as operators, all made of others.

func init() {
	unary := func(f func(c *calc, x *tensor) *tensor) func(*builder, *onnx.Node) ([]*tensor, error) {
		return composed(func(c *calc) *tensor { return f(c, c.in(0)) })
	}
	lowerings["Pow"] = composed(func(c *calc) *tensor {
		x, y := c.in(0), c.in(1)
		switch {
		case x.constant && y.constant:
			t, err := c.weighted(c.n, x, y, math.Pow, 1, 1)
			return c.checked(t, err)
		case x.constant && x.size() == 1 && x.v[0] > 0: // c^y = exp(y log c)
			return c.op("Exp", nil, c.linear(y, math.Log(x.v[0]), 0))
		case !y.constant || y.size() == 0 || slices.ContainsFunc(y.v, func(v float64) bool { return v != y.v[0] }):
			return c.power(x, y)
		}
		t := c.powered(x, y.v[0])
		if dims, ok := together(t.dims, y.dims); ok && c.err == nil {
			t, c.err = repeated(c.n, t, dims)
		}
		return t
	})
	lowerings["Swish"] = unary(func(c *calc, x *tensor) *tensor {
		alpha := c.n.Float("alpha", 1)
		return c.linear(c.function(Function{Name: "Silu"}, c.linear(x, alpha, 0)), 1/alpha, 0)
	})
	lowerings["LpNormalization"] = unary(func(c *calc, x *tensor) *tensor {
		axis := attrs{"axes": []int{c.axis(-1, len(x.dims))}, "keepdims": 1}
		norm := "ReduceL2"
		if c.n.Int("p", 2) == 1 {
			norm = "ReduceL1"
		}
		return c.op("Div", nil, x, c.op(norm, axis, x))
	})
	lowerings["MeanVarianceNormalization"] = unary(func(c *calc, x *tensor) *tensor {
		axes := intsOf(c.n.Ints("axes"))
		if c.n.Ints("axes") == nil {
			axes = []int{0, 2, 3}
		}
		return c.normalized(x, axes, 1e-9)
	})
	lowerings["InstanceNormalization"] = unary(func(c *calc, x *tensor) *tensor {
		if len(x.dims) < 3 {
			return c.refuse(fault.ShapeMismatch, "reads dimensions %v, expected N x C and at least one more", x.dims)
		}
		t := c.normalized(x, upTo(len(x.dims))[2:], c.n.Float("epsilon", 1e-5))
		return c.perChannelScale(t, c.in(1), c.in(2))
	})
	lowerings["GroupNormalization"] = unary(func(c *calc, x *tensor) *tensor {
		groups := int(c.n.Int("num_groups", 0))
		if len(x.dims) < 3 || groups < 1 || x.dims[1]%groups != 0 {
			return c.refuse(fault.ShapeMismatch, "has %d groups for dimensions %v, expected N x C and at least one more, with groups of channels", groups, x.dims)
		}
		dims := append([]int{x.dims[0], groups, x.dims[1] / groups}, x.dims[2:]...)
		t := c.normalized(x.reshaped(dims), upTo(len(dims))[2:], c.n.Float("epsilon", 1e-5))
		scale, bias := c.in(1), c.in(2)
		if scale.size() == groups && groups != x.dims[1] { // before opset 21, one for each group
			t := c.perChannelScale(t, scale, bias)
			return t.reshaped(x.dims)
		}
		return c.perChannelScale(t.reshaped(x.dims), scale, bias)
	})
	lowerings["RMSNormalization"] = rmsNorm
	lowerings["LRN"] = unary(func(c *calc, x *tensor) *tensor {
		if len(x.dims) < 3 {
			return c.refuse(fault.ShapeMismatch, "reads dimensions %v, expected N x C and at least one more", x.dims)
		}
		size := int(c.n.Int("size", 1))
		before, after := (size-1)/2, size-1-(size-1)/2
		rows, _ := c.rows(x, []int{1}, true)
		rows = kept(rows)
		sums := c.matrix(c.mul(rows, rows), rows.dims[0], func(i, j int) float64 {
			return float64(b2i(j >= i-before && j <= i+after)) * c.n.Float("alpha", 1e-4) / float64(size)
		}, same(c.n.Float("bias", 1), rows.dims[0]))
		return c.fromRows(c.mul(rows, c.function(Function{Name: "Pow", A: -c.n.Float("beta", 0.75)}, sums)), x.dims, 1)
	})
	lowerings["DequantizeLinear"] = composed(func(c *calc) *tensor { return c.dequantized(0) })
	lowerings["QuantizeLinear"] = composed(func(c *calc) *tensor {
		x, scale := c.in(0), c.channels(c.constant(1), c.in(0))
		zero, kind := number(0), int(c.n.Int("output_dtype", 2))
		if given(c.n, 2) {
			zero, kind = c.channels(c.constant(2), x), 0
			if t := c.model.Consts[c.n.Inputs[2]]; t != nil {
				kind = t.DataType()
			}
		}
		lowest, highest, known := onnx.Limits(kind)
		if !known {
			return c.refuse(fault.UnsupportedValue, "quantises to element type %d, expected integers of 8, 16 or 32 bits as a zero point of the file", kind)
		}
		t := c.sum(1, c.round(c.op("Div", nil, x, scale)), 1, zero)
		t = c.op("Clip", nil, t, number(lowest), number(highest))
		whole := *t
		whole.integer = true
		return &whole
	})
}

// rmsNorm is a separate stage in deep models, and made of operators in others.
func rmsNorm(b *builder, n *onnx.Node) ([]*tensor, error) {
	if b.deep && (!given(n, 1) || b.model.Consts[n.Inputs[1]] != nil) {
		return one((*builder).layerNorm)(b, n)
	}
	return composed(func(c *calc) *tensor {
		x := c.in(0)
		axes := upTo(len(x.dims))[c.axis(-1, len(x.dims)):]
		square := c.op("ReduceMean", attrs{"axes": axes, "keepdims": 1}, c.mul(x, x))
		root := c.op("Sqrt", nil, c.linear(square, 1, c.n.Float("epsilon", 1e-5)))
		return c.mul(c.op("Div", nil, x, root), c.in(1))
	})(b, n)
}

// power is x^y for exponents that differ, each taken by itself.
func (c *calc) power(x, y *tensor) *tensor {
	if !y.constant {
		return c.refuse(fault.UnsupportedGraph, "has the exponent %q, expected a constant there, or a positive number as the base", c.n.Inputs[1])
	}
	x, y, err := c.alike(c.n, x, y)
	if c.checked(nil, err); c.err != nil {
		return c.zero()
	}
	var parts []*tensor
	where := make([]int, y.size())
	at := 0
	for i, v := range y.v {
		if slices.Index(y.v, v) < i {
			continue
		}
		var index []int
		for k, w := range y.v {
			if w == v {
				where[k] = at
				index, at = append(index, k), at+1
			}
		}
		parts = append(parts, c.powered(x.picked([]int{len(index)}, index), v))
	}
	return c.moved(c.op("Concat", attrs{"axis": 0}, parts...), x.dims, where)
}

// powered is x^p: products for small whole p, a table for others.
func (c *calc) powered(x *tensor, p float64) *tensor {
	x = kept(x)
	switch {
	case p == 0:
		return &tensor{dims: x.dims, constant: true, integer: true, v: same(1, x.size())}
	case p == 1:
		return x
	case p == 2 || p == 3 || p == 4:
		t := kept(c.mul(x, x))
		if p == 3 {
			return c.mul(t, x)
		} else if p == 4 {
			return c.mul(t, t)
		}
		return t
	case p == 0.5:
		return c.op("Sqrt", nil, x)
	case p == -1:
		return c.op("Reciprocal", nil, x)
	}
	return c.function(Function{Name: "Pow", A: p}, x)
}

// normalized is x minus its mean, divided by its standard deviation, along axes.
func (c *calc) normalized(x *tensor, axes []int, epsilon float64) *tensor {
	a := attrs{"axes": axes, "keepdims": 1}
	from := kept(c.sum(1, x, -1, c.op("ReduceMean", a, x)))
	variance := c.linear(c.op("ReduceMean", a, c.mul(from, from)), 1, epsilon)
	return c.op("Div", nil, from, c.op("Sqrt", nil, variance))
}

// perChannelScale is scale x + bias, with one of each for every channel of axis 1.
func (c *calc) perChannelScale(x, scale, bias *tensor) *tensor {
	if c.err != nil || len(x.dims) < 2 {
		return c.zero()
	}
	dims := slices.Repeat([]int{1}, len(x.dims)-1)
	dims[0] = x.dims[1]
	if scale.size() != dims[0] || bias.size() != dims[0] {
		return c.refuse(fault.ShapeMismatch, "has %d scales and %d biases for %d channels, expected one each", scale.size(), bias.size(), dims[0])
	}
	return c.sum(1, c.mul(x, scale.reshaped(dims)), 1, bias.reshaped(dims))
}

// channels is a scale or a zero point as it broadcasts: one number, one for each place of an axis, or blocks of it.
func (c *calc) channels(t, x *tensor) *tensor {
	switch block := int(c.n.Int("block_size", 0)); {
	case c.err != nil || t.size() == 1:
		return t
	case len(t.dims) == 1:
		axis := c.axis(1, len(x.dims))
		dims := slices.Repeat([]int{1}, len(x.dims)-axis)
		if c.err != nil || len(dims) == 0 {
			return c.zero()
		}
		dims[0] = t.size()
		return t.reshaped(dims)
	case block > 0 && len(t.dims) == len(x.dims):
		axis := c.axis(1, len(x.dims))
		strides := stridesOf(t.dims)
		index := make([]int, x.size())
		for i := range index {
			rest := i
			for k := len(x.dims) - 1; k >= 0; k-- {
				p := rest % x.dims[k]
				if rest /= x.dims[k]; k == axis {
					p /= block
				}
				if p >= t.dims[k] {
					return c.refuse(fault.ShapeMismatch, "has scales of dimensions %v for %v, expected one for each block of %d", t.dims, x.dims, block)
				}
				index[i] += p * strides[k]
			}
		}
		return c.moved(t, x.dims, index)
	}
	return c.refuse(fault.ShapeMismatch, "has scales of dimensions %v, expected one number or one for each place of an axis", t.dims)
}

// dequantized is (x - zero point) * scale for the three operands from first.
func (c *calc) dequantized(first int) *tensor {
	x := c.in(first)
	scale := c.channels(c.constant(first+1), x)
	if given(c.n, first+2) {
		x = c.sum(1, x, -1, c.channels(c.constant(first+2), x))
	}
	exact := *scale
	exact.integer = false
	t := *c.mul(x, &exact)
	t.integer = false
	return &t
}
