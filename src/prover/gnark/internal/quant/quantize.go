package quant

import (
	"math"
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/network"
)

// maxInteger keeps rounded floats exact.
const maxInteger = 1 << 52

// maxInput keeps input integers small enough to be exact in floats, too, with bits to spare.
const maxInput = 1 << 32

// Options are the user's choices.
type Options struct {
	ScaleBits int
	Lo, Hi    float64
}

// MaxTableBits caps the range table, which is one constraint per entry.
const MaxTableBits = 16

// Quantize tries every table size and takes the one with the fewest constraints: a larger table needs fewer limbs per
// value.
func Quantize(net *network.Network, opt Options) (*Model, *Plan, error) {
	c := &choice{net: net, opt: opt}
	bits := opt.ScaleBits
	for c.worth(bits) && c.try(bits, 0) { // once bounds are too wide, more bits only widen them
		bits++
	}
	return c.result()
}

// QuantizeInRange does so for a model whose bounds grow too wide: the circuit asserts a range of values, the widest one
// that each table size allows.
func QuantizeInRange(net *network.Network, opt Options) (*Model, *Plan, error) {
	c := &choice{net: net, opt: opt}
	for bits := opt.ScaleBits; c.worth(bits); bits++ {
		limbs := mostLimbs(bits)
		for reachBits(opt.ScaleBits, bits, limbs) >= leastReach && !c.try(bits, limbs) {
			limbs--
		}
	}
	return c.result()
}

// choice is the best of the models that were tried, or the refusal of the first.
type choice struct {
	net     *network.Network
	opt     Options
	best    *Model
	plan    *Plan
	refusal error
}

// worth says whether a larger table may still save constraints.
func (c *choice) worth(bits int) bool {
	return bits <= MaxTableBits && (c.plan == nil || 1<<bits < c.plan.Constraints)
}

func (c *choice) try(bits, limbs int) bool {
	m, err := quantizeAt(c.net, c.opt, bits, limbs)
	var p *Plan
	if err == nil {
		p, err = m.Plan()
	}
	if err != nil {
		if c.refusal == nil {
			c.refusal = err
		}
		return false
	}
	if c.plan == nil || p.Constraints < c.plan.Constraints {
		c.best, c.plan = m, p
	}
	return true
}

func (c *choice) result() (*Model, *Plan, error) {
	if c.plan == nil {
		return nil, nil, c.refusal
	}
	return c.best, c.plan, nil
}

func quantizeAt(net *network.Network, opt Options, tableBits, limbs int) (*Model, error) {
	m := &Model{ScaleBits: opt.ScaleBits, TableBits: tableBits, Limbs: limbs, Lo: opt.Lo, Hi: opt.Hi,
		InputDims: net.InputDims, OutputDims: net.OutputDims,
		Even: slices.ContainsFunc(net.Stages, func(s network.Stage) bool { return s.Jump != network.NoJump })}
	if far := max(math.Abs(opt.Lo), math.Abs(opt.Hi)); !(far <= maxInput*m.Step()) {
		return nil, fault.New(fault.BoundOverflow, "the input range is narrow for its distance from zero, expected it to be at least %.3g wide, given %v to %v",
			far/maxInput*float64(int64(1)<<tableBits), opt.Lo, opt.Hi)
	}
	isFloat := func(in network.Input) bool { return in.Kind == network.Float }
	if len(net.Inputs) > 1 || len(net.Inputs) == 1 && !isFloat(net.Inputs[0]) {
		m.Inputs = net.Inputs
	}
	if err := m.checkInputs(); err != nil {
		return nil, err
	}
	for _, e := range net.Outputs {
		m.Outputs = append(m.Outputs, int64(e))
	}
	raw := rawStages(net)
	sum := math.Exp2(float64(opt.ScaleBits + tableBits))
	start, end := 0, net.InputSize() // of the stage before
	for i := range net.Stages {
		s := &net.Stages[i]
		q := Stage{Name: s.Name, Geometry: s.Linear.Geometry, Pool: s.Pool, Relu: s.Relu, Function: s.Function, Jump: s.Jump, Product: s.Product, Matrices: s.Matrices, Softmax: s.Softmax, Norm: s.Norm, OneHot: s.OneHot, Quotient: s.Quotient, Average: s.Linear.Average, Raw: raw[i]}
		for _, e := range s.Reads {
			q.Reads = append(q.Reads, int64(e))
		}
		if q.Reads == nil {
			q.Start = start
		}
		for _, e := range s.Added {
			q.Added = append(q.Added, int64(e))
		}
		q.AddedWeight = int64(math.RoundToEven(math.Ldexp(s.AddedWeight, tableBits)))
		m.giveStep(&q, s)
		start, end = end, end+s.Out().Size()
		var err error
		weightScale, biasScale := m.step(&q)*sum, sum
		if s.Norm != nil {
			weightScale, biasScale = math.Exp2(float64(m.normWeightBits())), math.Ldexp(sum, tableBits)
		}
		if q.Weights, err = round(s, weights(&s.Linear), weightScale); err != nil {
			return nil, err
		}
		if q.Bias, err = round(s, s.Linear.Bias, biasScale); err != nil {
			return nil, err
		}
		q.Exact = !q.Average && q.Matrices == nil && whole(weights(&s.Linear), m.step(&q)*sum) && whole(s.Linear.Bias, sum)
		m.Stages = append(m.Stages, q)
	}
	return m, m.fitTables()
}

// rawStages are those that give the output and need no rescaling: none has a pool or a ReLU, and no other stage reads
// them. The outputs share one scale, so either all output stages are raw or none is.
func rawStages(net *network.Network) map[int]bool {
	last := len(net.Stages) - 1
	gives, stageOf := map[int]bool{}, make([]int, net.InputSize())
	for i := range net.Stages {
		for range net.Stages[i].Out().Size() {
			stageOf = append(stageOf, i)
		}
	}
	for _, e := range net.Outputs {
		gives[stageOf[e]] = true
	}
	if net.Outputs == nil {
		gives[last] = true
	}
	for i := range net.Stages {
		s := &net.Stages[i]
		if gives[i] && (s.Pool != nil || s.Relu || s.Function != nil || s.Jump != network.NoJump || s.Product || s.Matrices != nil || s.Softmax != nil || s.Norm != nil || s.OneHot > 0 || s.Quotient) {
			return nil
		}
		for _, e := range slices.Concat(s.Reads, s.Added) {
			if int(e) >= net.InputSize() && gives[stageOf[e]] {
				return nil
			}
		}
		if s.Reads == nil && i > 0 && gives[i-1] {
			return nil
		}
	}
	return gives
}

// weights are the layer's own, or those of an average by its number of taps.
func weights(l *network.Linear) []float64 {
	if !l.Average {
		return l.Weights
	}
	if l.Divisor > 0 {
		return []float64{1 / float64(l.Divisor)}
	}
	w := make([]float64, l.Kernel[0]*l.Kernel[1])
	for i := range w {
		w[i] = 1 / float64(i+1)
	}
	return w
}

// whole says whether all values are integers at a scale.
func whole(v []float64, scale float64) bool {
	return !slices.ContainsFunc(v, func(x float64) bool { return x*scale != math.Trunc(x*scale) })
}

func round(s *network.Stage, v []float64, scale float64) ([]int64, error) {
	q := make([]int64, len(v))
	for i, x := range v {
		r := math.RoundToEven(x * scale)
		if !(math.Abs(r) < maxInteger) {
			return nil, fault.New(fault.BoundOverflow, "node %q has the weight %v, expected less than %v at this scale", s.Name, x, maxInteger/scale)
		}
		q[i] = int64(r)
	}
	return q, nil
}
