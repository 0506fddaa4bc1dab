package network

import (
	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// Logarithms of Softmax, and losses for targets that do not depend on the input.

func init() {
	lowerings["LogSoftmax"] = composed(func(c *calc) *tensor { return c.logSoftmax(c.in(0), c.axis(-1, len(c.in(0).dims))) })
	lowerings["NegativeLogLikelihoodLoss"] = composed(func(c *calc) *tensor { return c.likelihoodLoss(c.in(0)) })
	lowerings["SoftmaxCrossEntropyLoss"] = func(b *builder, n *onnx.Node) ([]*tensor, error) {
		c := &calc{builder: b, n: n}
		x := c.in(0)
		if len(x.dims) < 2 {
			return nil, nodeFault(fault.ShapeMismatch, n, "reads dimensions %v, expected N x C and maybe more", x.dims)
		}
		scores := kept(c.logSoftmax(x, 1))
		return []*tensor{c.likelihoodLoss(scores), scores}, c.err
	}
}

func (c *calc) logSoftmax(x *tensor, axis int) *tensor {
	return c.sum(1, x, -1, c.op("ReduceLogSumExp", attrs{"axes": []int{axis}, "keepdims": 1}, x))
}

// likelihoodLoss takes, from each column of channels, minus the one that the target names, times its weight.
func (c *calc) likelihoodLoss(x *tensor) *tensor {
	target := c.constant(1)
	if c.err != nil || len(x.dims) < 2 || target.size() != x.size()/max(x.dims[1], 1) {
		return c.refuse(fault.ShapeMismatch, "has targets of dimensions %v for %v, expected one for each column of channels", target.dims, x.dims)
	}
	weight := same(1, x.dims[1])
	if given(c.n, 2) {
		weight = c.constant(2).v
	}
	_, ignores := c.n.Attrs["ignore_index"]
	inner := product(x.dims[2:])
	index, weights, total := make([]int, target.size()), make([]float64, target.size()), 0.0
	for i, v := range target.v {
		class := int(v)
		switch {
		case ignores && class == int(c.n.Int("ignore_index", 0)):
			index[i] = -1
			continue
		case class < 0 || class >= x.dims[1] || class >= len(weight):
			return c.refuse(fault.UnsupportedValue, "has the target %v, expected one of %d classes", v, x.dims[1])
		}
		index[i] = (i/inner*x.dims[1]+class)*inner + i%inner
		weights[i] = weight[class]
		total += weight[class]
	}
	reduction := c.n.String("reduction", "mean")
	for i := range weights {
		if weights[i] = -weights[i]; reduction == "mean" {
			weights[i] /= total
		}
	}
	chosen := c.moved(x, target.dims, index)
	if reduction == "none" {
		return c.mul(chosen, &tensor{dims: target.dims, constant: true, v: weights})
	}
	row := c.op("Reshape", nil, chosen, integersOf([]int{target.size(), 1}))
	return c.matrix(row, 1, func(_, j int) float64 { return weights[j] }, nil).reshaped([]int{})
}
