package circuit

import "provemark/gnark/internal/network"

// jumps states the outputs of a stage that ends in a step or a floor.
func (s *stage) jumps(x []int) []int {
	out := make([]int, s.stage.Out().Size())
	terms := s.model.Terms(s.stage)
	for o := range out {
		bias, ts := terms.At(o, false)
		y := s.take(1)[0]
		if s.stage.Jump == network.Step {
			s.step(y, s.products(x, ts, nil), bias, s.take(int(s.plan.Out[o])))
		} else {
			s.floor(y, s.products(x, ts, nil), bias, o)
		}
		out[o] = y
	}
	return out
}

// step proves that y is 2^scale if the sum l is at least 2^bits, otherwise 0. y (y - 2^scale) = 0 shows that y is one
// of them. For t = y / 2^scale, (2 t - 1) (l - 2^bits) + t - 1 is l - 2^bits or 2^bits - 1 - l. Its limbs show that it
// is not negative.
func (s *stage) step(y int, l sum, bias int64, limbs []int) {
	bits, one := s.table.bits, int64(1)<<s.model.ScaleBits
	s.gates.multiply(s.wire(y), s.wire(y), sum{s.term(one, y)})
	distance := sum{s.term(one, 0), s.term(-1, y)} // times 2^scale, plus 1 - t
	for j, limb := range limbs {
		distance = append(distance, s.powerTerm(bits*j+s.model.ScaleBits, limb))
		s.table.lookUp(0, s.term(-1, limb))
	}
	above := append(sum{s.term(bias-int64(1)<<bits, 0)}, l...)
	s.gates.multiply(above, sum{s.term(-one, 0), s.term(2, y)}, distance)
}

// floor proves that y = q 2^scale with q = floor(l / 2^(bits + scale)). The range of q = y / 2^scale shows that it is
// an integer, and q 2^shift + 2^shift - 1 - l = low + 2^bits rest, with low in [0, 2^bits) and rest in [0, 2^scale),
// that it is that floor. As for functions, a rest in a smaller range than the table's takes two look-ups.
func (s *stage) floor(y int, l sum, bias int64, o int) {
	bits, scale := s.table.bits, s.model.ScaleBits
	q := s.fraction(-1, scale, y)
	s.negative = append(s.negative[:0], q)
	s.lookUpLimbs(-s.plan.Offset[o], s.take(int(s.plan.Out[o])-1))
	rest := s.take(1)[0]
	shift := bits + scale
	s.negative = append(append(s.negative[:0], l...), s.term(int64(-1)<<bits, y), s.term(int64(1)<<bits, rest))
	s.table.lookUp(bias-int64(1)<<shift+1, s.negative...)
	s.table.lookUp(0, s.term(-1, rest))
	if scale < bits {
		s.table.lookUp(0, s.term(int64(-1)<<(bits-scale), rest))
	}
}
