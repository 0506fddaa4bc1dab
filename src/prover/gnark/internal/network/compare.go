package network

import (
	"math"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// Comparisons, logic, and rounding to integers: all made of steps and floors.

func init() {
	binary := func(f func(c *calc, x, y *tensor) *tensor) func(*builder, *onnx.Node) ([]*tensor, error) {
		return composed(func(c *calc) *tensor { return f(c, c.in(0), c.in(1)) })
	}
	unary := func(f func(c *calc, x *tensor) *tensor) func(*builder, *onnx.Node) ([]*tensor, error) {
		return composed(func(c *calc) *tensor { return f(c, c.in(0)) })
	}
	lowerings["Greater"] = binary((*calc).greater)
	lowerings["Less"] = binary(func(c *calc, x, y *tensor) *tensor { return c.greater(y, x) })
	lowerings["GreaterOrEqual"] = binary(func(c *calc, x, y *tensor) *tensor { return c.not(c.greater(y, x)) })
	lowerings["LessOrEqual"] = binary(func(c *calc, x, y *tensor) *tensor { return c.not(c.greater(x, y)) })
	lowerings["Equal"] = binary((*calc).equal)
	lowerings["And"] = binary(func(c *calc, x, y *tensor) *tensor { return boolean(c.mul(x, y)) })
	lowerings["Or"] = binary(func(c *calc, x, y *tensor) *tensor {
		return boolean(c.sum(1, c.sum(1, x, 1, y), -1, c.mul(x, y)))
	})
	lowerings["Xor"] = binary((*calc).xor)
	lowerings["Not"] = composed(func(c *calc) *tensor { return c.not(c.once(0)) })
	lowerings["Where"] = composed(func(c *calc) *tensor { return c.choose(c.in(0), c.in(1), c.in(2)) })
	lowerings["Sign"] = unary(func(c *calc, x *tensor) *tensor { return c.sum(1, c.step(x), -1, c.step(c.op("Neg", nil, x))) })
	lowerings["Floor"] = unary((*calc).floor)
	lowerings["Ceil"] = unary(func(c *calc, x *tensor) *tensor {
		return c.op("Neg", nil, c.floor(c.op("Neg", nil, x)))
	})
	lowerings["Round"] = unary((*calc).round)
	lowerings["Mod"] = binary((*calc).modulo)
	lowerings["Cast"] = composed(func(c *calc) *tensor { return c.cast(c.once(0), int(c.n.Int("to", 1))) })
	lowerings["CastLike"] = composed(func(c *calc) *tensor {
		to := 1
		if like := c.in(1); like.boolean {
			to = onnx.Boolean
		} else if like.integer {
			to = 7
		}
		return c.cast(c.once(0), to)
	})
	// A number of a circuit is neither.
	none := unary(func(c *calc, x *tensor) *tensor {
		return &tensor{dims: x.dims, constant: true, integer: true, boolean: true, v: make([]float64, x.size())}
	})
	lowerings["IsInf"], lowerings["IsNaN"] = none, none
	lowerings["ThresholdedRelu"] = unary(func(c *calc, x *tensor) *tensor {
		return c.mul(x, c.greater(x, number(c.n.Float("alpha", 1))))
	})
	lowerings["Shrink"] = unary(func(c *calc, x *tensor) *tensor {
		lambda, bias := c.n.Float("lambd", 0.5), c.n.Float("bias", 0)
		above, below := c.greater(x, number(lambda)), c.greater(number(-lambda), x)
		return c.sum(1, c.mul(c.linear(x, 1, -bias), above), 1, c.mul(c.linear(x, 1, bias), below))
	})
}

// cast changes nothing between float types. Integers are what is left of a number without its fraction, booleans say
// whether it is not zero.
func (c *calc) cast(x *tensor, to int) *tensor {
	switch {
	case onnx.IsFloat(to):
		f := *x
		f.integer, f.boolean = false, false
		return &f
	case to == onnx.Boolean:
		if x.boolean {
			return x
		}
		x = kept(x)
		if x.constant {
			return boolean(folded(x, x, func(v, _ float64) float64 { return math.Min(1, math.Ceil(math.Abs(v))) }))
		}
		return boolean(c.sum(1, c.step(x), 1, c.step(c.op("Neg", nil, x))))
	case onnx.IsInteger(to):
		if x.constant {
			y := folded(x, x, func(v, _ float64) float64 { return math.Trunc(v) })
			y.integer, y.boolean = true, false
			return y
		}
		y := *c.trunc(x)
		y.integer, y.boolean = true, false
		return &y
	}
	return c.refuse(fault.UnsupportedValue, "casts to element type %d, expected one of floats, integers or booleans", to)
}

// wholeQuotient divides whole numbers and rounds towards zero. Half of one is added first, which changes no quotient
// but keeps it away from the next, so that no rounding of weights matters.
func (c *calc) wholeQuotient(x, y *tensor) *tensor {
	half := func(x *tensor) *tensor {
		part := &tensor{dims: y.dims, constant: true}
		for _, v := range y.v {
			part.v = append(part.v, 1/math.Abs(v))
		}
		return c.floor(c.mul(c.linear(kept(c.op("Relu", nil, x)), 1, 0.5), part))
	}
	signs := &tensor{dims: y.dims, constant: true, integer: true}
	for _, v := range y.v {
		signs.v = append(signs.v, math.Copysign(1, v))
	}
	x = kept(x)
	t := *c.mul(c.sum(1, half(x), -1, half(c.op("Neg", nil, x))), signs)
	t.integer = true
	return &t
}

// modulo is x - y floor(x / y), or with fmod the remainder of a division that rounds towards zero.
func (c *calc) modulo(x, y *tensor) *tensor {
	fmod := c.n.Int("fmod", 0) != 0
	if x.constant && y.constant {
		t, err := c.weighted(c.n, x, y, func(x, y float64) float64 {
			if fmod {
				return math.Mod(x, y)
			}
			return x - y*math.Floor(x/y)
		}, 1, 1)
		return c.checked(t, err)
	}
	if !y.constant {
		return c.refuse(fault.UnsupportedGraph, "divides by %q, expected a constant there", c.n.Inputs[1])
	}
	exact := *x
	exact.integer = false // for a quotient with its fraction
	quotient := c.op("Div", nil, &exact, &tensor{dims: y.dims, constant: true, v: y.v})
	if fmod {
		quotient = c.trunc(quotient)
	} else {
		quotient = c.floor(quotient)
	}
	t := *c.sum(1, x, -1, c.mul(quotient, y))
	t.integer = x.integer && y.integer
	return &t
}
