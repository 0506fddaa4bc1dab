package circuit

import (
	"math/big"

	"github.com/consensys/gnark/constraint"

	"provemark/gnark/internal/quant"
)

// pairs proves that pairs of an index and a value are entries of a function's table, with the argument of table for
// index + 2^bits * value. A number stands for only one pair if the index is known to be in [0, 2^bits) and the value
// is an integer in range.
type pairs struct {
	*table
	entries *quant.Table
	shift   int // the index stands below this bit, the value above
	least   int64
}

// indexBits leave room for every integer that the index of a table with ends can be, see lookUpPair.
const indexBits = 64

// newPairs makes a separate table under the same challenge; counts are those of the defined entries.
func newPairs(t *table, entries *quant.Table, counts []int) *pairs {
	p := &pairs{&table{builder: t.builder, gates: t.gates, bits: t.bits, challenge: t.challenge}, entries, t.bits, entries.Least()}
	if entries.Step != 0 || entries.Ends || entries.Wide {
		p.shift = indexBits
	}
	for i, v := range entries.Values {
		if v != quant.Undefined {
			entry := new(big.Int).Lsh(big.NewInt(v-p.least), uint(p.shift))
			entry.Add(entry, big.NewInt(int64(i)))
			p.balance = append(p.balance, t.term(-1, t.gates.quotient(counts[0], t.challengeMinusEntry(entry))))
			counts = counts[1:]
		}
	}
	return p
}

// lookUpPair proves that an index and a value are an entry, for a value known to be an integer in range. In a table
// with ends the index must be known to be an integer below 2^63, if the value is one: any other index that the pair
// would stand for differs by a multiple of 2^indexBits.
func (p *pairs) lookUpPair(index int, value sum) {
	power := new(big.Int).Lsh(big.NewInt(1), uint(p.shift))
	negative := []constraint.Term{p.term(-1, index)}
	for _, t := range value {
		negative = append(negative, p.times(t, new(big.Int).Neg(power)))
	}
	least := power.Mul(power, big.NewInt(p.least))
	if least.IsInt64() {
		p.lookUp(least.Int64(), negative...)
	} else {
		p.lookUp(0, append(negative, p.bigTerm(least, 0))...)
	}
}

// functions states the outputs of a stage that ends in a function.
func (s *stage) functions(x []int, p *pairs) []int {
	terms := s.model.Terms(s.stage)
	out := make([]int, s.stage.Out().Size())
	for o := range out {
		out[o] = s.function(x, terms, o, p)
	}
	return out
}

// function proves that y is the table's value at i, where Start + i = floor(l / 2^shift) for the sum l: (Start + i)
// 2^shift + 2^shift - 1 - l = low + 2^bits rest with low in [0, 2^bits) and rest in [0, 2^coarse). Both rest and rest
// times 2^(bits - coarse) are in the range table, so rest is an integer below 2^coarse. i needs no separate range
// check: since y is an integer in range and the pair is in the table, i is an integer far below the field size. So it
// is that floor, which bounds keep within the table.
func (s *stage) function(x []int, terms *quant.Terms, o int, p *pairs) int {
	bits, coarse := s.table.bits, s.stage.Coarse
	shift, least := bits+coarse, p.least
	i := s.take(1)[0]
	bias, ts := terms.At(o, false)
	s.negative = append(s.products(x, ts, s.negative[:0]), s.term(int64(-1)<<shift, i))
	constant := bias - p.entries.Start<<shift - int64(1)<<shift + 1
	left, right := s.beyond(i, shift, o, p)
	if coarse > 0 {
		rest := s.take(1)[0]
		s.table.lookUp(constant, append(s.negative, s.term(int64(1)<<bits, rest))...)
		s.table.lookUp(0, s.term(-1, rest))
		s.table.lookUp(0, s.term(int64(-1)<<(bits-coarse), rest))
	} else {
		s.table.lookUp(constant, s.negative...)
	}
	y := s.take(1)[0]
	value := append(append(sum{s.term(1, y)}, left...), right...) // in the table
	s.negative = s.negative[:0]
	for _, t := range value {
		s.negative = append(s.negative, s.negated(t))
	}
	s.lookUpLimbs(least, s.take(int(s.plan.Value)-1))
	p.lookUpPair(i, value)
	return y
}

// beyond states how far the sum is beyond the ends of the table, and returns what that takes from the value in the
// table: an index at the left end may have more to its left, one at the right end to its right. With last the index
// there, (right - left) i = last right says that left i + right (last - i), two non-negative integers, are both zero.
func (s *stage) beyond(i, shift, o int, p *pairs) (left, right sum) {
	if !p.entries.Ends {
		return nil, nil
	}
	var sides [2]sum
	for side, n := range s.plan.High[2*o : 2*o+2] {
		limbs := s.take(int(n))
		for j, limb := range limbs {
			s.table.lookUp(0, s.term(-1, limb))
			sides[side] = append(sides[side], s.powerTerm(s.table.bits*j, limb))
			t := s.powerTerm(shift+s.table.bits*j, limb)
			if side == 0 {
				s.negative = append(s.negative, t)
			} else {
				s.negative = append(s.negative, s.negated(t))
			}
		}
	}
	if sides[0] == nil && sides[1] == nil {
		return nil, nil
	}
	last := big.NewInt(int64(len(p.entries.Values) - 1))
	var between, product sum
	for side, terms := range sides {
		for _, t := range terms {
			if side == 0 {
				between = append(between, s.negated(t))
			} else {
				between, product = append(between, t), append(product, s.times(t, last))
			}
		}
	}
	s.gates.multiply(between, s.wire(i), product)
	down, up := s.model.Slopes(s.stage)
	for _, t := range sides[0] {
		if down != 0 {
			left = append(left, s.times(t, big.NewInt(down)))
		}
	}
	for _, t := range sides[1] {
		if up != 0 {
			right = append(right, s.times(t, big.NewInt(-up)))
		}
	}
	return left, right
}
