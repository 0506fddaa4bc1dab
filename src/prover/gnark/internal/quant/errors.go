package quant

import (
	"math"

	"provemark/gnark/internal/network"
)

// Errors says how far the integer network may be from the float model (in exact arithmetic) on the
// same input, because input, weights, biases and activations are rounded.
type Errors struct {
	// Bound holds for sure: every rounding at its worst, every weight by its magnitude. It grows by
	// the weights' absolute sums from layer to layer, so for deep networks it is far above the truth.
	Bound float64
	// Estimate is six standard deviations if the roundings are independent and evenly spread.
	Estimate float64
}

// tracker carries bound and variance of the error of every element of the present activation.
type tracker struct {
	m               *Model
	bound, variance []float64
}

// ErrorsOf follows the error through one inference.
func (m *Model) ErrorsOf(t *Trace) Errors {
	e := m.newTracker()
	for i := range m.Stages {
		e.advance(&m.Stages[i], t.Inputs[i])
	}
	return e.result()
}

func (m *Model) newTracker() *tracker {
	e := &tracker{m: m, bound: make([]float64, m.InputSize()), variance: make([]float64, m.InputSize())}
	for i := range e.bound {
		// half a step, and what the division by an inexact step may lose, see maxInput
		e.bound[i], e.variance[i] = m.Step()*(0.5+0x1p-20), square(m.Step())/12
	}
	return e
}

// advance goes through stage s, whose integer inputs are x.
func (e *tracker) advance(s *Stage, x []int64) {
	unit := math.Exp2(-float64(e.m.ScaleBits + e.m.TableBits)) // of the sums
	step := math.Exp2(-float64(e.m.ScaleBits))                 // of the inputs
	if s == &e.m.Stages[0] {
		step = e.m.Step()
	}
	bound, variance := make([]float64, s.Geometry.Out.Size()), make([]float64, s.Geometry.Out.Size())
	terms := e.m.Terms(s)
	for o := range bound {
		_, ts := terms.At(o, true)
		worst, spread := 0.5, 1.0/12 // of the bias
		total := 0.0
		for _, t := range ts {
			v, w := math.Abs(float64(x[t.Input])), math.Abs(float64(t.Weight))
			total += v
			worst += 0.5*v + (w+0.5)*e.bound[t.Input]/step
			spread += (w*w + 1.0/12) * e.variance[t.Input] / square(step)
			if !s.Average {
				spread += v * v / 12
			}
		}
		if s.Average { // its weights are one and the same, and so is their rounding
			spread += square(total) / 12
		}
		bound[o], variance[o] = worst*unit, spread*square(unit)
	}
	e.bound, e.variance = bound, variance
	if !s.Raw {
		e.reduce(s)
	}
}

// reduce takes the worst of each window (neither max nor ReLU widens an error) and adds the rescaling.
func (e *tracker) reduce(s *Stage) {
	step := math.Exp2(-float64(e.m.ScaleBits))
	bound, variance := make([]float64, s.Out().Size()), make([]float64, s.Out().Size())
	var window []network.Tap
	for o := range bound {
		window = s.Window(o, window[:0])
		for _, w := range window {
			bound[o], variance[o] = max(bound[o], e.bound[w.Input]), max(variance[o], e.variance[w.Input])
		}
		bound[o] += step / 2
		variance[o] += square(step) / 12
	}
	e.bound, e.variance = bound, variance
}

func (e *tracker) result() (r Errors) {
	for i := range e.bound {
		r.Bound, r.Estimate = max(r.Bound, e.bound[i]), max(r.Estimate, 6*math.Sqrt(e.variance[i]))
	}
	r.Bound *= 1 + 1e-9 // for the roundings of these sums themselves
	return r
}

func square(x float64) float64 { return x * x }
