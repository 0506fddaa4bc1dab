package circuit

import (
	"math/big"

	"provemark/gnark/internal/quant"
)

// softmax states the values of a Softmax, row by row (see quant.SoftmaxRow). For a row x:
//
//   - the product of all top - x is zero, so top is one of them;
//   - for each x, Multiplier (top - x) + half = rest + 2^shift (index + zeros excess) with rest in [0, 2^shift) and
//     excess not negative, so no x is above top, and e excess = 0;
//   - (index, e) is in the table of exp, which ends in so many zeros, and e is in range. So index is an integer in the
//     table, see pairs. If e is not 0, neither is the true entry, as excess is 0; if it is, no smaller index has it;
//   - 2 sum reciprocal + remainder = 2^(bits + TableBits + 1) + sum with remainder in [0, 2 sum), and reciprocal an
//     integer in range;
//   - e reciprocal + half = rest + 2^TableBits y with rest and y in [0, 2^TableBits).
func (s *stage) softmax(x []int, p *pairs) []int {
	out := make([]int, 0, s.stage.Out().Size())
	first := 0
	for _, n := range s.stage.Softmax.Rows {
		out = append(out, s.softmaxRow(x, s.stage.Reads[first:first+n], s.plan.High[first:first+n], p)...)
		first += n
	}
	return out
}

func (s *stage) softmaxRow(x []int, reads []int64, excess []uint8, p *pairs) (out []int) {
	bits, coarse := s.table.bits, s.stage.Coarse
	shift, zeros := bits+coarse, big.NewInt(p.entries.Zeros())
	top := s.take(1)[0]
	differences := make([]sum, len(reads))
	for i, e := range reads {
		differences[i] = sum{s.term(1, top), s.term(-1, x[e])}
	}
	s.zeroProduct(differences)
	e := make([]int, len(reads))
	var negativeSum sum // of e
	for i, at := range reads {
		s.negative = append(s.negative[:0], s.term(-s.stage.Multiplier, top), s.term(s.stage.Multiplier, x[at]))
		if coarse > 0 {
			rest := s.take(1)[0]
			s.negative = append(s.negative, s.term(int64(1)<<bits, rest))
			s.table.lookUp(0, s.term(-1, rest))
			s.table.lookUp(0, s.term(int64(-1)<<(bits-coarse), rest))
		}
		index := s.take(1)[0]
		limbs := s.take(int(excess[i]))
		s.negative = append(s.negative, s.powerTerm(shift, index))
		for j, limb := range limbs {
			s.negative = append(s.negative, s.times(s.powerTerm(shift+bits*j, limb), zeros))
		}
		s.table.lookUp(-(int64(1) << (shift - 1)), s.negative...)
		for _, limb := range limbs {
			s.table.lookUp(0, s.term(-1, limb))
		}
		e[i] = s.take(1)[0]
		if len(limbs) > 0 {
			s.gates.multiply(s.shifted(limbs, 0), s.wire(e[i]), nil)
		}
		s.table.lookUp(0, s.term(-1, e[i]))
		p.lookUpPair(index, s.wire(e[i]))
		negativeSum = append(negativeSum, s.term(-1, e[i]))
	}
	reciprocal := s.take(1)[0]
	s.negative = append(s.negative[:0], s.term(-1, reciprocal))
	s.lookUpLimbs(0, s.take(1))
	limbs := s.model.SumLimbs(len(reads))
	remainder := s.take(limbs)
	for _, limb := range remainder {
		s.table.lookUp(0, s.term(-1, limb))
	}
	twice := sum{} // minus twice the sum
	for _, t := range negativeSum {
		twice = append(twice, s.term(-2, int(t.VID)))
	}
	s.negative = append(append(s.negative[:0], twice...), s.shifted(remainder, 0)...)
	s.lookUpLimbs(1, s.take(limbs-1))
	dividend := append(sum{s.powerTerm(bits+p.entries.Bits+1, 0)}, s.shifted(remainder, 0)...)
	for i := range remainder {
		dividend[1+i] = s.negated(dividend[1+i])
	}
	var left sum
	for _, t := range negativeSum {
		dividend, left = append(dividend, s.term(1, int(t.VID))), append(left, s.term(2, int(t.VID)))
	}
	s.gates.multiply(left, s.wire(reciprocal), dividend)
	for _, v := range e {
		scaled := s.take(1)[0]
		s.gates.multiply(s.wire(v), s.wire(reciprocal), s.wire(scaled))
		y := s.take(1)[0]
		s.table.lookUp(-(int64(1) << (bits - 1)), s.term(-1, scaled), s.term(int64(1)<<bits, y))
		s.table.lookUp(0, s.term(-1, y))
		out = append(out, y)
	}
	return out
}

// zeroProduct states that one of the factors is zero.
func (s *stage) zeroProduct(factors []sum) {
	product := factors[0]
	for i, f := range factors[1:] {
		if i == len(factors)-2 {
			s.gates.multiply(product, f, nil)
		} else {
			product = s.gates.product(product, f)
		}
	}
	if len(factors) == 1 {
		s.gates.equal(product, nil)
	}
}

func (w *assigner) softmax(m *quant.Model, s *quant.Stage, p *quant.StagePlan, x []int64) {
	mask := int64(1)<<(w.bits+s.Coarse) - 1
	m.SoftmaxRows(s, x, func(first int, r *quant.SoftmaxRow) {
		w.Aux = append(w.Aux, r.Top)
		for i, e := range r.E {
			rest := r.Whole[i] & mask
			w.limbs(rest&w.mask, 1, true)
			if s.Coarse > 0 {
				w.limbs(rest>>w.bits, 1, false)
				w.limbs(rest>>w.bits<<(w.bits-s.Coarse), 1, true)
			}
			w.Aux = append(w.Aux, r.Index[i])
			w.limbs(r.Excess[i], int(p.High[first+i]), false)
			w.Uses[s.Table][r.Index[i]]++
			w.Aux = append(w.Aux, e)
			w.limbs(e, 1, true)
		}
		w.Aux = append(w.Aux, r.Reciprocal)
		w.limbs(r.Reciprocal, 2, true)
		limbs := m.SumLimbs(len(r.E))
		w.limbs(r.Remainder, limbs, false)
		w.limbs(2*r.Sum-1-r.Remainder, limbs, true)
		for i, y := range r.Y {
			w.Aux = append(w.Aux, r.Scaled[i], y)
			half := int64(1) << (w.bits - 1)
			w.limbs((r.Scaled[i]+half)&w.mask, 1, true)
			w.limbs(y, 1, true)
		}
	})
}
