package network

import (
	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

func (b *builder) relu(n *onnx.Node) (*tensor, error) {
	t, err := b.operand(n, 0)
	if err == nil && t.constant {
		return folded(t, t, func(v, _ float64) float64 { return max(v, 0) }), nil
	}
	if err == nil && b.stageOf(t) == nil {
		t, err = b.beginIdentity(n, t)
	}
	if err != nil {
		return nil, err
	}
	b.stageOf(t).Relu = true // it commutes with a max-pool, so a pool before or after joins the same stage
	return t, nil
}

func (b *builder) maxPool(n *onnx.Node) (*tensor, error) {
	t, err := b.activation(n, 0)
	if err != nil {
		return nil, err
	}
	g, _, err := poolWindow(n, t.dims)
	if err != nil {
		return nil, err
	}
	if n.Int("storage_order", 0) != 0 {
		return nil, nodeFault(fault.UnsupportedValue, n, "has storage_order %d, expected 0", n.Int("storage_order", 0))
	}
	if s := b.stageOf(t); s == nil || s.Pool != nil || t.refs != nil {
		if t, err = b.beginIdentity(n, t); err != nil {
			return nil, err
		}
	}
	if err := b.admit(n, &g); err != nil {
		return nil, err
	}
	b.stageOf(t).Pool = &g
	return t.reshaped(imageDims(t.dims, t.dims[1], g.Out)), nil
}

func (b *builder) averagePool(n *onnx.Node) (*tensor, error) {
	t, err := b.activation(n, 0)
	if err != nil {
		return nil, err
	}
	g, rightPad, err := poolWindow(n, t.dims)
	if err != nil {
		return nil, err
	}
	if g.Dilation != [2]int{1, 1} {
		return nil, nodeFault(fault.UnsupportedValue, n, "has dilations %v, expected 1 and 1", g.Dilation)
	}
	divisor := 0
	if n.Int("count_include_pad", 0) != 0 || g.Pad == [2]int{} && rightPad == [2]int{} {
		divisor = g.Kernel[0] * g.Kernel[1]
	}
	return b.average(n, t, g, divisor)
}

func (b *builder) globalAveragePool(n *onnx.Node) (*tensor, error) {
	t, err := b.activation(n, 0)
	if err != nil {
		return nil, err
	}
	if len(t.dims) != 4 && len(t.dims) != 3 {
		return nil, nodeFault(fault.ShapeMismatch, n, "reads a tensor of dimensions %v, expected N x C x H x W or N x C x L", t.dims)
	}
	in := shapeOf(t.dims)
	g := window(in, Shape{in[0], 1, 1}, in[0])
	g.Kernel = [2]int{in[1], in[2]}
	return b.average(n, t, g, in[1]*in[2])
}

func (b *builder) average(n *onnx.Node, t *tensor, g Geometry, divisor int) (*tensor, error) {
	l := Linear{Geometry: g, Average: true, Divisor: divisor, Bias: make([]float64, g.Out[0])}
	return b.begin(n, t, l, imageDims(t.dims, t.dims[1], g.Out))
}

func poolWindow(n *onnx.Node, dims []int) (Geometry, [2]int, error) {
	if n.Ints("kernel_shape") == nil {
		return Geometry{}, [2]int{}, nodeFault(fault.UnsupportedValue, n, "has no kernel_shape, expected two numbers")
	}
	kernel, err := pair(n, len(dims)-2, "kernel_shape", 1)
	if err != nil {
		return Geometry{}, [2]int{}, err
	}
	channels := shapeOf(dims)[0]
	g, rightPad, err := slide(n, dims, kernel, channels, channels)
	for i := range 2 { // a window that contains only padding would have no element
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
