package command

import (
	"math"
	"testing"

	"provemark/gnark/internal/onnxtest"
)

func TestFunctionsFollowTheirDefinitions(t *testing.T) {
	for op, c := range map[string]struct {
		lowest float64
		attrs  map[string]any
		f      func(x float64) float64
	}{
		"Sigmoid":     {-2, nil, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }},
		"Tanh":        {-2, nil, math.Tanh},
		"Exp":         {-2, nil, math.Exp},
		"Erf":         {-2, nil, math.Erf},
		"Gelu":        {-2, nil, func(x float64) float64 { return 0.5 * x * (1 + math.Erf(x*math.Sqrt(0.5))) }},
		"Softplus":    {-2, nil, func(x float64) float64 { return math.Log(1 + math.Exp(x)) }},
		"Softsign":    {-2, nil, func(x float64) float64 { return x / (1 + math.Abs(x)) }},
		"Mish":        {-2, nil, func(x float64) float64 { return x * math.Tanh(math.Log(1+math.Exp(x))) }},
		"HardSigmoid": {-2, map[string]any{"alpha": 0.75, "beta": 0.25}, func(x float64) float64 { return math.Max(0, math.Min(1, 0.75*x+0.25)) }},
		"HardSwish":   {-2, nil, func(x float64) float64 { return x * math.Max(0, math.Min(1, x/6+0.5)) }},
		"Elu":         {-2, map[string]any{"alpha": 0.5}, func(x float64) float64 { return math.Max(x, 0) + 0.5*math.Min(0, math.Exp(x)-1) }},
		"Selu": {-2, nil, func(x float64) float64 {
			return 1.0507009873554805 * (math.Max(x, 0) + 1.6732632423543772*math.Min(0, math.Exp(x)-1))
		}},
		"Log":        {0.25, nil, math.Log},
		"Sqrt":       {0.25, nil, math.Sqrt},
		"Reciprocal": {0.25, nil, func(x float64) float64 { return 1 / x }},
	} {
		t.Run(op, func(t *testing.T) {
			f := newFiles(t, onnxtest.New("x", 1, 9).Op(op, "x", "y", c.attrs).Output("y").Write(t))
			ends := "-2,2"
			if c.lowest > 0 {
				ends = "0.25,2"
			}
			must(t, f.compile("--scale-bits", "10", "--input-range", ends))
			x := make([]float64, 9)
			for i := range x {
				x[i] = c.lowest + (2-c.lowest)*float64(i)/8
			}
			w := f.makeWitness(t, x)
			must(t, w)
			// rounding may leave the range at its end, where a logarithm or a root is steepest
			bound, estimate := number(t, w.stdout, "output_error_bound"), number(t, w.stdout, "output_error_estimate")
			if bound > 0.05 {
				t.Errorf("the bound %v is too wide to say anything here", bound)
			}
			for i, got := range readJSON(t, f.output).Floats {
				if d := math.Abs(got - c.f(x[i])); d > bound || d > estimate {
					t.Errorf("%s of %v is %v, expected %v: %v apart, bound %v, estimate %v", op, x[i], got, c.f(x[i]), d, bound, estimate)
				}
			}
		})
	}
}

// If a function has no value there is no witness; a neighbouring input is proved.
func TestFunctionsThatAreNotDefinedEverywhere(t *testing.T) {
	f := newFiles(t, onnxtest.New("x", 1, 2).Op("Log", "x", "y", nil).Output("y").Write(t))
	must(t, f.compile("--scale-bits", "8"))
	for _, x := range [][]float64{{0.5, -0.5}, {0, 1}} {
		refused(t, f.makeWitness(t, x), "NO_VALID_WITNESS", "node_y", "not defined")
	}
	must(t, f.makeWitness(t, []float64{0.5, 1}))
	must(t, f.prove())
	must(t, f.verify())
	none := newFiles(t, onnxtest.New("x", 1, 2).Op("Sqrt", "x", "y", nil).Output("y").Write(t))
	refused(t, none.compile("--input-range", "-2,-1"), "BOUND_OVERFLOW", "node_y")
}

// Combinations of stages: a function after ReLU, a pool, a sum of branches and another function.
func TestFunctionsInAGraph(t *testing.T) {
	m := onnxtest.New("x", 1, 1, 2, 4).
		Op("Relu", "x", "r", nil).Op("Tanh", "r", "t", nil).
		Op("MaxPool", "t", "p", map[string]any{"kernel_shape": []int64{2, 2}, "strides": []int64{2, 2}}).
		Op("Sigmoid", "p", "s", nil).Node("Add", "join", []string{"s", "p"}, []string{"j"}, nil).Op("Exp", "j", "y", nil).Output("y")
	x := []float64{0.5, -0.25, 1, 0.75, -1, 0.125, -0.5, 0.25}
	want := make([]float64, 2)
	for i := range want {
		top := math.Tanh(max(x[2*i], x[2*i+1], x[4+2*i], x[5+2*i], 0))
		want[i] = math.Exp(1/(1+math.Exp(-top)) + top)
	}
	checkOutput(t, m, x, want)
}

// Products of activations: a square, a gate, and an input that is multiplied directly.
func TestProducts(t *testing.T) {
	x := []float64{0.5, -0.25, 1, 0.75, -1, 0.125}
	m := onnxtest.New("x", 2, 3).Op("Sigmoid", "x", "s", nil).Node("Mul", "gate", []string{"x", "s"}, []string{"g"}, nil).
		Node("Mul", "square", []string{"g", "g"}, []string{"q"}, nil).Ints("axis", []int64{1}).
		Op("ReduceSum", "q", "t", map[string]any{"keepdims": 1}, "axis").Node("Mul", "wide", []string{"t", "x"}, []string{"w"}, nil).
		Op("Relu", "w", "y", nil).Output("y")
	want := make([]float64, 6)
	for i := range want {
		sum := 0.0
		for j := range 3 {
			v := x[i/3*3+j]
			sum += math.Pow(v/(1+math.Exp(-v)), 2)
		}
		want[i] = math.Max(0, sum*x[i])
	}
	checkOutput(t, m, x, want)
}

// Values far from where a function bends: it goes on as a line, or is coarser.
func TestFunctionsOfFarValues(t *testing.T) {
	for op, f := range map[string]func(x float64) float64{
		"Sigmoid":  func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
		"Tanh":     math.Tanh,
		"Gelu":     func(x float64) float64 { return 0.5 * x * (1 + math.Erf(x*math.Sqrt(0.5))) },
		"Softplus": func(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) },
	} {
		t.Run(op, func(t *testing.T) {
			x := []float64{-200, -16, -7, -3, -0.5, 0.25, 2, 5, 13, 60, 200}
			file := newFiles(t, onnxtest.New("x", 1, int64(len(x))).Op(op, "x", "y", nil).Output("y").Write(t))
			must(t, file.compile("--scale-bits", "11", "--input-range=-200,200"))
			w := file.makeWitness(t, x)
			must(t, w)
			bound := number(t, w.stdout, "output_error_bound")
			if bound > 0.12 { // half a step of the input is 0.1
				t.Errorf("the bound %v is too wide to say anything here", bound)
			}
			for i, got := range readJSON(t, file.output).Floats {
				if d := math.Abs(got - f(x[i])); d > bound {
					t.Errorf("%s of %v is %v, expected %v within %v", op, x[i], got, f(x[i]), bound)
				}
			}
		})
	}
}
