package command

import (
	"math"
	"math/rand/v2"
	"testing"

	"provemark/gnark/internal/onnxtest"
)

// plainNet is a small CNN and its inference, in floats and in integers, written only for these tests: nested loops
// over [channel][row][column], sharing nothing with the program.
type plainNet struct {
	side, channels int
	layers         []plainLayer
}

type plainLayer struct {
	conv        bool // else dense
	outputs     int
	kernel, pad int
	weights     []float32
	bias        []float32
	relu, pool  bool
}

func newPlainNet(seed uint64, side, channels int, layers ...plainLayer) *plainNet {
	r := rand.New(rand.NewPCG(seed, 7))
	n := &plainNet{side: side, channels: channels, layers: layers}
	c, s := channels, side
	for i := range layers {
		l := &n.layers[i]
		fan := c * s * s
		if l.conv {
			fan = c * l.kernel * l.kernel
			s = s + 2*l.pad - l.kernel + 1
		} else {
			s = 1
		}
		c = l.outputs
		if l.pool {
			s /= 2
		}
		bound := 1 / math.Sqrt(float64(fan))
		for range l.outputs * fan {
			l.weights = append(l.weights, float32((r.Float64()*2-1)*bound))
		}
		for range l.outputs {
			l.bias = append(l.bias, float32((r.Float64()*2-1)*bound))
		}
	}
	return n
}

// lenetLike is LeNet at a quarter of its size.
func lenetLike() *plainNet {
	return newPlainNet(3, 12, 2,
		plainLayer{conv: true, outputs: 3, kernel: 3, relu: true, pool: true},
		plainLayer{conv: true, outputs: 4, kernel: 3, pad: 1, relu: true, pool: true},
		plainLayer{outputs: 6, relu: true},
		plainLayer{outputs: 3})
}

// write saves the network as an ONNX file.
func (n *plainNet) write(t testing.TB) string {
	m := onnxtest.New("x", 0, int64(n.channels), int64(n.side), int64(n.side))
	value, c, s, flat := "x", int64(n.channels), int64(n.side), false
	next := func(op string, attrs map[string]any, consts ...string) {
		out := value + "." + op
		m.Op(op, value, out, attrs, consts...)
		value = out
	}
	for _, l := range n.layers {
		w, b := value+".w", value+".b"
		m.Floats(b, l.bias, int64(l.outputs))
		if l.conv {
			k, p := int64(l.kernel), int64(l.pad)
			m.Floats(w, l.weights, int64(l.outputs), c, k, k)
			next("Conv", map[string]any{"kernel_shape": []int64{k, k}, "pads": []int64{p, p, p, p}}, w, b)
			s = s + 2*p - k + 1
		} else {
			if !flat {
				next("Flatten", nil)
				flat = true
			}
			m.Floats(w, l.weights, int64(l.outputs), c*s*s)
			next("Gemm", map[string]any{"transB": 1}, w, b)
			s = 1
		}
		c = int64(l.outputs)
		if l.relu {
			next("Relu", nil)
		}
		if l.pool {
			next("MaxPool", map[string]any{"kernel_shape": []int64{2, 2}, "strides": []int64{2, 2}})
			s /= 2
		}
	}
	return m.Output(value).Write(t)
}

// floats is the float inference.
func (n *plainNet) floats(x []float64) []float64 {
	return plainRun(n, x, func(_, _ int, w float32) float64 { return float64(w) },
		func(_ int, b float32) float64 { return float64(b) }, func(v float64) float64 { return v })
}

// integers is the integer inference: the input in steps of (hi - lo) / (2^table - 2), first weights at
// step 2^(scale+table), others at 2^table, biases at 2^(scale+table); every sum but the last layer's
// is rounded to a multiple of 2^table, half up.
func (n *plainNet) integers(x []float64, scale, table int, lo, hi float64) []int64 {
	step := (hi - lo) / float64(int(1)<<table-2)
	q := make([]int64, len(x))
	for i, v := range x {
		q[i] = int64(math.Round(v / step))
	}
	sum := math.Exp2(float64(scale + table))
	last := 0
	return plainRun(n, q,
		func(layer, _ int, w float32) int64 {
			last = layer
			if layer == 0 {
				return int64(math.RoundToEven(float64(w) * (step * sum)))
			}
			return int64(math.RoundToEven(float64(w) * math.Exp2(float64(table))))
		},
		func(_ int, b float32) int64 { return int64(math.RoundToEven(float64(b) * sum)) },
		func(v int64) int64 {
			if last == len(n.layers)-1 {
				return v
			}
			return int64(math.Floor(float64(v)/math.Exp2(float64(table)) + 0.5))
		})
}

func plainRun[N int64 | float64](n *plainNet, x []N, weight func(layer, i int, w float32) N, bias func(int, float32) N, rescale func(N) N) []N {
	c, s := n.channels, n.side
	for li, l := range n.layers {
		kernel, out := s, 1
		if l.conv {
			kernel, out = l.kernel, s+2*l.pad-l.kernel+1
		}
		y := make([]N, l.outputs*out*out)
		for o := range l.outputs {
			for row := range out {
				for col := range out {
					v := bias(o, l.bias[o])
					for i := range c {
						for ky := range kernel {
							for kx := range kernel {
								iy, ix := row+ky-l.pad, col+kx-l.pad
								at := ((o*c+i)*kernel+ky)*kernel + kx
								if iy >= 0 && iy < s && ix >= 0 && ix < s {
									v += weight(li, at, l.weights[at]) * x[(i*s+iy)*s+ix]
								}
							}
						}
					}
					v = rescale(v)
					if l.relu {
						v = max(v, 0)
					}
					y[(o*out+row)*out+col] = v
				}
			}
		}
		x, c, s = y, l.outputs, out
		if l.pool {
			x, s = plainPool(x, c, s), s/2
		}
	}
	return x
}

func plainPool[N int64 | float64](x []N, c, s int) []N {
	half := s / 2
	y := make([]N, c*half*half)
	for i := range y {
		ch, row, col := i/(half*half), i/half%half, i%half
		at := (ch*s+2*row)*s + 2*col
		y[i] = max(x[at], x[at+1], x[at+s], x[at+s+1])
	}
	return y
}

func randomInput(seed uint64, n int) []float64 {
	r := rand.New(rand.NewPCG(seed, 11))
	x := make([]float64, n)
	for i := range x {
		x[i] = r.Float64()*2 - 1
	}
	return x
}
