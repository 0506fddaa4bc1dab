package network

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
	"provemark/gnark/internal/onnxtest"
)

func lower(t *testing.T, m *onnxtest.Model) *Network {
	t.Helper()
	model, err := onnx.Read(m.Write(t))
	if err != nil {
		t.Fatal(err)
	}
	net, err := Lower(model)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// Operators that can share one rescaling share one stage: that keeps circuits small.
func TestNodesJoinStages(t *testing.T) {
	w, b := make([]float32, 2*2*9), make([]float32, 2)
	pool := map[string]any{"kernel_shape": []int64{2, 2}, "strides": []int64{2, 2}}
	m := onnxtest.New("x", 1, 2, 8, 8).Floats("w", w, 2, 2, 3, 3).Floats("b", b, 2).Floats("c", b, 2, 1, 1).
		Op("Conv", "x", "a1", nil, "w", "b").Op("Add", "a1", "a2", nil, "c").Op("Relu", "a2", "a3", nil).Op("MaxPool", "a3", "a4", pool).
		Op("Conv", "a4", "b1", map[string]any{"pads": []int64{1, 1, 1, 1}}, "w").Op("MaxPool", "b1", "b2", pool).Op("Relu", "b2", "b3", nil).
		Op("AveragePool", "b3", "c1", map[string]any{"kernel_shape": []int64{1, 1}}).Op("Flatten", "c1", "y", nil).Output("y")
	net := lower(t, m)
	if len(net.Stages) != 3 {
		t.Fatalf("%d stages, expected 3", len(net.Stages))
	}
	for i, s := range net.Stages[:2] {
		if s.Pool == nil || !s.Relu {
			t.Errorf("stage %d lacks its pool or its ReLU", i)
		}
	}
	if s := net.Stages[2]; s.Pool != nil || s.Relu || !s.Linear.Average || s.Linear.Divisor != 1 {
		t.Errorf("the average pool is %+v", s)
	}
	if len(net.Stages[0].Linear.Bias) != 2 {
		t.Errorf("the added bias takes %d values, expected one per channel", len(net.Stages[0].Linear.Bias))
	}
	if d := net.OutputDims; len(d) != 2 || d[1] != 2 {
		t.Errorf("output dimensions %v, expected [1 2]", d)
	}
}

// Damaged files give errors with a code, or a network that is valid enough to be walked; no panic.
func TestDamagedModels(t *testing.T) {
	w, b := make([]float32, 2*2*9), make([]float32, 8*3)
	whole := onnxtest.New("x", 0, 2, 6, 6).Floats("w", w, 2, 2, 3, 3).Floats("b", b, 8, 3).Ints("s", []int64{1, -1}).
		Op("Conv", "x", "a", map[string]any{"pads": []int64{0, 0, 0, 0}, "group": 1}, "w").Op("Relu", "a", "r", nil).
		Op("MaxPool", "r", "p", map[string]any{"kernel_shape": []int64{2, 2}, "strides": []int64{2, 2}}).
		Op("Reshape", "p", "f", nil, "s").Op("Gemm", "f", "y", nil, "b").Output("y").Bytes()
	r := rand.New(rand.NewPCG(5, 6))
	path := filepath.Join(t.TempDir(), "m.onnx")
	refusals := 0
	for range 3000 {
		b := append([]byte{}, whole...)
		for range 1 + r.IntN(3) {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		model, err := onnx.Read(path)
		var net *Network
		if err == nil {
			net, err = Lower(model)
		}
		if err != nil {
			var f *fault.Fault
			if !errors.As(err, &f) {
				t.Fatalf("an error without a code: %v", err)
			}
			refusals++
			continue
		}
		for i := range net.Stages {
			s := &net.Stages[i]
			for _, tap := range s.Linear.Taps(s.Linear.Out.Size()-1, nil) {
				if tap.Input >= s.Linear.In.Size() || !s.Linear.Average && tap.Weight >= len(s.Linear.Weights) {
					t.Fatalf("tap %+v is outside stage %+v", tap, s.Linear.Geometry)
				}
			}
		}
	}
	if refusals < 300 || refusals == 3000 {
		t.Errorf("%d of 3000 damaged models were refused: this is no test", refusals)
	}
}
