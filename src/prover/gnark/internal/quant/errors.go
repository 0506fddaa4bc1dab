package quant

import (
	"math"
	"slices"

	"provemark/gnark/internal/network"
)

// Errors says how far the integer network may be from the float model (in exact arithmetic) on the
// same input, because input, weights, biases and activations are rounded.
type Errors struct {
	// Bound always holds: it takes every rounding at its worst and every weight by its magnitude. From layer to layer it
	// grows with the sum of the absolute weights, so for deep networks it is far above the actual error.
	Bound float64
	// Estimate is six standard deviations if the roundings are independent and uniformly distributed. Errors of elements
	// of one stage are taken as independent; those of different stages, which may come from the same rounding through
	// two branches of the graph, as fully correlated.
	Estimate float64
}

// tracker has the bound and the variance of the error of every element up to the current stage.
type tracker struct {
	m               *Model
	bound, variance []float64
	source          []int32 // which stage an element is of, 0 for the input
}

// ErrorsOf follows the error through one inference.
func (m *Model) ErrorsOf(t *Trace, input []float64) Errors {
	e := m.newTracker(input)
	for i := range m.Stages {
		e.advance(&m.Stages[i], t.Values, t.Sums[i])
	}
	return e.result()
}

// newTracker has the errors of an input, whose own values matter only where a jump depends on them.
func (m *Model) newTracker(input []float64) *tracker {
	e := &tracker{m: m, bound: make([]float64, m.InputSize()), variance: make([]float64, m.InputSize()), source: make([]int32, m.InputSize())}
	for i := range e.bound {
		if m.inputKind(int64(i)) != network.Float {
			continue
		}
		// half a step, and what the division by an inexact step may lose, see maxInput
		e.bound[i], e.variance[i] = m.Step()*(0.5+0x1p-20), square(m.Step())/12
		if m.Even { // the division is exact, and so is the remainder
			off := input[i] - m.Step()*math.Round(input[i]/m.Step())
			e.bound[i], e.variance[i] = math.Abs(off), square(off)
		}
	}
	return e
}

// advance goes through stage s; x are the integers of all elements before it, and sums its own.
func (e *tracker) advance(s *Stage, x, sums []int64) {
	unit := math.Exp2(-float64(e.m.ScaleBits + e.m.TableBits)) // of the sums
	step := e.m.step(s)                                        // of what it reads
	bound, variance := make([]float64, s.Geometry.Out.Size()), make([]float64, s.Geometry.Out.Size())
	if s.Product {
		e.multiply(s, x, bound, variance)
	}
	if s.Matrices != nil {
		e.multiplyMatrices(s, x, bound, variance)
		e.add(bound, variance)
		return
	}
	if s.Quotient {
		e.quotientErrors(s, x, bound, variance)
		e.add(bound, variance)
		return
	}
	if s.OneHot > 0 {
		e.oneHotErrors(s, bound)
		e.add(bound, variance)
		return
	}
	if s.Norm != nil {
		e.normErrors(s, x, bound, variance)
		e.add(bound, variance)
		return
	}
	if s.Softmax != nil {
		e.softmaxErrors(s, x, bound, variance)
		e.add(bound, variance)
		return
	}
	terms := e.m.Terms(s)
	numberOf, totals := sharedWeights(s)
	for o := range bound {
		if s.Product { // its weights are exact, and it has no biases
			break
		}
		_, ts := terms.At(o, true)
		half, share := 0.5, 1.0/12 // of a step, as rounding may be off, and its variance
		if s.Exact {
			half, share = 0, 0
		}
		worst, spread := half, share // of the bias
		spread += e.carried(s, ts) / square(step)
		total := 0.0
		for _, t := range ts {
			v, w := math.Abs(float64(x[t.Input])), math.Abs(float64(t.Weight))
			total += v
			worst += half*v + (w+half)*e.bound[t.Input]/step
			if numberOf != nil {
				totals[numberOf(t.Weight)] += v
			} else if !s.Average {
				spread += v * v * share
			}
		}
		if s.Average { // its weights are one and the same, and so is their rounding
			spread += square(total) / 12
		}
		for i, v := range totals {
			spread += square(v) * share
			totals[i] = 0
		}
		bound[o], variance[o] = worst*unit, spread*square(unit)
	}
	switch {
	case s.Function != nil:
		e.follow(s, bound, variance, sums)
	case s.Jump != network.NoJump:
		e.followJump(s, x, bound, variance, sums)
	case !s.Raw:
		bound, variance = e.reduce(s, bound, variance, sums)
	}
	e.add(bound, variance)
}

// sharedWeights numbers the weights, and has a place for what each multiplies: equal weights share one rounding. Both
// are nil if most weights differ.
func sharedWeights(s *Stage) (numberOf func(weight int64) int, totals []float64) {
	numbers := map[int64]int{}
	for _, w := range s.Weights {
		if _, known := numbers[w]; !known {
			numbers[w] = len(numbers)
		}
		if 2*len(numbers) > len(s.Weights) {
			return nil, nil
		}
	}
	totals = make([]float64, len(numbers))
	least, greatest := slices.Min(s.Weights), slices.Max(s.Weights)
	if greatest-least > maxListed {
		return func(w int64) int { return numbers[w] }, totals
	}
	// Every product asks for a number, and a list finds it faster than a map.
	list := make([]int, greatest-least+1)
	for w, number := range numbers {
		list[w-least] = number
	}
	return func(w int64) int {
		if w < least || w > greatest { // the weight of an added element
			return 0
		}
		return list[w-least]
	}, totals
}

// maxListed limits the list of weights' numbers to 8 MB.
const maxListed = 1 << 20

// add appends a stage's elements.
func (e *tracker) add(bound, variance []float64) {
	e.bound, e.variance = append(e.bound, bound...), append(e.variance, variance...)
	number := e.source[len(e.source)-1] + 1
	for range bound {
		e.source = append(e.source, number)
	}
}

// carried is the part of a sum's variance that comes from the errors of the elements it reads.
func (e *tracker) carried(s *Stage, ts []Term) (v float64) {
	rounding := 1.0 / 12 // of a weight
	if s.Exact {
		rounding = 0
	}
	if s.Reads == nil && s.Added == nil { // all of one stage, each once
		for _, t := range ts {
			v += (square(float64(t.Weight)) + rounding) * e.variance[t.Input]
		}
		return v
	}
	slices.SortFunc(ts, func(a, b Term) int { return a.Input - b.Input }) // the elements of a stage are neighbours
	deviation := 0.0
	for i := 0; i < len(ts); {
		source := e.source[ts[i].Input]
		v := 0.0
		for i < len(ts) && e.source[ts[i].Input] == source {
			at, weight, count := ts[i].Input, 0.0, 0.0
			for ; i < len(ts) && ts[i].Input == at; i++ {
				weight, count = weight+float64(ts[i].Weight), count+1
			}
			v += (square(weight) + count*rounding) * e.variance[at]
		}
		deviation += math.Sqrt(v)
	}
	return square(deviation)
}

// reduce takes the worst of each window (neither max nor ReLU increases an error) and adds the rescaling. Elements that
// are so far below the maximum, or below zero, that no error brings them there do not count.
func (e *tracker) reduce(s *Stage, sumBound, sumVariance []float64, sums []int64) (bound, variance []float64) {
	step := math.Exp2(-float64(e.m.ScaleBits))
	unit, half := math.Exp2(-float64(e.m.ScaleBits+e.m.TableBits)), e.m.half(s)
	const deviations = 6
	bound, variance = make([]float64, s.Out().Size()), make([]float64, s.Out().Size())
	var window []network.Tap
	for o := range bound {
		window = s.Window(o, window[:0])
		surely, likely := math.Inf(-1), math.Inf(-1) // the least that the maximum is
		if s.Relu {
			surely, likely = 0, 0
		}
		for _, w := range window {
			at := unit * float64(sums[w.Input]-half)
			surely, likely = max(surely, at-sumBound[w.Input]), max(likely, at-deviations*math.Sqrt(sumVariance[w.Input]))
		}
		rounded := !s.Exact // the sums of exact weights may be on the grid already
		reached, expected := false, false
		for _, w := range window {
			at := unit * float64(sums[w.Input]-half)
			if at+sumBound[w.Input] >= surely {
				bound[o], reached = max(bound[o], sumBound[w.Input]), true
			}
			if at+deviations*math.Sqrt(sumVariance[w.Input]) >= likely {
				variance[o], expected = max(variance[o], sumVariance[w.Input]), true
			}
			rounded = rounded || sums[w.Input]&(1<<e.m.TableBits-1) != 1<<(e.m.TableBits-1)
		}
		if rounded && reached {
			bound[o] += step / 2
		}
		if rounded && expected {
			variance[o] += square(step) / 12
		}
	}
	return bound, variance
}

func (e *tracker) result() (r Errors) {
	for i := range e.m.OutputSize() {
		at := e.m.OutputElement(i)
		r.Bound, r.Estimate = max(r.Bound, e.bound[at]), max(r.Estimate, 6*math.Sqrt(e.variance[at]))
	}
	r.Bound *= 1 + 1e-9 // for the rounding of these sums themselves
	return r
}

func square(x float64) float64 { return x * x }
