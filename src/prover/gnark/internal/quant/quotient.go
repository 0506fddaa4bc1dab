package quant

import (
	"fmt"
	"math"

	"provemark/gnark/internal/fault"
)

// A quotient of x and y is round(2^ScaleBits x / y): with dividend and divisor x and y, or both negated if y is always
// negative, or x y and y^2 if y may be either, 2^(ScaleBits+1) dividend + divisor = 2 divisor quotient + remainder, and
// the remainder is from 0 to below twice the divisor.

// QuotientPlan is the sign of all divisors, 0 where it is not known, and the limbs of twice the divisor.
type QuotientPlan struct {
	Sign  int64
	Limbs int
}

// Quotient is the dividend and the divisor, the quotient, and the remainder; ok is false for a division by zero.
func (m *Model) Quotient(x, y, sign int64) (divisor, quotient, remainder int64, ok bool) {
	dividend := x * sign
	divisor = y * sign
	if sign == 0 {
		dividend, divisor = x*y, y*y
	}
	if divisor <= 0 {
		return divisor, 0, 0, false
	}
	total := dividend<<(m.ScaleBits+1) + divisor
	remainder = ((total % (2 * divisor)) + 2*divisor) % (2 * divisor)
	return divisor, (total - remainder) / (2 * divisor), remainder, true
}

// Operands are the values x and y of output i of a stage that reads two lists.
func (s *Stage) Operands(x []int64, i int) (a, b int64) {
	return value(x, s.Reads[i]), value(x, s.Reads[len(s.Reads)/2+i])
}

func (m *Model) quotients(s *Stage, x []int64, t *Trace) []int64 {
	out := make([]int64, s.Out().Size())
	for i := range out {
		a, b := s.Operands(x, i)
		var ok bool
		sign := int64(1) // gives the same as any other that the circuit may take
		if b < 0 {
			sign = -1
		}
		if _, out[i], _, ok = m.Quotient(a, b, sign); !ok {
			t.Undefined = s.Name
		}
	}
	return out
}

// planQuotients bounds them and counts their constraints.
func (m *Model) planQuotients(s *Stage, p *Plan, lo, hi []int64) (nlo, nhi []int64, err error) {
	sp, n := StagePlan{}, s.Out().Size()
	for i := range n {
		x0, y0 := s.Operands(lo, i)
		x1, y1 := s.Operands(hi, i)
		q := QuotientPlan{Sign: 0}
		nearest, far := int64(1), max(-y0, y1) // of the divisor to zero
		if y0 > 0 {
			q.Sign, nearest = 1, y0
		} else if y1 < 0 {
			q.Sign, nearest = -1, -y1
		}
		reach := float64(max(-x0, x1))
		dividend, divisor := reach, float64(far)
		if q.Sign == 0 {
			dividend, divisor = dividend*divisor, divisor*divisor
		}
		if math.Ldexp(dividend, m.ScaleBits+1)+4*divisor > maxSum {
			return nil, nil, fault.New(fault.BoundOverflow, "node %q can reach dividends above 2^61 at this scale, expected smaller values or fewer scale bits, given %d", s.Name, m.ScaleBits)
		}
		twice := 2 * far
		if q.Sign == 0 {
			twice *= far
		}
		q.Limbs = max(1, int(m.limbs(twice)))
		most := max(-x0, x1, 0)<<m.ScaleBits/nearest + 1
		bottom, top := -most, most
		if q.Sign != 0 && x0 >= 0 { // the quotient has the sign of the divisor
			bottom, top = min(q.Sign*most, 0), max(q.Sign*most, 0)
		}
		bottom, top, offset, out := m.rangeOf(bottom, top)
		nlo, nhi = append(nlo, bottom), append(nhi, top)
		sp.Offset, sp.Out, sp.Quotients = append(sp.Offset, offset), append(sp.Out, out), append(sp.Quotients, q)
		p.Aux += int(out) + 2*q.Limbs - 1
		p.Lookups += int(out) + 2*q.Limbs
		p.Constraints++
		if q.Sign == 0 {
			p.Aux++
			p.Constraints += 2 // the square, the product
		}
	}
	p.Stages = append(p.Stages, sp)
	return nlo, nhi, nil
}

// quotientErrors propagates the errors of both operands.
func (e *tracker) quotientErrors(s *Stage, x []int64, bound, variance []float64) {
	step, n := math.Exp2(-float64(e.m.ScaleBits)), s.Out().Size()
	of := func(list []float64, element int64) float64 {
		if element < 0 {
			return 0
		}
		return list[element]
	}
	for i := range n {
		ea, eb := s.Reads[i], s.Reads[n+i]
		a, b := s.Operands(x, i)
		if b == 0 {
			bound[i] = math.Inf(1)
			continue
		}
		quotient, divisor := float64(a)/float64(b), step*math.Abs(float64(b))
		bound[i] = math.Inf(1)
		if off := of(e.bound, eb); off < divisor {
			bound[i] = (of(e.bound, ea)+math.Abs(quotient)*off)/(divisor-off) + step/2
		}
		deviation := math.Sqrt(of(e.variance, ea)) + math.Abs(quotient)*math.Sqrt(of(e.variance, eb))
		variance[i] = square(deviation/divisor) + square(step)/12
	}
}

// checkQuotient refuses a file whose operands do not fit their stage.
func (m *Model) checkQuotient(s *Stage) error {
	if len(s.Reads) != 2*s.Out().Size() || s.Raw || s.Pool != nil || s.Relu || s.Product || s.Function != nil || s.Matrices != nil || s.Softmax != nil || s.Norm != nil || s.OneHot != 0 {
		return fmt.Errorf("stage %q divides nothing", s.Name)
	}
	return nil
}
