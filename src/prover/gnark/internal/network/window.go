package network

import (
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// slide reads the attributes that Conv and the pools share (kernel_shape, strides, dilations, pads,
// auto_pad, ceil_mode) and computes the window over a batch of images, or of rows. rightPad is what lies
// below and to the right.
func slide(n *onnx.Node, dims []int, kernel [2]int, channels, group int) (g Geometry, rightPad [2]int, err error) {
	if len(dims) != 4 && len(dims) != 3 {
		return g, rightPad, nodeFault(fault.ShapeMismatch, n, "reads a tensor of dimensions %v, expected N x C x H x W or N x C x L", dims)
	}
	in, axes := shapeOf(dims), len(dims)-2
	g = window(in, Shape{channels}, group)
	g.Kernel = kernel
	if g.Stride, err = pair(n, axes, "strides", 1); err != nil {
		return g, rightPad, err
	}
	if g.Dilation, err = pair(n, axes, "dilations", 1); err != nil {
		return g, rightPad, err
	}
	pads, err := explicitPads(n, axes)
	if err != nil {
		return g, rightPad, err
	}
	for i := range 2 {
		side, reach := in[1+i], (kernel[i]-1)*g.Dilation[i]+1
		before, after, err := autoPad(n, pads[i], pads[2+i], side, reach, g.Stride[i])
		if err != nil {
			return g, rightPad, err
		}
		room := side + before + after - reach
		if room < 0 {
			return g, rightPad, nodeFault(fault.ShapeMismatch, n,
				"has a window of %d over a side of %d with pads %d and %d, expected it to fit", reach, side, before, after)
		}
		if n.Int("ceil_mode", 0) != 0 && room%g.Stride[i] != 0 {
			return g, rightPad, nodeFault(fault.UnsupportedValue, n, "has ceil_mode 1 where it changes the output's size, expected 0")
		}
		g.Pad[i], rightPad[i] = before, after
		g.Out[1+i] = room/g.Stride[i] + 1
	}
	return g, rightPad, nil
}

// pair reads a number from 1 for each axis; def where the attribute is missing. Rows have a first axis of 1.
func pair(n *onnx.Node, axes int, name string, def int) (p [2]int, err error) {
	v := n.Ints(name)
	if v == nil {
		return [2]int{def, def}, nil
	}
	if len(v) != axes || slices.Min(v) < 1 || slices.Max(v) > maxActivations {
		return p, nodeFault(fault.UnsupportedValue, n, "has %s %v, expected a number from 1 for each of %d axes", name, v, axes)
	}
	if axes == 1 {
		return [2]int{1, int(v[0])}, nil
	}
	return [2]int{int(v[0]), int(v[1])}, nil
}

func explicitPads(n *onnx.Node, axes int) (p [4]int, err error) {
	v := n.Ints("pads")
	if v == nil {
		return p, nil
	}
	if len(v) != 2*axes {
		return p, nodeFault(fault.UnsupportedValue, n, "has pads %v, expected %d numbers", v, 2*axes)
	}
	if axes == 1 {
		v = []int64{0, v[0], 0, v[1]}
	}
	for i := range p {
		if v[i] < 0 || v[i] > maxActivations {
			return p, nodeFault(fault.UnsupportedValue, n, "has pads %v, expected each to be 0 or more", v)
		}
		p[i] = int(v[i])
	}
	return p, nil
}

// autoPad gives the pads of one axis by the rules of ONNX's auto_pad.
func autoPad(n *onnx.Node, before, after, side, reach, stride int) (int, int, error) {
	mode := n.String("auto_pad", "NOTSET")
	switch mode {
	case "NOTSET", "":
		return before, after, nil
	case "VALID":
		return 0, 0, nil
	case "SAME_UPPER", "SAME_LOWER":
		total := max(((side+stride-1)/stride-1)*stride+reach-side, 0)
		if mode == "SAME_UPPER" {
			return total / 2, total - total/2, nil
		}
		return total - total/2, total / 2, nil
	}
	return 0, 0, nodeFault(fault.UnsupportedValue, n, "has auto_pad %q, expected NOTSET, VALID, SAME_UPPER or SAME_LOWER", mode)
}
