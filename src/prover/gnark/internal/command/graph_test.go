package command

import (
	"slices"
	"testing"

	"provemark/gnark/internal/onnxtest"
)

// A residual block with two inputs and two outputs, proved and verified; each output plus one is refused.
func TestGraphIsProved(t *testing.T) {
	m := onnxtest.New("a", 2, 3).Input("b", 3).Floats("w", []float32{1, 0.5, -0.25, 0, 1, 0.5, -1, 0, 0.75}, 3, 3).
		Op("MatMul", "a", "h", nil, "w").Op("Relu", "h", "r", nil).
		Node("Add", "skip", []string{"r", "a"}, []string{"s"}, nil).Node("Sub", "less", []string{"s", "b"}, []string{"y"}, nil).
		Op("Transpose", "r", "z", nil).Output("y").Output("z")
	f := newFiles(t, m.Write(t))
	must(t, f.compile("--scale-bits", "10"))
	a, b := []float64{0.5, -0.25, 1, -1, 0.75, 0.125}, []float64{0.25, -0.5, 1}
	must(t, f.makeWitness(t, map[string]any{"b": b, "a": [][]float64{a[:3], a[3:]}}))
	must(t, f.prove())
	must(t, f.verify())
	out := readJSON(t, f.output)
	w := []float64{1, 0.5, -0.25, 0, 1, 0.5, -1, 0, 0.75}
	want, turned := make([]float64, 6), make([]float64, 6)
	for row := range 2 {
		for col := range 3 {
			sum := 0.0
			for i := range 3 {
				sum += a[row*3+i] * w[i*3+col]
			}
			turned[col*2+row] = max(sum, 0)
			want[row*3+col] = max(sum, 0) + a[row*3+col] - b[col]
		}
	}
	for i, v := range append(want, turned...) {
		if d := out.Floats[i] - v; d > 0.01 || d < -0.01 {
			t.Errorf("output %d is %v, expected %v", i, out.Floats[i], v)
		}
	}
	for _, at := range []int{0, 5, 6, 11} {
		forged := out
		forged.Ints, forged.Floats = slices.Clone(out.Ints), slices.Clone(out.Floats)
		forged.Ints[at]++
		forged.Floats[at] = float64(forged.Ints[at]) / float64(int64(1)<<forged.ScaleBits)
		writeJSON(t, f.output, forged)
		if r := f.verify(); r.code != ExitRejected {
			t.Errorf("output %d raised by one: exit code %d, %s", at, r.code, r.stderr)
		}
	}
	refused(t, f.makeWitness(t, map[string]any{"a": a, "b": b[1:]}), "INPUT_SHAPE", `"b"`, "expected 3", "given 2")
	refused(t, f.makeWitness(t, map[string]any{"a": a, "c": b}), "INPUT_UNREADABLE")
	must(t, f.makeWitness(t, map[string]any{"input_data": []any{a, b}}))
	if again := readJSON(t, f.output); !slices.Equal(again.Ints, out.Ints) {
		t.Errorf("by order the inputs give %v, by name %v", again.Ints, out.Ints)
	}
}

// Shapes that the graph computes, copies and constants cost nothing: the circuit is that of the model without them.
func TestWhatOnlyMovesCostsNothing(t *testing.T) {
	w := ramp(12*4, 0.5)
	plain := onnxtest.New("x", 2, 3, 4).Ints("s", []int64{2, 12}).Floats("w", w, 12, 4).
		Op("Reshape", "x", "f", nil, "s").Op("MatMul", "f", "y", nil, "w").Output("y")
	computed := onnxtest.New("x", 2, 3, 4).Floats("w", w, 12, 4).Ints("zero", []int64{0}).Ints("minus", []int64{-1}).Ints("one", []int64{1}).
		Op("Shape", "x", "dims", nil).Op("Gather", "dims", "batch", nil, "zero").Op("Concat", "batch", "sides", map[string]any{"axis": 0}, "minus").
		Op("Transpose", "x", "t", map[string]any{"perm": []int64{2, 0, 1}}).Op("Transpose", "t", "u", map[string]any{"perm": []int64{1, 2, 0}}).
		Node("Split", "split", []string{"u"}, []string{"p", "q"}, map[string]any{"axis": 2}).
		Node("Concat", "again", []string{"p", "q"}, []string{"j"}, map[string]any{"axis": 2}).
		Op("Unsqueeze", "j", "k", nil, "one").Op("Squeeze", "k", "l", nil, "one").Op("Cast", "l", "c", map[string]any{"to": 1}).
		Node("Reshape", "r", []string{"c", "sides"}, []string{"f"}, nil).Op("MatMul", "f", "y", nil, "w").Output("y")
	var lines []string
	for _, m := range []*onnxtest.Model{plain, computed} {
		f := newFiles(t, m.Write(t))
		c := f.compile("--scale-bits", "8")
		must(t, c)
		lines = append(lines, c.stdout[:len("numConstraints=00000")])
		must(t, f.makeWitness(t, randomInput(3, 24)))
		lines = append(lines, string(read(t, f.output)))
	}
	if lines[0] != lines[2] || lines[1] != lines[3] {
		t.Errorf("plain: %s %s, computed: %s %s", lines[0], lines[1], lines[2], lines[3])
	}
}
