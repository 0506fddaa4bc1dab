package quant

import (
	"math"
	"math/bits"

	"provemark/gnark/internal/network"
)

// Jumps are exact on the grid of the scale: a sum is rounded to it first, so that 0.9999 from a rounded weight counts
// as 1.

// jump is a stage's jump applied to its sums.
func (m *Model) jump(s *Stage, sums []int64) []int64 {
	y := make([]int64, len(sums))
	for o, l := range sums {
		y[o] = m.jumpOf(s.Jump, l)
	}
	return y
}

func (m *Model) jumpOf(j network.Jump, sum int64) int64 {
	switch {
	case j == network.Floor:
		return sum >> (m.TableBits + m.ScaleBits) << m.ScaleBits
	case sum>>m.TableBits > 0:
		return 1 << m.ScaleBits
	}
	return 0
}

// planJumps bounds a stage's jumps, given the bounds of its sums.
func (m *Model) planJumps(s *Stage, p *Plan, sp *StagePlan, least, greatest []int64) (lo, hi []int64) {
	for o := range least {
		bottom, top := m.jumpOf(s.Jump, least[o]), m.jumpOf(s.Jump, greatest[o])
		lo, hi = append(lo, bottom), append(hi, top)
		if s.Jump == network.Step {
			one := int64(1) << m.TableBits
			out := max(1, m.limbs(max(greatest[o]-one, one-1-least[o])))
			sp.Out = append(sp.Out, out)
			p.Aux += 1 + int(out) // the step, the limbs of its distance from the sum
			p.Lookups += int(out)
			p.Constraints += 2
			continue
		}
		offset := int64(0)
		if whole := bottom >> m.ScaleBits; whole < 0 {
			offset = int64(1) << bits.Len64(uint64(-whole))
		}
		out := max(1, m.limbs(top>>m.ScaleBits+offset))
		sp.Offset, sp.Out = append(sp.Offset, offset), append(sp.Out, out)
		p.Aux += 1 + int(out) // the value and its upper limbs, the rest
		p.Lookups += int(out) + 2
		if m.ScaleBits < m.TableBits {
			p.Lookups++
		}
	}
	return lo, hi
}

// follow gives a jump's errors: none unless an argument within the error of this one has another value.
func (e *tracker) followJump(s *Stage, x []int64, bound, variance []float64, sums []int64) {
	value := func(x float64) float64 {
		if s.Jump == network.Floor {
			return math.Floor(x)
		}
		if x > 0 {
			return 1
		}
		return 0
	}
	terms := e.m.Terms(s)
	unit, half := math.Exp2(-float64(e.m.ScaleBits+e.m.TableBits)), e.m.half(s)
	for o, l := range sums {
		at, y := float64(l-half)*unit, math.Ldexp(float64(e.m.jumpOf(s.Jump, l)), -e.m.ScaleBits)
		reach := func(around float64) float64 { return max(math.Abs(value(at-around)-y), math.Abs(value(at+around)-y)) }
		const deviations = 6
		worst, likely := reach(bound[o]), reach(deviations*math.Sqrt(variance[o]))/deviations
		if worst+likely > 0 && at == 0 && s.Jump == network.Step {
			if _, ts := terms.At(o, false); len(ts) == 2 {
				byBound, byDeviation := e.isLargest(ts[0].Input, ts[1].Input, x)
				worst, likely = worst*(1-byBound), likely*(1-byDeviation)
			}
		}
		bound[o], variance[o] = worst, square(likely)
	}
}

// isLargest gives 1 if a is the maximum of a window in which b is so much larger than the others that errors change
// nothing: then the difference of a and b is zero for the float model, too. The first says so by bounds, the second by
// six standard deviations.
func (e *tracker) isLargest(a, b int, x []int64) (byBound, byDeviation float64) {
	start := e.m.InputSize()
	for i := range e.m.Stages {
		s := &e.m.Stages[i]
		if o := a - start; o >= 0 && o < s.Out().Size() && s.Pool != nil && !s.Relu {
			return e.leads(s, o, b, x)
		}
		start += s.Out().Size()
	}
	return 0, 0
}

func (e *tracker) leads(s *Stage, o, b int, x []int64) (byBound, byDeviation float64) {
	byBound, byDeviation = 1, 1
	found := false
	terms := e.m.Terms(s)
	for _, tap := range s.Window(o, nil) {
		bias, ts := terms.At(tap.Input, false)
		if len(ts) != 1 || ts[0].Weight != int64(1)<<e.m.TableBits || bias != e.m.half(s) {
			return 0, 0 // no plain element
		}
		other := ts[0].Input
		if other == b {
			found = true
			continue
		}
		lead := float64(x[b]-x[other]) * math.Exp2(-float64(e.m.ScaleBits))
		if lead <= e.bound[b]+e.bound[other] {
			byBound = 0
		}
		if lead <= 6*(math.Sqrt(e.variance[b])+math.Sqrt(e.variance[other])) {
			byDeviation = 0
		}
	}
	if !found {
		return 0, 0
	}
	return byBound, byDeviation
}
