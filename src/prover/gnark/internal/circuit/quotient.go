package circuit

import "provemark/gnark/internal/quant"

// quotients states rounded quotients (see quant.Quotient): 2 divisor quotient + remainder = 2^(ScaleBits+1) dividend +
// divisor, with the quotient an integer in range and the remainder one from 0 to below twice the divisor. So the
// divisor is not zero, and there is one quotient.
func (s *stage) quotients(x []int) []int {
	out := make([]int, s.stage.Out().Size())
	reads := s.stage.Reads
	at := func(i int) (v sum) {
		if e := reads[i]; e >= 0 {
			v = s.wire(x[e])
		}
		return v
	}
	for i := range out {
		plan := &s.plan.Quotients[i]
		a, b := at(i), at(len(out)+i)
		var dividend, divisor sum
		switch {
		case plan.Sign != 0:
			for _, t := range a {
				dividend = append(dividend, s.term(plan.Sign, int(t.VID)))
			}
			for _, t := range b {
				divisor = append(divisor, s.term(plan.Sign, int(t.VID)))
			}
		case len(a) > 0 && len(b) > 0:
			dividend = s.gates.product(a, b)
			fallthrough
		default: // the divisor is in look-ups, so it is a committed value
			divisor = s.wire(s.take(1)[0])
			s.gates.multiply(b, b, divisor)
		}
		y := s.take(1)[0]
		s.negative = append(s.negative[:0], s.term(-1, y))
		s.lookUpLimbs(-s.plan.Offset[i], s.take(int(s.plan.Out[i])-1))
		remainder := s.takeLimbs(plan.Limbs)
		var left, right sum
		s.negative = s.negative[:0]
		for _, t := range divisor {
			sign := int64(1)
			if plan.Sign < 0 {
				sign = -1
			}
			s.negative = append(s.negative, s.term(-2*sign, int(t.VID)))
			left, right = append(left, s.term(2*sign, int(t.VID))), append(right, t)
		}
		s.negative = append(s.negative, remainder...)
		s.lookUpLimbs(1, s.take(plan.Limbs-1))
		for _, t := range dividend {
			sign := int64(1)
			if plan.Sign < 0 {
				sign = -1
			}
			right = append(right, s.term(sign<<(s.model.ScaleBits+1), int(t.VID)))
		}
		for _, t := range remainder {
			right = append(right, s.negated(t))
		}
		s.gates.multiply(left, s.wire(y), right)
		out[i] = y
	}
	return out
}

func (w *assigner) quotients(m *quant.Model, s *quant.Stage, p *quant.StagePlan, x []int64) {
	for i := range p.Quotients {
		a, b := s.Operands(x, i)
		plan := &p.Quotients[i]
		divisor, quotient, remainder, ok := m.Quotient(a, b, plan.Sign)
		if !ok {
			w.bad++
		}
		if plan.Sign == 0 {
			w.Aux = append(w.Aux, divisor)
		}
		w.Aux = append(w.Aux, quotient)
		w.limbs(quotient+p.Offset[i], int(p.Out[i]), true)
		w.limbs(remainder, plan.Limbs, false)
		w.limbs(2*divisor-1-remainder, plan.Limbs, true)
	}
}
