package command

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// deepNet has so many dense layers that worst-case bounds pass 2^61, although its values stay around 1.
func deepNet() *plainNet {
	layers := make([]plainLayer, 33)
	for i := range layers {
		layers[i] = plainLayer{outputs: 8, relu: i+1 < len(layers)}
	}
	n := newPlainNet(11, 2, 2, layers...)
	for _, l := range n.layers {
		for i := range l.weights {
			l.weights[i] *= 2.4 // keeps the variance
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
		x := randomInput(seed, 2*2*2)
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
