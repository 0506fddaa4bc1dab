package network

import (
	"slices"

	"provemark/gnark/internal/fault"
)

// Windows in any number of dimensions, and convolutions the other way round.

func init() {
	lowerings["ConvTranspose"] = composed((*calc).convTranspose)
}

// convTranspose is a convolution of the input spread out by its strides, with zeros between, by the turned weights.
func (c *calc) convTranspose() *tensor {
	x, w := c.in(0), c.constant(1)
	axes := len(x.dims) - 2
	group := int(c.n.Int("group", 1))
	if c.err != nil || axes < 1 || len(w.dims) != len(x.dims) || w.dims[0] != x.dims[1] || group < 1 || x.dims[1]%group != 0 || w.size() == 0 {
		return c.refuse(fault.ShapeMismatch, "has weights %v and group %d for an input %v, expected channels x outputs/group and the sides of a window", w.dims, group, x.dims)
	}
	numbers := func(name string, n, def int) []int {
		v := intsOf(c.n.Ints(name))
		if v == nil || len(v) == 0 {
			return slices.Repeat([]int{def}, n)
		}
		if len(v) != n || slices.Min(v) < 0 || slices.Max(v) > maxActivations {
			c.refuse(fault.UnsupportedValue, "has %s %v, expected %d numbers from 0", name, v, n)
			return slices.Repeat([]int{def}, n)
		}
		return v
	}
	strides, dilations, more := numbers("strides", axes, 1), numbers("dilations", axes, 1), numbers("output_padding", axes, 0)
	pads := numbers("pads", 2*axes, 0)
	auto := c.n.String("auto_pad", "NOTSET")
	want := intsOf(c.n.Ints("output_shape"))
	if len(want) > axes {
		want = want[len(want)-axes:]
	}
	wide := slices.Clone(x.dims) // the input spread out
	margins := make([]int, 2*len(x.dims))
	for i := range axes {
		side, kernel := x.dims[2+i], w.dims[2+i]
		if strides[i] < 1 || dilations[i] < 1 {
			return c.refuse(fault.UnsupportedValue, "has strides %v and dilations %v, expected each from 1", strides, dilations)
		}
		wide[2+i] = (side-1)*strides[i] + 1
		reach := (kernel-1)*dilations[i] + 1
		full := wide[2+i] + reach - 1 + more[i]
		out := -1
		if len(want) == axes {
			out = want[i]
		} else if auto == "SAME_UPPER" || auto == "SAME_LOWER" {
			out = side * strides[i]
		}
		if out >= 0 {
			total := max(full-out, 0)
			pads[i], pads[axes+i] = total-total/2, total/2
			if auto == "SAME_UPPER" {
				pads[i], pads[axes+i] = total/2, total-total/2
			}
			more[i] += max(out-full, 0)
		}
		margins[2+i], margins[len(x.dims)+2+i] = reach-1-pads[i], reach-1-pads[axes+i]+more[i]
	}
	if c.checked(nil, countable(c.n, wide)); c.err != nil {
		return c.zero()
	}
	own := stridesOf(x.dims)
	index := make([]int, product(wide))
	for i := range index {
		rest, at := i, 0
		for k := len(wide) - 1; k >= 0; k-- {
			p := rest % wide[k]
			rest /= wide[k]
			if k >= 2 {
				if p%strides[k-2] != 0 {
					at = -1
				}
				p /= strides[k-2]
			}
			if at >= 0 {
				at += p * own[k]
			}
		}
		index[i] = at
	}
	spread := c.op("Pad", attrs{"pads": margins}, c.moved(x, wide, index))
	// weights: channels x outputs per group become outputs x channels per group, each window turned
	in, out := w.dims[0]/group, w.dims[1]
	window := product(w.dims[2:])
	turned := make([]float64, 0, w.size())
	for g := range group {
		for o := range out {
			for i := range in {
				from := ((g*in+i)*out + o) * window
				for k := range window {
					turned = append(turned, w.v[from+window-1-k])
				}
			}
		}
	}
	weights := &tensor{dims: append([]int{group * out, in}, w.dims[2:]...), constant: true, v: turned}
	operands := []*tensor{spread, weights}
	if given(c.n, 2) {
		operands = append(operands, c.constant(2))
	}
	return c.op("Conv", attrs{"group": group, "dilations": dilations}, operands...)
}
