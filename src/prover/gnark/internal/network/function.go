package network

import (
	"math"
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// Function is one of one variable; A and B are its parameters, where it has any.
type Function struct {
	Name string  `json:"name"`
	A    float64 `json:"a,omitempty"`
	B    float64 `json:"b,omitempty"`
}

// shape describes a function: its values (NaN if it has none), and the points between which it is monotone. Only
// there, and at the ends, can it have a minimum or maximum in an interval.
type shape struct {
	at    func(f Function, x float64) float64
	turns []float64
	// slope, if set, is the most that it changes per change of x: it has more turns than a list could name
	slope float64
	// hidden: no operator has this name
	hidden bool
	// ends are the lines that it approaches to the left and to the right; nil where there is none of slope 0 or 1
	ends [2]*End
}

// End is a line.
type End struct{ Slope, Offset float64 }

var (
	flat     = func(at float64) *End { return &End{0, at} }
	diagonal = &End{1, 0}
)

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// above is a function without values at or below zero.
func above(zero bool, f func(float64) float64) func(Function, float64) float64 {
	return func(_ Function, x float64) float64 {
		if x < 0 || x == 0 && !zero {
			return math.NaN()
		}
		return f(x)
	}
}

// within is a function with infinities or no values beyond the ends of its domain.
func within(f func(float64) float64) func(Function, float64) float64 {
	return func(_ Function, x float64) float64 {
		if v := f(x); !math.IsInf(v, 0) {
			return v
		}
		return math.NaN()
	}
}

// poles are those of the tangent, which is taken to have no value beyond the last.
var poles = func() (p []float64) {
	for k := -32; k < 32; k++ {
		p = append(p, (float64(k)+0.5)*math.Pi)
	}
	return p
}()

func tan(_ Function, x float64) float64 {
	if math.Abs(x) > poles[len(poles)-1] || slices.Contains(poles, x) {
		return math.NaN()
	}
	return math.Tan(x)
}

func plain(f func(float64) float64) func(Function, float64) float64 {
	return func(_ Function, x float64) float64 { return f(x) }
}

var functions = map[string]shape{
	"Elu": {at: func(f Function, x float64) float64 {
		if x < 0 {
			return f.A * math.Expm1(x)
		}
		return x
	}, turns: []float64{0}},
	"Erf":         {at: plain(math.Erf), ends: [2]*End{flat(-1), flat(1)}},
	"Exp":         {at: plain(math.Exp), ends: [2]*End{flat(0), nil}},
	"Gelu":        {at: plain(func(x float64) float64 { return x / 2 * (1 + math.Erf(x/math.Sqrt2)) }), turns: []float64{-0.7517915246935645}, ends: [2]*End{flat(0), diagonal}},
	"HardSigmoid": {at: func(f Function, x float64) float64 { return min(max(f.A*x+f.B, 0), 1) }},
	"HardSwish":   {at: plain(func(x float64) float64 { return x * min(max(x/6+0.5, 0), 1) }), turns: []float64{-1.5}, ends: [2]*End{flat(0), diagonal}},
	"Log":         {at: above(false, math.Log)},
	"Mish":        {at: plain(func(x float64) float64 { return x * math.Tanh(softplus(x)) }), turns: []float64{-1.1924312145154093}, ends: [2]*End{flat(0), diagonal}},
	// both branches go to infinity at zero, so no interval may contain it
	"Reciprocal": {at: func(_ Function, x float64) float64 {
		if x == 0 {
			return math.NaN()
		}
		return 1 / x
	}, turns: []float64{0}},
	"Selu": {at: func(f Function, x float64) float64 {
		if x < 0 {
			return f.B * f.A * math.Expm1(x)
		}
		return f.B * x
	}, turns: []float64{0}},
	"Acos":  {at: within(math.Acos)},
	"Acosh": {at: within(math.Acosh)},
	"Asin":  {at: within(math.Asin)},
	"Asinh": {at: plain(math.Asinh)},
	"Atan":  {at: plain(math.Atan)},
	"Atanh": {at: within(math.Atanh)},
	"Celu": {at: func(f Function, x float64) float64 {
		if x < 0 {
			return f.A * math.Expm1(x/f.A)
		}
		return x
	}},
	"Cos":      {at: plain(math.Cos), slope: 1},
	"Cosh":     {at: plain(math.Cosh), turns: []float64{0}},
	"GeluTanh": {at: plain(func(x float64) float64 { return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))) }), turns: []float64{-0.7524614220710162}, ends: [2]*End{flat(0), diagonal}, hidden: true},
	"Pow": {at: func(f Function, x float64) float64 {
		if x == 0 && f.A < 0 {
			return math.NaN()
		}
		return math.Pow(x, f.A)
	}, turns: []float64{0}, hidden: true},
	"Silu":     {at: plain(func(x float64) float64 { return x * sigmoid(x) }), turns: []float64{-1.2784645427610738}, ends: [2]*End{flat(0), diagonal}, hidden: true},
	"Sin":      {at: plain(math.Sin), slope: 1},
	"Sinh":     {at: plain(math.Sinh)},
	"Tan":      {at: tan, turns: poles},
	"Sigmoid":  {at: plain(sigmoid), ends: [2]*End{flat(0), flat(1)}},
	"Softplus": {at: plain(softplus), ends: [2]*End{flat(0), diagonal}},
	"Softsign": {at: plain(func(x float64) float64 { return x / (1 + math.Abs(x)) })},
	"Sqrt":     {at: above(true, math.Sqrt)},
	"Tanh":     {at: plain(math.Tanh), ends: [2]*End{flat(-1), flat(1)}},
}

// At is the function's value, NaN if it has none.
func (f Function) At(x float64) float64 { return functions[f.Name].at(f, x) }

// Ends are the lines that the function approaches to the left and to the right, nil where there is none.
func (f Function) Ends() [2]*End { return functions[f.Name].ends }

// Near is where the function comes within a distance of its end on the given side, 0 or 1, for good.
func (f Function) Near(side int, distance float64) float64 {
	end, sign := f.Ends()[side], float64(2*side-1)
	const step, far = 1.0 / 16, 64
	x := sign * far
	for ; math.Abs(x) > step; x -= sign * step {
		if next := x - sign*step; math.Abs(f.At(next)-end.Slope*next-end.Offset) > distance {
			break
		}
	}
	return x
}

// Known says whether there is such a function.
func (f Function) Known() bool { return functions[f.Name].at != nil }

// Reach is how far values between x - around and x + around can be from f(x); infinite if the function has no value
// at some of them.
func (f Function) Reach(x, around float64) float64 {
	here, far := f.At(x), 0.0
	if slope := functions[f.Name].slope; slope > 0 {
		return slope * around
	}
	points := []float64{x - around, x + around}
	for _, turn := range functions[f.Name].turns {
		if math.Abs(turn-x) <= around {
			points = append(points, turn)
		}
	}
	for _, p := range points {
		d := math.Abs(f.At(p) - here)
		if math.IsNaN(d) {
			return math.Inf(1)
		}
		far = max(far, d)
	}
	return far
}

// parameters are the attributes of ONNX with their defaults, for A and B.
var parameters = map[string][]struct {
	name string
	def  float64
}{
	"Celu":        {{"alpha", 1}},
	"Elu":         {{"alpha", 1}},
	"HardSigmoid": {{"alpha", 0.2}, {"beta", 0.5}},
	"Selu":        {{"alpha", 1.67326319217681884765625}, {"gamma", 1.05070102214813232421875}},
}

func init() {
	for name, f := range functions {
		if f.hidden {
			continue
		}
		lowerings[name] = one((*builder).function)
	}
}

// function ends a stage with the values of a function; it joins a preceding linear stage.
func (b *builder) function(n *onnx.Node) (*tensor, error) {
	f := Function{Name: n.Op}
	for i, p := range parameters[n.Op] {
		*[]*float64{&f.A, &f.B}[i] = n.Float(p.name, p.def)
	}
	if n.String("approximate", "none") == "tanh" {
		f.Name = "GeluTanh"
	}
	t, err := b.operand(n, 0)
	if err != nil {
		return nil, err
	}
	return b.lookedUp(n, f, t)
}

// lookedUp is a function of a tensor.
func (b *builder) lookedUp(n *onnx.Node, f Function, t *tensor) (*tensor, error) {
	var err error
	if t.constant {
		out := folded(t, t, func(v, _ float64) float64 { return f.At(v) })
		if slices.ContainsFunc(out.v, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }) {
			return nil, nodeFault(fault.UnsupportedValue, n, "has no value for a constant, expected numbers that it is defined for")
		}
		return out, nil
	}
	if b.open(t) == nil {
		if t, err = b.beginIdentity(n, t); err != nil {
			return nil, err
		}
	}
	b.stageOf(t).Function = &f
	done := *t
	done.joinable = false // nothing can be merged into a stage after its function
	return &done, nil
}
