package command

import (
	"math"
	"testing"

	"provemark/gnark/internal/onnxtest"
)

func TestPiecewiseOperatorsFollowTheirDefinitions(t *testing.T) {
	x := []float64{-1, -0.5, -0.25, 0.25, 0.5, 1}
	each := func(f func(i int, v float64) float64) []float64 {
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = f(i, v)
		}
		return y
	}
	slopes := []float32{0.5, -0.25, 2}
	in := func() *onnxtest.Model {
		return onnxtest.New("x", 1, 2, 3).Floats("low", []float32{-0.375}).Floats("high", []float32{0.375}).Floats("slope", slopes, 3)
	}
	for name, c := range map[string]struct {
		m    *onnxtest.Model
		want []float64
	}{
		"Abs":             {in().Op("Abs", "x", "y", nil), each(func(_ int, v float64) float64 { return math.Abs(v) })},
		"LeakyRelu":       {in().Op("LeakyRelu", "x", "y", map[string]any{"alpha": 0.25}), each(func(_ int, v float64) float64 { return math.Max(v, v/4) })},
		"PRelu":           {in().Op("PRelu", "x", "y", nil, "slope"), each(func(i int, v float64) float64 { return math.Max(v, 0) + float64(slopes[i%3])*math.Min(v, 0) })},
		"Clip":            {in().Op("Clip", "x", "y", nil, "low", "high"), each(func(_ int, v float64) float64 { return math.Min(math.Max(v, -0.375), 0.375) })},
		"Clip from below": {in().Op("Clip", "x", "y", nil, "low"), each(func(_ int, v float64) float64 { return math.Max(v, -0.375) })},
		"Clip from above": {in().Op("Clip", "x", "y", nil, "", "high"), each(func(_ int, v float64) float64 { return math.Min(v, 0.375) })},
		"Clip with attributes": {in().Op("Clip", "x", "y", map[string]any{"min": -0.25, "max": 3.4028234663852886e38}),
			each(func(_ int, v float64) float64 { return math.Max(v, -0.25) })},
		"Max of two and a constant": {in().Op("Relu", "x", "r", nil).Node("Max", "m", []string{"r", "x", "low"}, []string{"y"}, nil), each(func(_ int, v float64) float64 { return math.Max(v, 0) })},
		"Min of a constant and two": {in().Op("Neg", "x", "r", nil).Node("Min", "m", []string{"high", "r", "x"}, []string{"y"}, nil), each(func(_ int, v float64) float64 { return math.Min(0.375, -math.Abs(v)) })},
		"Pad with zeros":            {in().Ints("p", []int64{0, 0, 1, 0, -1, 0}).Op("Pad", "x", "y", nil, "p"), []float64{0, -1, -0.5, -0.25}},
		"Pad by reflection": {in().Ints("p", []int64{0, 0, 2, 0, 0, 1}).Op("Pad", "x", "y", map[string]any{"mode": "reflect"}, "p"),
			[]float64{-0.25, -0.5, -1, -0.5, -0.25, -0.5, 1, 0.5, 0.25, 0.5, 1, 0.5}},
		"Pad by the edge": {in().Ints("p", []int64{0, 1, 0, 0, 0, 1}).Op("Pad", "x", "y", map[string]any{"mode": "edge"}, "p"),
			[]float64{-1, -0.5, -0.25, -0.25, -1, -0.5, -0.25, -0.25, 0.25, 0.5, 1, 1}},
	} {
		t.Run(name, func(t *testing.T) { checkOutput(t, c.m.Output("y"), x, c.want) })
	}
}
