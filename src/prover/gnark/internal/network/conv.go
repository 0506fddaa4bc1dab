package network

import (
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// conv is a convolution of images or, with one axis less, of rows. A batch of n is treated as n times as many groups.
func (b *builder) conv(n *onnx.Node) (*tensor, error) {
	x, err := b.activation(n, 0)
	if err != nil {
		return nil, err
	}
	wdims, weights, err := b.floats(n, 1)
	if err != nil {
		return nil, err
	}
	dims, kernel := spatial(x.dims), spatial(wdims)
	group := int(n.Int("group", 1))
	if len(dims) != 4 || len(kernel) != 4 || len(x.dims) != len(wdims) || group < 1 || product(kernel) == 0 ||
		dims[1] != kernel[1]*group || kernel[0]%group != 0 {
		return nil, nodeFault(fault.ShapeMismatch, n, "has weights %v and group %d for an input %v, expected outputs x channels/group x height x width, or x length",
			wdims, group, x.dims)
	}
	if k := n.Ints("kernel_shape"); k != nil && !slices.Equal(intsOf(k), wdims[2:]) {
		return nil, nodeFault(fault.ShapeMismatch, n, "has kernel_shape %v, expected that of its weights %v", k, wdims)
	}
	batch := dims[0]
	g, _, err := slide(n, x.dims, [2]int{kernel[2], kernel[3]}, batch*kernel[0], batch*group)
	if err != nil {
		return nil, err
	}
	bias := make([]float64, kernel[0])
	if given(n, 2) {
		bdims, v, err := b.floats(n, 2)
		if err != nil {
			return nil, err
		}
		if len(v) != kernel[0] {
			return nil, nodeFault(fault.ShapeMismatch, n, "has a bias %v, expected %d values", bdims, kernel[0])
		}
		bias = v
	}
	if err := b.admit(n, &g); err != nil {
		return nil, err
	}
	b.taps -= tapsOf(&g) // begin counts them again
	l := Linear{Geometry: g, Weights: slices.Repeat(weights, batch), Bias: slices.Repeat(bias, batch)}
	return b.begin(n, x, l, imageDims(x.dims, kernel[0], g.Out))
}

// spatial are the dimensions of images; rows are images of height 1.
func spatial(dims []int) []int {
	if len(dims) == 3 {
		return []int{dims[0], dims[1], 1, dims[2]}
	}
	return dims
}

// imageDims are the dimensions of a batch of images that a window gives, or of rows.
func imageDims(in []int, channels int, out Shape) []int {
	if len(in) == 3 {
		return []int{in[0], channels, out[2]}
	}
	return []int{in[0], channels, out[1], out[2]}
}

func intsOf(v []int64) []int {
	out := make([]int, len(v))
	for i := range v {
		out[i] = int(v[i])
	}
	return out
}
