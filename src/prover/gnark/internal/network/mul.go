package network

import (
	"math"
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

func (b *builder) neg(n *onnx.Node) (*tensor, error) {
	x, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	return b.weighted(n, &tensor{constant: true, integer: x.integer, v: []float64{0}}, x, func(x, y float64) float64 { return x - y }, 1, -1)
}

// mul is a product of two activations, with a constant, or of two constants.
func (b *builder) mul(n *onnx.Node) (*tensor, error) {
	x, y, err := b.operands(n)
	if err != nil {
		return nil, err
	}
	if !x.constant && !y.constant {
		if x, y, err = b.alike(n, x, y); err != nil {
			return nil, err
		}
		both := b.stageScale(&tensor{dims: []int{2, x.size()}, refs: slices.Concat(x.allRefs(), y.allRefs())})
		t, err := b.begin(n, both, b.identityOf(x), x.dims)
		if err == nil {
			b.stageOf(t).Product = true
		}
		return t, err
	}
	return b.scaling(n, func(x, y float64) float64 { return x * y }, func(c float64) float64 { return c })
}

// div is a quotient by a constant, or of two constants.
func (b *builder) div(n *onnx.Node) (*tensor, error) {
	x, c, err := b.operands(n)
	if err != nil {
		return nil, err
	}
	if !c.constant {
		return b.quotient(n, x, c)
	}
	for _, v := range c.v {
		if v == 0 {
			return nil, nodeFault(fault.UnsupportedValue, n, "divides by zero, expected other numbers")
		}
	}
	quotient := func(x, y float64) float64 { return x / y }
	if c.integer {
		quotient = func(x, y float64) float64 { return math.Trunc(x / y) }
	}
	return b.scaling(n, quotient, func(c float64) float64 { return 1 / c })
}

func (b *builder) scaling(n *onnx.Node, f func(x, y float64) float64, weight func(c float64) float64) (*tensor, error) {
	x, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	c, err := b.operand(n, 1)
	if err != nil {
		return nil, err
	}
	if x.constant && !c.constant {
		x, c = c, x
	}
	if !c.constant {
		return nil, nodeFault(fault.UnsupportedGraph, n, "divides two values that depend on the input, expected a constant divisor")
	}
	if x, c, err = b.alike(n, x, c); err != nil {
		return nil, err
	}
	if x.constant {
		return folded(x, c, f), nil
	}
	weights := make([]float64, len(c.v))
	for i := range weights {
		weights[i] = weight(c.v[i])
	}
	return b.affine(n, x, weights, make([]float64, len(weights)))
}
