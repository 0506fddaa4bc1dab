package circuit

import (
	"math/big"
	"slices"

	"provemark/gnark/internal/quant"
)

// norm states normalised values, row by row (see quant.NormRow). For a row x of d values, without the first of these
// and with a mean of 0 if it is not centred:
//
//   - 2^meanBits sum of x + floor(d/2) = d mean + rest with rest in [0, d), and mean an integer in range;
//   - root^2 square + below = target and (2 root + 1) square = below + above + 1, with root, below and above integers
//     from 0, so root is the largest integer whose square times square is at most target;
//   - weight c root + bias + half = rest + 2^(2 TableBits) y with rest in range, and y an integer in range.
//
// Squares need no commitment: they are in no look-up. c root does.
func (s *stage) norm(x []int) []int {
	out := make([]int, 0, s.stage.Out().Size())
	n := s.stage.Norm.Size
	reads := make([]int, n) // -1 for zeros
	for row, first := 0, 0; first < s.stage.Out().Size(); row, first = row+1, first+n {
		for i := range reads {
			reads[i] = -1
			if e := s.read(first + i); e >= 0 {
				reads[i] = x[e]
			}
		}
		out = append(out, s.normRow(reads, first, &s.plan.Rows[row])...)
	}
	return out
}

func (s *stage) read(i int) int64 {
	if s.stage.Reads == nil {
		return int64(s.stage.Start + i)
	}
	return s.stage.Reads[i]
}

func (s *stage) normRow(x []int, first int, plan *quant.NormPlan) (out []int) {
	bits := s.table.bits
	centred := s.centred(x, plan)
	var square sum
	for _, c := range centred {
		square = append(square, s.gates.product(c, c)...)
	}
	square = append(square, s.term(s.model.NormEpsilon(s.stage), 0))
	root := s.take(1)[0]
	s.negative = append(s.negative[:0], s.term(-1, root))
	s.lookUpLimbs(0, s.take(plan.Root-1))
	below, above := s.takeLimbs(plan.Below), s.takeLimbs(plan.Above)
	rest := sum{s.bigTerm(s.model.NormTarget(s.stage), 0)}
	for _, t := range below {
		rest = append(rest, s.negated(t))
	}
	s.gates.multiply(square, s.gates.product(s.wire(root), s.wire(root)), rest)
	next := append(append(sum{s.term(1, 0)}, below...), above...)
	s.gates.multiply(square, sum{s.term(2, root), s.term(1, 0)}, next)
	half := int64(1) << (2*bits - 1)
	for i, c := range centred {
		scaled := s.take(1)[0]
		s.gates.multiply(c, s.wire(root), s.wire(scaled))
		upper := s.take(1)
		y := s.take(1)[0]
		s.negative = append(s.negative[:0], s.term(-s.stage.Weights[first+i], scaled), s.powerTerm(2*bits, y))
		s.lookUpLimbs(-s.stage.Bias[first+i]-half, upper)
		s.negative = append(s.negative[:0], s.term(-1, y))
		s.lookUpLimbs(-s.plan.Offset[first+i], s.take(int(s.plan.Out[first+i])-1))
		out = append(out, y)
	}
	return out
}

// centred are the values of a row minus its mean.
func (s *stage) centred(x []int, plan *quant.NormPlan) []sum {
	var mean sum
	if !s.stage.Norm.Uncentred {
		mean = sum{s.term(-1, s.mean(x, plan))}
	}
	centred := make([]sum, len(x))
	for i, v := range x {
		centred[i] = slices.Clone(mean)
		if v >= 0 {
			centred[i] = append(centred[i], s.term(int64(1)<<s.model.NormMeanBits(), v))
		} else if mean == nil {
			centred[i] = sum{s.term(0, 0)}
		}
	}
	return centred
}

// mean proves the mean of a row.
func (s *stage) mean(x []int, plan *quant.NormPlan) int {
	d, scale := int64(len(x)), int64(1)<<s.model.NormMeanBits()
	mean := s.take(1)[0]
	s.negative = append(s.negative[:0], s.term(-1, mean))
	s.lookUpLimbs(-plan.Offset, s.take(plan.Mean-1))
	for _, sign := range []int64{1, -1} { // rest, then d - 1 - rest
		s.negative = append(s.negative[:0], s.term(sign*d, mean))
		for _, v := range x {
			if v >= 0 {
				s.negative = append(s.negative, s.term(-sign*scale, v))
			}
		}
		constant := -(d / 2)
		if sign < 0 {
			constant = d/2 - (d - 1)
		}
		s.lookUpLimbs(constant, s.take(plan.Rest-1))
	}
	return mean
}

// takeLimbs proves the range of n limbs, and returns their sum.
func (s *stage) takeLimbs(n int) (v sum) {
	limbs := s.take(n)
	for _, limb := range limbs {
		s.table.lookUp(0, s.term(-1, limb))
	}
	return append(v, s.shifted(limbs, 0)...)
}

func (w *assigner) norm(m *quant.Model, s *quant.Stage, p *quant.StagePlan, x []int64) {
	n := int64(s.Norm.Size)
	m.NormRows(s, x, func(first int, r *quant.NormRow) {
		plan := &p.Rows[int64(first)/n]
		if !s.Norm.Uncentred {
			w.Aux = append(w.Aux, r.Mean)
			w.limbs(r.Mean+plan.Offset, plan.Mean, true)
			w.limbs(r.Rest, plan.Rest, true)
			w.limbs(n-1-r.Rest, plan.Rest, true)
		}
		w.Aux = append(w.Aux, r.Root)
		w.limbs(r.Root, plan.Root, true)
		w.bigLimbs(r.Below, plan.Below)
		w.bigLimbs(r.Above, plan.Above)
		for i, y := range r.Y {
			w.Aux = append(w.Aux, r.Scaled[i])
			w.limbs(r.Sums[i]&(int64(1)<<(2*w.bits)-1), 2, true)
			w.Aux = append(w.Aux, y)
			w.limbs(y+p.Offset[first+i], int(p.Out[first+i]), true)
		}
	})
}

// bigLimbs is limbs for a number of any size, all of whose limbs are stored.
func (w *assigner) bigLimbs(v *big.Int, n int) {
	rest, mask := new(big.Int).Set(v), big.NewInt(w.mask)
	for range n {
		w.limbs(new(big.Int).And(rest, mask).Int64(), 1, false)
		rest.Rsh(rest, uint(w.bits))
	}
	if rest.Sign() != 0 {
		w.bad++
	}
}
