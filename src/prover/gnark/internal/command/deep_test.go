package command

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"provemark/gnark/internal/onnxtest"
)

// deepNet has so many dense layers that worst-case bounds pass 2^61, although its values stay around 1.
func deepNet() *plainNet {
	layers := make([]plainLayer, 30)
	for i := range layers {
		layers[i] = plainLayer{outputs: 32, relu: i+1 < len(layers)}
	}
	n := newPlainNet(11, 4, 2, layers...)
	for _, l := range n.layers {
		for i := range l.weights {
			l.weights[i] *= 2.4 // keeps the scale of values
		}
	}
	return n
}

func TestDeepNetworksAreProved(t *testing.T) {
	n := deepNet()
	f := newFiles(t, n.write(t))
	c := f.compile()
	must(t, c)
	if !strings.Contains(c.stdout, "note: worst-case bounds grow beyond") {
		t.Fatalf("this is no test of a range that is asserted:\n%s", c.stdout)
	}
	for seed := range uint64(3) {
		x := randomInput(seed, 4*4*2)
		w := f.makeWitness(t, x)
		must(t, w)
		must(t, f.prove())
		must(t, f.verify())
		out := readJSON(t, f.output)
		if want := n.integers(x, int(number(t, c.stdout, "scale_bits")), int(number(t, c.stdout, "table_bits")), -1, 1); !slices.Equal(out.Ints, want) {
			t.Errorf("output %v, plain inference %v", out.Ints, want)
		}
		bound, estimate := number(t, w.stdout, "output_error_bound"), number(t, w.stdout, "output_error_estimate")
		if estimate > 0.1 {
			t.Errorf("the estimate %v is too wide to say anything here", estimate)
		}
		for i, v := range n.floats(x) {
			if d := math.Abs(v - out.Floats[i]); d > bound || d > estimate {
				t.Errorf("output %d is %v, in floats %v: bound %v, estimate %v", i, out.Floats[i], v, bound, estimate)
			}
		}
	}
}

// A network that doubles its input in each layer: an input that leads outside of the range is refused where it leaves
// it, and nothing is written.
func TestValuesOutsideOfTheAssertedRangeAreRefused(t *testing.T) {
	layers := make([]plainLayer, 60)
	for i := range layers {
		layers[i] = plainLayer{outputs: 1, relu: true}
	}
	n := newPlainNet(1, 1, 1, layers...)
	for i := range n.layers {
		n.layers[i].weights[0], n.layers[i].bias[0] = 2, 0
	}
	f := newFiles(t, n.write(t))
	must(t, f.compile())
	refused(t, f.makeWitness(t, []float64{0.5}), "VALUE_OUT_OF_RANGE", "node_x", "value 0", "expected 0 to ", "given ", "fewer scale bits than 12")
	if _, err := os.Stat(f.witness); err == nil {
		t.Error("a witness was written")
	}
	must(t, f.makeWitness(t, []float64{-0.5}))
	must(t, f.prove())
	must(t, f.verify())
	if got := readJSON(t, f.output).Ints; !slices.Equal(got, []int64{0}) {
		t.Errorf("output %v, expected 0", got)
	}
}

// Layers that normalise by the root of a mean square: what is written out in operators is recognised where its bounds
// would grow too wide, and is the same as the operator.
func TestDeepRMSNormalisationsAreProved(t *testing.T) {
	const n, blocks = 8, 4
	weights, scale := ramp(n*n, 0.9), ramp(n, 1.5)
	forms := map[string]func(m *onnxtest.Model, x, y string){
		"divided": func(m *onnxtest.Model, x, y string) {
			m.Node("Div", "node_"+y, []string{x, y + ".root"}, []string{y + ".n"}, nil)
		},
		"times a quotient": func(m *onnxtest.Model, x, y string) {
			m.Node("Div", "d_"+y, []string{"one", y + ".root"}, []string{y + ".r"}, nil).Node("Mul", "node_"+y, []string{x, y + ".r"}, []string{y + ".n"}, nil)
		},
		"times a reciprocal": func(m *onnxtest.Model, x, y string) {
			m.Op("Reciprocal", y+".root", y+".r", nil).Node("Mul", "node_"+y, []string{y + ".r", x}, []string{y + ".n"}, nil)
		},
		"the operator": func(m *onnxtest.Model, x, y string) {
			m.Node("RMSNormalization", "node_"+y, []string{x, "unit"}, []string{y + ".n"}, map[string]any{"epsilon": 1e-3})
		},
	}
	x := randomInput(7, n)
	want := slices.Clone(x)
	for range blocks {
		squares := 0.0
		sum := make([]float64, n)
		for o := range n {
			sum[o] = want[o]
			for i := range n {
				sum[o] += want[i] * float64(weights[i*n+o])
			}
			squares += sum[o] * sum[o] / n
		}
		for o := range n {
			want[o] = sum[o] / math.Sqrt(squares+1e-3) * float64(scale[o])
		}
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			unit := slices.Repeat([]float32{1}, n)
			m := onnxtest.New("x0", 1, n).Floats("w", weights, n, n).Floats("scale", scale, n).Floats("unit", unit, n).Floats("epsilon", []float32{1e-3}).Floats("one", []float32{1})
			for i := range blocks {
				from, to := fmt.Sprint("x", i), fmt.Sprint("x", i+1)
				m.Op("MatMul", from, to+".m", nil, "w").Node("Add", "a_"+to, []string{from, to + ".m"}, []string{to + ".s"}, nil)
				if name != "the operator" {
					m.Node("Mul", "q_"+to, []string{to + ".s", to + ".s"}, []string{to + ".q"}, nil).Op("ReduceMean", to+".q", to+".mean", map[string]any{"axes": []int64{-1}}).
						Op("Add", to+".mean", to+".e", nil, "epsilon").Op("Sqrt", to+".e", to+".root", nil)
				}
				form(m, to+".s", to)
				m.Op("Mul", to+".n", to, nil, "scale")
			}
			f := newFiles(t, m.Output(fmt.Sprint("x", blocks)).Write(t))
			must(t, f.compile())
			if !bytes.Contains(read(t, f.quantized), []byte(`"uncentred":true`)) {
				t.Error("this is no test of normalisations as stages of their own")
			}
			w := f.makeWitness(t, x)
			must(t, w)
			must(t, f.prove())
			must(t, f.verify())
			estimate := number(t, w.stdout, "output_error_estimate")
			for i, v := range readJSON(t, f.output).Floats {
				if off := math.Abs(v - want[i]); off > estimate || estimate > 0.05 {
					t.Errorf("output %d is %v, expected %v, estimate %v", i, v, want[i], estimate)
				}
			}
		})
	}
}
