package network

import (
	"fmt"
	"math"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// calc lowers an operator as a calculation with others. After an error it calculates with zeros, and the error counts.
type calc struct {
	*builder
	n   *onnx.Node
	err error
}

// composed is a lowering by calculation.
func composed(f func(c *calc) *tensor) func(*builder, *onnx.Node) ([]*tensor, error) {
	return one(func(b *builder, n *onnx.Node) (*tensor, error) {
		c := &calc{builder: b, n: n}
		t := f(c)
		return t, c.err
	})
}

func (c *calc) zero() *tensor { return number(0) }

// number is a constant.
func number(v float64) *tensor {
	return &tensor{dims: []int{}, constant: true, integer: v == math.Trunc(v), v: []float64{v}}
}

func (c *calc) refuse(code, format string, args ...any) *tensor {
	if c.err == nil {
		c.err = nodeFault(code, c.n, format, args...)
	}
	return c.zero()
}

// in is operand i; every operator of the calculation may read it.
func (c *calc) in(i int) *tensor {
	t, err := c.operand(c.n, i)
	return kept(c.checked(t, err))
}

// once is operand i for one reader, which can join its stage.
func (c *calc) once(i int) *tensor { return c.checked(c.operand(c.n, i)) }

func (c *calc) checked(t *tensor, err error) *tensor {
	if c.err == nil {
		c.err = err
	}
	if c.err != nil {
		return c.zero()
	}
	return t
}

// kept is the tensor for several readers: nothing may join its stage.
func kept(t *tensor) *tensor {
	k := *t
	k.joinable = false
	return &k
}

// attrs are attributes by name: int, []int, float64 or string.
type attrs map[string]any

// op applies an operator.
func (c *calc) op(op string, a attrs, in ...*tensor) *tensor {
	if c.err != nil {
		return c.zero()
	}
	n := &onnx.Node{Name: c.n.Name, Op: op, Attrs: map[string]onnx.Attr{}}
	for name, v := range a {
		switch v := v.(type) {
		case int:
			n.Attrs[name] = onnx.Attr{Int: int64(v)}
		case []int:
			ints := make([]int64, len(v))
			for i := range v {
				ints[i] = int64(v[i])
			}
			n.Attrs[name] = onnx.Attr{Ints: ints}
		case float64:
			n.Attrs[name] = onnx.Attr{Float: v}
		case string:
			n.Attrs[name] = onnx.Attr{Bytes: []byte(v)}
		}
	}
	for _, t := range in {
		name := ""
		if t != nil {
			c.temporary++
			name = fmt.Sprintf("\x00%d", c.temporary) // no name of a file
			c.values[name] = t
			defer delete(c.values, name)
		}
		n.Inputs = append(n.Inputs, name)
	}
	out, err := c.run(n)
	if err != nil {
		return c.checked(nil, err)
	}
	return out[0]
}

// linear is w x + bias.
func (c *calc) linear(x *tensor, w, bias float64) *tensor {
	if w != 1 {
		x = c.op("Mul", nil, x, number(w))
	}
	if bias != 0 {
		x = c.op("Add", nil, x, number(bias))
	}
	return x
}

// sum is wx x + wy y, in one stage.
func (c *calc) sum(wx float64, x *tensor, wy float64, y *tensor) *tensor {
	if c.err != nil {
		return c.zero()
	}
	t, err := c.weighted(c.n, kept(x), kept(y), func(x, y float64) float64 { return wx*x + wy*y }, wx, wy)
	if t = c.checked(t, err); x.integer && y.integer && wx == math.Trunc(wx) && wy == math.Trunc(wy) {
		whole := *t
		whole.integer = true
		return &whole
	}
	return t
}

func (c *calc) mul(x, y *tensor) *tensor { return c.op("Mul", nil, x, y) }

// function looks x up.
func (c *calc) function(f Function, x *tensor) *tensor {
	if c.err != nil {
		return c.zero()
	}
	return c.checked(c.lookedUp(c.n, f, x))
}

// step is 1 where x is above zero, otherwise 0.
func (c *calc) step(x *tensor) *tensor {
	return c.jump(x, Step, func(v float64) float64 {
		if v > 0 {
			return 1
		}
		return 0
	})
}

// floor is the largest integer that is not larger. It needs the value itself, not sums that are about to be rounded.
func (c *calc) floor(x *tensor) *tensor {
	if x.integer {
		return x
	}
	return c.jump(kept(x), Floor, math.Floor)
}

func (c *calc) jump(x *tensor, j Jump, f func(float64) float64) *tensor {
	if c.err != nil {
		return c.zero()
	}
	if x.constant {
		y := folded(x, x, func(v, _ float64) float64 { return f(v) })
		y.integer, y.boolean = true, j == Step
		return y
	}
	if c.open(x) == nil {
		var err error
		if x = c.checked(c.beginIdentity(c.n, x)); err != nil || c.err != nil {
			return c.zero()
		}
	}
	c.stageOf(x).Jump = j
	y := kept(x)
	y.integer, y.boolean = true, j == Step
	return y
}

// not is 1 - x for a boolean.
func (c *calc) not(x *tensor) *tensor {
	y := *c.linear(x, -1, 1)
	y.integer, y.boolean = true, true
	return &y
}

// boolean marks a calculation that gives 0 or 1.
func boolean(t *tensor) *tensor {
	b := *t
	b.integer, b.boolean = true, true
	return &b
}

// greater is 1 where x > y.
func (c *calc) greater(x, y *tensor) *tensor { return c.step(c.sum(1, x, -1, y)) }

// equal is 1 where x = y, on the grid of the scale.
func (c *calc) equal(x, y *tensor) *tensor {
	x, y = kept(x), kept(y)
	if x.boolean && y.boolean {
		return c.not(c.xor(x, y))
	}
	return boolean(c.linear(c.sum(-1, c.greater(x, y), -1, c.greater(y, x)), 1, 1))
}

func (c *calc) xor(x, y *tensor) *tensor {
	return boolean(c.sum(1, c.sum(1, x, 1, y), -2, c.mul(kept(x), kept(y))))
}

// choose is x where the condition holds, otherwise y.
func (c *calc) choose(condition, x, y *tensor) *tensor {
	if condition.constant {
		return c.picked(condition, x, y)
	}
	t := c.sum(1, y, 1, c.mul(condition, c.sum(1, x, -1, y)))
	if x.integer && y.integer {
		whole := *t
		whole.integer, whole.boolean = true, x.boolean && y.boolean
		return &whole
	}
	return t
}

// picked is choose for a condition that is known: no value is calculated.
func (c *calc) picked(condition, x, y *tensor) *tensor {
	if c.err != nil {
		return c.zero()
	}
	x, y, err := c.alike(c.n, x, y)
	if err == nil {
		condition, x, err = c.alike(c.n, condition, x)
	}
	if err == nil {
		condition, y, err = c.alike(c.n, condition, y)
	}
	var both *tensor
	if c.checked(nil, err); c.err == nil {
		flat := []int{1, x.size()}
		both = c.op("Concat", attrs{"axis": 0}, kept(x).reshaped(flat), kept(y).reshaped(flat))
	}
	if c.err != nil {
		return c.zero()
	}
	index := make([]int, x.size())
	for i := range index {
		if index[i] = i; condition.v[i] == 0 {
			index[i] += x.size()
		}
	}
	return both.picked(x.dims, index)
}

// trunc rounds towards zero.
func (c *calc) trunc(x *tensor) *tensor {
	if x.integer {
		return x
	}
	x = kept(x)
	return c.sum(1, c.floor(c.op("Relu", nil, x)), -1, c.floor(c.op("Relu", nil, c.op("Neg", nil, x))))
}

// round rounds to the nearest integer, and to the even one in the middle: upwards at -0.5, 1.5, 3.5 …, where
// floor(x / 2 + 1/4) jumps, downwards at 0.5, 2.5 …, after which -floor(1/4 - x / 2) jumps.
func (c *calc) round(x *tensor) *tensor {
	if x.integer {
		return x
	}
	x = c.scaled(x)
	half := func(w float64) *tensor {
		if x.constant {
			return c.linear(x, w, 0.25)
		}
		t := c.checked(c.begin(c.n, x, c.identityOf(x), x.dims))
		return c.linear(t, w, 0.25)
	}
	up, down := c.jump(half(0.5), Floor, math.Floor), c.jump(half(-0.5), Floor, math.Floor)
	return c.sum(1, up, -1, down)
}

// scaled is x at the common scale, if it is an input.
func (c *calc) scaled(x *tensor) *tensor {
	if x.constant || c.err != nil {
		return x
	}
	return kept(c.stageScale(&tensor{dims: x.dims, refs: x.allRefs()}))
}

// axis is the attribute axis.
func (c *calc) axis(def int64, rank int) int {
	a, err := axis(c.n, def, rank)
	if c.err == nil {
		c.err = err
	}
	return a
}

// moved is the tensor with other dimensions of the elements index; -1 is a zero.
func (c *calc) moved(x *tensor, dims, index []int) *tensor {
	if c.err != nil {
		return c.zero()
	}
	return x.picked(dims, index)
}

// constantFloats are operand i, which must be a constant.
func (c *calc) constant(i int) *tensor {
	t := c.in(i)
	if !t.constant {
		return c.refuse(fault.UnsupportedGraph, "reads %q as input %d, expected a constant there", c.n.Inputs[i], i)
	}
	return t
}
