package network

import (
	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

func (b *builder) relu(n *onnx.Node) error {
	if len(b.stages) == 0 {
		if err := b.beginIdentity(n); err != nil {
			return err
		}
	}
	s, _ := b.last()
	s.Relu = true // it commutes with a max-pool, so a pool before or after joins the same stage
	return nil
}

func (b *builder) maxPool(n *onnx.Node) error {
	g, _, err := b.poolWindow(n)
	if err != nil {
		return err
	}
	if n.Int("storage_order", 0) != 0 {
		return nodeFault(fault.UnsupportedValue, n, "has storage_order %d, expected 0", n.Int("storage_order", 0))
	}
	if s, _ := b.last(); s == nil || s.Pool != nil {
		if err := b.beginIdentity(n); err != nil {
			return err
		}
	}
	if err := b.admit(n, &g); err != nil {
		return err
	}
	s, _ := b.last()
	s.Pool = &g
	b.dims = []int{1, g.Out[0], g.Out[1], g.Out[2]}
	return nil
}

func (b *builder) averagePool(n *onnx.Node) error {
	g, rightPad, err := b.poolWindow(n)
	if err != nil {
		return err
	}
	if g.Dilation != [2]int{1, 1} {
		return nodeFault(fault.UnsupportedValue, n, "has dilations %v, expected 1 and 1", g.Dilation)
	}
	divisor := 0
	if n.Int("count_include_pad", 0) != 0 || g.Pad == [2]int{} && rightPad == [2]int{} {
		divisor = g.Kernel[0] * g.Kernel[1]
	}
	return b.average(n, g, divisor)
}

func (b *builder) globalAveragePool(n *onnx.Node) error {
	if len(b.dims) != 4 {
		return nodeFault(fault.ShapeMismatch, n, "reads a tensor of dimensions %v, expected 1 x C x H x W", b.dims)
	}
	in := b.shape()
	g := window(in, Shape{in[0], 1, 1}, in[0])
	g.Kernel = [2]int{in[1], in[2]}
	return b.average(n, g, in[1]*in[2])
}

func (b *builder) average(n *onnx.Node, g Geometry, divisor int) error {
	l := Linear{Geometry: g, Average: true, Divisor: divisor, Bias: make([]float64, g.Out[0])}
	return b.begin(n, l, []int{1, g.Out[0], g.Out[1], g.Out[2]})
}

func (b *builder) poolWindow(n *onnx.Node) (Geometry, [2]int, error) {
	if n.Ints("kernel_shape") == nil {
		return Geometry{}, [2]int{}, nodeFault(fault.UnsupportedValue, n, "has no kernel_shape, expected two numbers")
	}
	kernel, err := pair(n, "kernel_shape", 1, 1)
	if err != nil {
		return Geometry{}, [2]int{}, err
	}
	channels := b.shape()[0]
	g, rightPad, err := b.slide(n, kernel, channels, channels)
	for i := range 2 { // a window that saw padding alone would have no element
		if err != nil {
			break
		}
		if max(g.Pad[i], rightPad[i]) >= kernel[i] {
			err = nodeFault(fault.ShapeMismatch, n, "has pads %d and %d, expected both smaller than the window of %d",
				g.Pad[i], rightPad[i], kernel[i])
		} else if kernel[i] > 1 && g.Dilation[i] > g.In[1+i] {
			err = nodeFault(fault.ShapeMismatch, n, "has dilation %d over a side of %d, expected no more than the side",
				g.Dilation[i], g.In[1+i])
		}
	}
	return g, rightPad, err
}
