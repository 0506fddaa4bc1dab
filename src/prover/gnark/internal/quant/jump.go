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
func (e *tracker) followJump(s *Stage, bound, variance []float64, sums []int64) {
	value := func(x float64) float64 {
		if s.Jump == network.Floor {
			return math.Floor(x)
		}
		if x > 0 {
			return 1
		}
		return 0
	}
	unit, half := math.Exp2(-float64(e.m.ScaleBits+e.m.TableBits)), e.m.half(s)
	for o, l := range sums {
		x, y := float64(l-half)*unit, math.Ldexp(float64(e.m.jumpOf(s.Jump, l)), -e.m.ScaleBits)
		reach := func(around float64) float64 { return max(math.Abs(value(x-around)-y), math.Abs(value(x+around)-y)) }
		const deviations = 6
		bound[o], variance[o] = reach(bound[o]), square(reach(deviations*math.Sqrt(variance[o]))/deviations)
	}
}
