package command

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"provemark/gnark/internal/quant"
)

func TestOutputIsThePlainIntegerInference(t *testing.T) {
	n := lenetLike()
	f := newFiles(t, n.write(t))
	for _, scale := range []string{"7", "10"} {
		c := f.compile("--scale-bits", scale)
		must(t, c)
		for seed := range uint64(3) {
			x := randomInput(seed, 2*12*12)
			x[0], x[1], x[2] = 1, -1, 0
			w := f.makeWitness(t, map[string]any{"input": x})
			must(t, w)
			out := readJSON(t, f.output)
			want := n.integers(x, int(number(t, c.stdout, "scale_bits")), int(number(t, c.stdout, "table_bits")), -1, 1)
			if !slices.Equal(out.Ints, want) {
				t.Errorf("scale %s: output %v, plain inference %v", scale, out.Ints, want)
			}
			if !slices.Equal(out.Floats, quant.Floats(want, out.ScaleBits)) || out.ScaleBits != int(number(t, c.stdout, "output_scale_bits")) {
				t.Errorf("scale %s: numbers %v at scale %d do not belong to %v", scale, out.Floats, out.ScaleBits, want)
			}
			bound, estimate := number(t, w.stdout, "output_error_bound"), number(t, w.stdout, "output_error_estimate")
			for i, v := range n.floats(x) {
				if d := math.Abs(v - out.Floats[i]); d > bound || d > estimate {
					t.Errorf("scale %s: output %d is %v, in floats %v: %v apart, bound %v, estimate %v", scale, i, out.Floats[i], v, d, bound, estimate)
				}
			}
		}
	}
}

func TestFourPhases(t *testing.T) {
	n := lenetLike()
	f := newFiles(t, n.write(t))
	f.proved(t, randomInput(1, 2*12*12), "--scale-bits", "8")
	v := f.verify()
	must(t, v)
	for _, key := range []string{"prover_time_s", "peak_rss_mb"} {
		if number(t, v.stdout, key) <= 0 {
			t.Errorf("%s is not positive in:\n%s", key, v.stdout)
		}
	}
	// a second proof of the same witness differs, because it hides the input, and is valid as well
	first := read(t, f.proof)
	must(t, f.prove())
	must(t, f.verify())
	if bytes.Equal(first, read(t, f.proof)) {
		t.Error("two proofs are the same")
	}
}

func TestCompileIsDeterministic(t *testing.T) {
	f := newFiles(t, lenetLike().write(t))
	var circuit, quantized []byte
	var counters string
	for _, threads := range []string{"1", "2", "2"} {
		c := f.compile("--scale-bits", "8", "--threads", threads)
		must(t, c)
		line, _, _ := strings.Cut(c.stdout, "\n")
		if circuit == nil {
			circuit, quantized, counters = read(t, f.circuit), read(t, f.quantized), line
		}
		if !bytes.Equal(circuit, read(t, f.circuit)) || !bytes.Equal(quantized, read(t, f.quantized)) || line != counters {
			t.Errorf("with %s threads the artifacts or the counters differ", threads)
		}
	}
	if vars := number(t, counters, "numInternal") + number(t, counters, "numSecret") + number(t, counters, "numPublic"); number(t, counters, "numVars") != vars ||
		number(t, counters, "totalCost") != vars+number(t, counters, "numConstraints") {
		t.Errorf("the sums do not add up: %s", counters)
	}
}

func TestInputRange(t *testing.T) {
	n := lenetLike()
	f := newFiles(t, n.write(t))
	c := f.compile("--scale-bits", "8", "--input-range", "0,255")
	must(t, c)
	x := randomInput(5, 2*12*12)
	for i := range x {
		x[i] = math.Round((x[i] + 1) * 127.5)
	}
	must(t, f.makeWitness(t, x))
	must(t, f.prove())
	must(t, f.verify())
	want := n.integers(x, 8, int(number(t, c.stdout, "table_bits")), 0, 255)
	if out := readJSON(t, f.output); !slices.Equal(out.Ints, want) {
		t.Errorf("output %v, plain inference %v", out.Ints, want)
	}
	x[7] = 255.5
	refused(t, f.makeWitness(t, x), "INPUT_OUT_OF_RANGE", "value 7", "255.5", "0 to 255")
}

func TestInputForms(t *testing.T) {
	f := newFiles(t, lenetLike().write(t))
	must(t, f.compile("--scale-bits", "8"))
	x := randomInput(1, 2*12*12)
	must(t, f.makeWitness(t, x))
	want := readJSON(t, f.output).Ints
	for name, form := range map[string]any{
		"input":            map[string]any{"input": x},
		"input_data":       map[string]any{"input_data": []any{x}},
		"nested":           []any{[]any{x[:144], x[144:]}},
		"with other names": map[string]any{"input": x, "output": nil},
	} {
		must(t, f.makeWitness(t, form))
		if got := readJSON(t, f.output).Ints; !slices.Equal(got, want) {
			t.Errorf("%s: output %v, expected %v", name, got, want)
		}
	}
	refused(t, f.makeWitness(t, x[1:]), "INPUT_SHAPE", "expected 288", "given 287")
	refused(t, f.makeWitness(t, map[string]any{"data": x}), "INPUT_UNREADABLE")
	refused(t, f.makeWitness(t, []any{1, "2"}), "INPUT_UNREADABLE", "2")
	refused(t, f.makeWitness(t, []any{nil}), "INPUT_UNREADABLE", "null")
	refused(t, f.makeWitness(t, 3), "INPUT_UNREADABLE")
	write(t, f.input, []byte("[1, 2"))
	refused(t, run("witness", "--circuit", f.circuit, "--quantized", f.quantized, "--input", f.input, "--output", f.output, "--witness", f.witness), "INPUT_UNREADABLE")
	for _, v := range []float64{1.0000001, -1.5, 1e300} {
		x[3] = v
		refused(t, f.makeWitness(t, x), "INPUT_OUT_OF_RANGE", "value 3")
	}
}
