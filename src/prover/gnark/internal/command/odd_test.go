package command

import (
	"math"
	"strconv"
	"testing"

	"provemark/gnark/internal/onnxtest"
)

// tensor is channels x rows x columns, with ONNX's definitions written out below.
type tensor struct {
	c, h, w int
	v       []float64
}

func (t tensor) at(c, y, x int) (float64, bool) {
	if y < 0 || y >= t.h || x < 0 || x >= t.w {
		return 0, false
	}
	return t.v[(c*t.h+y)*t.w+x], true
}

// slide calls f for each output position with the values under the window; in distinguishes them from padding.
type slide struct{ kh, kw, sh, sw, top, left, bottom, right, dh, dw int }

func (s slide) over(t tensor, channels int, f func(c int, under func(ci, ky, kx int) (float64, bool)) float64) tensor {
	out := tensor{c: channels, h: (t.h+s.top+s.bottom-(s.kh-1)*s.dh-1)/s.sh + 1, w: (t.w+s.left+s.right-(s.kw-1)*s.dw-1)/s.sw + 1}
	for c := range channels {
		for y := range out.h {
			for x := range out.w {
				out.v = append(out.v, f(c, func(ci, ky, kx int) (float64, bool) {
					return t.at(ci, y*s.sh+ky*s.dh-s.top, x*s.sw+kx*s.dw-s.left)
				}))
			}
		}
	}
	return out
}

func (s slide) conv(t tensor, w []float32, b []float32, group int) tensor {
	per, outPer := t.c/group, len(b)/group
	return s.over(t, len(b), func(c int, under func(ci, ky, kx int) (float64, bool)) float64 {
		sum := float64(b[c])
		for i := range per {
			for ky := range s.kh {
				for kx := range s.kw {
					v, _ := under(c/outPer*per+i, ky, kx)
					sum += v * float64(w[((c*per+i)*s.kh+ky)*s.kw+kx])
				}
			}
		}
		return sum
	})
}

func (s slide) pool(t tensor, average, countPad bool) tensor {
	return s.over(t, t.c, func(c int, under func(ci, ky, kx int) (float64, bool)) float64 {
		sum, n, top := 0.0, 0, math.Inf(-1)
		for ky := range s.kh {
			for kx := range s.kw {
				if v, in := under(c, ky, kx); in || countPad {
					sum, n = sum+v, n+1
					if in {
						top = max(top, v)
					}
				}
			}
		}
		if average {
			return sum / float64(n)
		}
		return top
	})
}

func ramp(n int, scale float32) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = scale * float32((i*29+7)%31-15) / 16
	}
	return v
}

// Each model runs (compile and witness: the circuit is solved) and gives what the definition gives.
func TestOperatorsFollowTheirDefinitions(t *testing.T) {
	in := tensor{c: 4, h: 7, w: 6, v: randomInput(9, 4*7*6)}
	w, b := ramp(8*2*3*2, 0.3), ramp(8, 0.2)
	conv := func(attrs map[string]any, s slide) (*onnxtest.Model, []float64) {
		attrs["group"] = 2
		m := onnxtest.New("x", 1, 4, 7, 6).Floats("w", w, 8, 2, 3, 2).Floats("b", b, 8).Op("Conv", "x", "y", attrs, "w", "b")
		return m, s.conv(in, w, b, 2).v
	}
	pool := func(op string, attrs map[string]any, s slide, countPad bool) (*onnxtest.Model, []float64) {
		attrs["kernel_shape"] = []int64{int64(s.kh), int64(s.kw)}
		return onnxtest.New("x", 1, 4, 7, 6).Op(op, "x", "y", attrs), s.pool(in, op == "AveragePool", countPad).v
	}
	type attrs = map[string]any
	for name, build := range map[string]func() (*onnxtest.Model, []float64){
		"Conv with strides, uneven pads and dilations": func() (*onnxtest.Model, []float64) {
			return conv(attrs{"strides": []int64{2, 1}, "pads": []int64{1, 0, 2, 1}, "dilations": []int64{2, 1}}, slide{3, 2, 2, 1, 1, 0, 2, 1, 2, 1})
		},
		"Conv with auto_pad VALID": func() (*onnxtest.Model, []float64) {
			return conv(attrs{"auto_pad": "VALID", "strides": []int64{2, 2}}, slide{3, 2, 2, 2, 0, 0, 0, 0, 1, 1})
		},
		"Conv with auto_pad SAME_UPPER": func() (*onnxtest.Model, []float64) {
			return conv(attrs{"auto_pad": "SAME_UPPER"}, slide{3, 2, 1, 1, 1, 0, 1, 1, 1, 1})
		},
		"Conv with auto_pad SAME_LOWER": func() (*onnxtest.Model, []float64) {
			return conv(attrs{"auto_pad": "SAME_LOWER"}, slide{3, 2, 1, 1, 1, 1, 1, 0, 1, 1})
		},
		"MaxPool overlapping, padded": func() (*onnxtest.Model, []float64) {
			return pool("MaxPool", attrs{"strides": []int64{2, 1}, "pads": []int64{1, 1, 0, 1}}, slide{3, 2, 2, 1, 1, 1, 0, 1, 1, 1}, false)
		},
		"AveragePool without its padding": func() (*onnxtest.Model, []float64) {
			return pool("AveragePool", attrs{"strides": []int64{1, 2}, "pads": []int64{1, 1, 1, 1}}, slide{2, 3, 1, 2, 1, 1, 1, 1, 1, 1}, false)
		},
		"AveragePool with its padding": func() (*onnxtest.Model, []float64) {
			return pool("AveragePool", attrs{"strides": []int64{1, 2}, "pads": []int64{1, 1, 1, 1}, "count_include_pad": 1}, slide{2, 3, 1, 2, 1, 1, 1, 1, 1, 1}, true)
		},
		"GlobalAveragePool": func() (*onnxtest.Model, []float64) {
			return onnxtest.New("x", 1, 4, 7, 6).Op("GlobalAveragePool", "x", "y", nil), slide{7, 6, 1, 1, 0, 0, 0, 0, 1, 1}.pool(in, true, false).v
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, want := build()
			checkOutput(t, m.Output("y"), in.v, want)
		})
	}
}

// checkOutput compares the circuit's output with what is wanted, within the printed bound.
func checkOutput(t *testing.T, m *onnxtest.Model, x, want []float64) {
	t.Helper()
	checkOutputAt(t, 8, m, x, want)
}

func checkOutputAt(t *testing.T, scaleBits int, m *onnxtest.Model, x, want []float64) {
	t.Helper()
	f := newFiles(t, m.Write(t))
	must(t, f.compile("--scale-bits", strconv.Itoa(scaleBits)))
	w := f.makeWitness(t, x)
	must(t, w)
	got, bound := readJSON(t, f.output).Floats, number(t, w.stdout, "output_error_bound")
	if len(got) != len(want) {
		t.Fatalf("%d outputs, expected %d", len(got), len(want))
	}
	if bound > 0.2 {
		t.Errorf("the bound %v is too wide to say anything here", bound)
	}
	for i := range got {
		if math.Abs(got[i]-want[i]) > bound+1e-6 {
			t.Errorf("output %d is %v, expected %v within %v", i, got[i], want[i], bound)
		}
	}
}

func TestDenseLayersAndShapes(t *testing.T) {
	x, w, b := randomInput(4, 6), ramp(6*3, 0.5), ramp(3, 0.4)
	row := func(alpha, beta float64, trans bool) []float64 {
		y := make([]float64, 3)
		for o := range y {
			y[o] = beta * float64(b[o])
			for i, v := range x {
				at := i*3 + o
				if trans {
					at = o*6 + i
				}
				y[o] += alpha * v * float64(w[at])
			}
		}
		return y
	}
	twice := row(1, 1, false)
	for i := range twice {
		twice[i] = max(twice[i], 0) + float64(b[i])
	}
	for name, c := range map[string]struct {
		m    *onnxtest.Model
		want []float64
	}{
		"Gemm": {onnxtest.New("x", 0, 6).Floats("w", w, 6, 3).Floats("b", b, 3).Op("Gemm", "x", "y", nil, "w", "b"), row(1, 1, false)},
		"Gemm with alpha, beta and transB": {onnxtest.New("x", 1, 6).Floats("w", w, 3, 6).Floats("b", b, 1, 3).
			Op("Gemm", "x", "y", map[string]any{"alpha": 0.5, "beta": -2.0, "transB": 1}, "w", "b"), row(0.5, -2, true)},
		"MatMul and Add, constant first": {onnxtest.New("x", 1, 6).Floats("w", w, 6, 3).Floats("b", b, 3).Op("MatMul", "x", "h", nil, "w").
			Node("Add", "sum", []string{"b", "h"}, []string{"y"}, nil), row(1, 1, false)},
		"Add after ReLU": {onnxtest.New("x", 1, 6).Floats("w", w, 6, 3).Floats("b", b, 3).Op("Gemm", "x", "h", nil, "w", "b").
			Op("Relu", "h", "r", nil).Op("Add", "r", "y", nil, "b"), twice},
		"Reshape, Identity and Dropout": {onnxtest.New("x", 1, 2, 3).Ints("shape", []int64{0, -1}).Floats("w", w, 6, 3).Floats("b", b, 3).
			Op("Reshape", "x", "f", nil, "shape").Op("Identity", "f", "i", nil).Op("Dropout", "i", "d", nil).Op("Gemm", "d", "y", nil, "w", "b"), row(1, 1, false)},
		"weights in Constant nodes and float_data, shared by Identity": {onnxtest.New("x", 1, 6).
			Node("Constant", "", nil, []string{"c"}, map[string]any{"value": onnxtest.FloatTensor("", w, 6, 3)}).
			Node("Identity", "", []string{"c"}, []string{"w"}, nil).Tensor(onnxtest.TypedTensor("b", b, 3)).Op("Gemm", "x", "y", nil, "w", "b"), row(1, 1, false)},
		"nothing to compute": {onnxtest.New("x", 1, 6).Op("Flatten", "x", "y", nil), x},
	} {
		t.Run(name, func(t *testing.T) { checkOutput(t, c.m.Output("y"), x, c.want) })
	}
}

func TestBatchNormalization(t *testing.T) {
	in := tensor{c: 2, h: 3, w: 3, v: randomInput(6, 18)}
	w, b := ramp(2*2*2*2, 0.4), ramp(2, 0.3)
	scale, shift, mean, variance := []float32{1.5, -0.7}, []float32{0.2, 0.1}, []float32{-0.1, 0.3}, []float32{0.5, 2}
	m := onnxtest.New("x", 1, 2, 3, 3).Floats("w", w, 2, 2, 2, 2).Floats("b", b, 2).
		Floats("s", scale, 2).Floats("t", shift, 2).Floats("m", mean, 2).Floats("v", variance, 2).
		Op("Conv", "x", "c", nil, "w", "b").Op("BatchNormalization", "c", "y", map[string]any{"epsilon": 0.01}, "s", "t", "m", "v")
	want := slide{2, 2, 1, 1, 0, 0, 0, 0, 1, 1}.conv(in, w, b, 1)
	for i := range want.v {
		c := i / (want.h * want.w)
		want.v[i] = (want.v[i]-float64(mean[c]))/math.Sqrt(float64(variance[c])+0.01)*float64(scale[c]) + float64(shift[c])
	}
	checkOutput(t, m.Output("y"), in.v, want.v)
}
