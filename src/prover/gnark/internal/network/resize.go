package network

import (
	"math"

	"provemark/gnark/internal/fault"
)

// Resize and Upsample are linear along each axis in turn; the nearest element costs nothing.

func init() {
	lowerings["Resize"] = composed((*calc).resize)
	lowerings["Upsample"] = composed(func(c *calc) *tensor {
		x := c.in(0)
		scales := c.n.Attrs["scales"].Floats
		if given(c.n, 1) {
			scales = c.constant(1).v
		}
		return c.resampled(x, upTo(len(x.dims)), scales, nil, sampling{mode: c.n.String("mode", "nearest"), transform: "asymmetric", nearest: "floor"})
	})
}

// sampling is how Resize finds the value between elements.
type sampling struct {
	mode, transform, nearest string
	cubic, extrapolation     float64
	exclude, antialias       bool
}

func (c *calc) resize() *tensor {
	x := c.in(0)
	axes := intsOf(c.n.Ints("axes"))
	if c.n.Ints("axes") == nil {
		axes = upTo(len(x.dims))
	}
	for i, a := range axes {
		if a < 0 {
			axes[i] += len(x.dims)
		}
		if axes[i] < 0 || axes[i] >= len(x.dims) {
			return c.refuse(fault.UnsupportedValue, "has axes %v for dimensions %v, expected its own", axes, x.dims)
		}
	}
	how := sampling{mode: c.n.String("mode", "nearest"), transform: c.n.String("coordinate_transformation_mode", "half_pixel"),
		nearest: c.n.String("nearest_mode", "round_prefer_floor"), cubic: c.n.Float("cubic_coeff_a", -0.75), extrapolation: c.n.Float("extrapolation_value", 0),
		exclude: c.n.Int("exclude_outside", 0) != 0, antialias: c.n.Int("antialias", 0) != 0}
	var scales []float64
	var sizes []int
	switch {
	case given(c.n, 3):
		sizes = c.ints(3)
		if policy := c.n.String("keep_aspect_ratio_policy", "stretch"); policy != "stretch" && len(sizes) == len(axes) {
			scale := math.NaN()
			for i, a := range axes {
				s := float64(sizes[i]) / float64(x.dims[a])
				if math.IsNaN(scale) || policy == "not_larger" && s < scale || policy == "not_smaller" && s > scale {
					scale = s
				}
			}
			for i, a := range axes {
				sizes[i] = int(math.Floor(scale*float64(x.dims[a]) + 0.5))
				scales = append(scales, scale)
			}
		}
	case given(c.n, 2):
		scales = c.constant(2).v
	}
	if how.transform == "tf_crop_and_resize" {
		return c.refuse(fault.UnsupportedValue, "has coordinate_transformation_mode %q, expected one without a region", how.transform)
	}
	return c.resampled(x, axes, scales, sizes, how)
}

func (c *calc) resampled(x *tensor, axes []int, scales []float64, sizes []int, how sampling) *tensor {
	if c.err != nil || len(scales) != len(axes) && len(sizes) != len(axes) || how.mode != "nearest" && how.mode != "linear" && how.mode != "cubic" {
		return c.refuse(fault.UnsupportedValue, "has scales %v, sizes %v and mode %q for %d axes, expected one of each and nearest, linear or cubic", scales, sizes, how.mode, len(axes))
	}
	for i, axis := range axes {
		in := x.dims[axis]
		var out int
		var scale float64
		if sizes != nil {
			out = sizes[i]
			if scale = float64(out) / float64(in); scales != nil {
				scale = scales[i]
			}
		} else {
			scale = scales[i]
			out = int(math.Floor(float64(in) * scale))
		}
		if !(out >= 1 && float64(out) <= maxActivations) {
			return c.refuse(fault.UnsupportedValue, "makes a side of %d one of %d, expected at least 1", in, out)
		}
		weights := make([][]float64, out)
		moves := true // each output is one element
		for o := range weights {
			weights[o] = how.weights(o, in, out, scale)
			ones := 0
			for _, w := range weights[o] {
				if w == 1 {
					ones++
				} else if w != 0 {
					moves = false
				}
			}
			moves = moves && ones == 1
		}
		rows, _ := c.rows(x, []int{axis}, true)
		if moves {
			var index []int
			places := rows.dims[1]
			for o := range weights {
				for k, w := range weights[o] {
					for p := 0; w == 1 && p < places; p++ {
						index = append(index, k*places+p)
					}
				}
			}
			rows = c.moved(rows, []int{out, places}, index)
		} else {
			rows = c.matrix(rows, out, func(o, k int) float64 { return weights[o][k] }, nil)
		}
		x = c.fromRows(rows, x.dims, axis)
	}
	return x
}

// weights are those of the elements of a side for output o.
func (s sampling) weights(o, in, out int, scale float64) []float64 {
	w := make([]float64, in)
	at := float64(o) / scale // asymmetric
	length := scale * float64(in)
	switch s.transform {
	case "half_pixel":
		at = (float64(o)+0.5)/scale - 0.5
	case "half_pixel_symmetric":
		at = float64(in)/2*(1-float64(out)/length) + (float64(o)+0.5)/scale - 0.5
	case "pytorch_half_pixel":
		if at = (float64(o)+0.5)/scale - 0.5; length <= 1 {
			at = 0
		}
	case "align_corners":
		if at = 0; length > 1 {
			at = float64(o) * float64(in-1) / (length - 1)
		}
	}
	inside := func(k int) int { return min(max(k, 0), in-1) }
	if s.mode == "nearest" {
		k := math.Floor(at)
		switch s.nearest {
		case "round_prefer_floor":
			k = math.Ceil(at - 0.5)
		case "round_prefer_ceil":
			k = math.Floor(at + 0.5)
		case "ceil":
			k = math.Ceil(at)
		}
		w[inside(int(k))] = 1
		return w
	}
	kernel, reach := func(x float64) float64 { return math.Max(0, 1-math.Abs(x)) }, 1.0
	if s.mode == "cubic" {
		a := s.cubic
		kernel, reach = func(x float64) float64 {
			switch x = math.Abs(x); {
			case x <= 1:
				return ((a+2)*x-(a+3))*x*x + 1
			case x < 2:
				return a * (((x-5)*x+8)*x - 4)
			}
			return 0
		}, 2
	}
	narrow := 1.0 // a smaller picture averages over what it leaves out
	if s.antialias && scale < 1 {
		narrow = scale
	}
	total := 0.0
	for k := int(math.Floor(at - reach/narrow)); k <= int(math.Ceil(at+reach/narrow)); k++ {
		v := kernel((float64(k) - at) * narrow)
		if s.exclude && (k < 0 || k >= in) {
			continue
		}
		w[inside(k)] += v
		total += v
	}
	for k := range w {
		w[k] /= total
	}
	return w
}
