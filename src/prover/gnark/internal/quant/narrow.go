package quant

import (
	"math"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/network"
)

// Worst-case bounds grow from layer to layer, those of a deep network beyond maxSum, although its values stay small. The
// circuit of such a model asserts that values have at most Limbs limbs. Each output has a range check anyway, so a
// narrower range only takes fewer look-ups. What a proof says is as true as before; an input that leads outside of the
// range has no witness.

// leastReach is how large values of either sign may be in any range that is asserted, as a power of two.
const leastReach = 10

// reachBits is that for a number of limbs.
func reachBits(scaleBits, tableBits, limbs int) int { return tableBits*limbs - 1 - scaleBits }

// mostLimbs is how many limbs a value can have at most: to be read, it is brought to the scale of sums.
func mostLimbs(tableBits int) int { return (61 - tableBits) / tableBits }

// AssertedRange is the range of values of either sign, and the end of the range from 0 of those that are never
// negative. It is not ok if the bounds of the model need no such range.
func (m *Model) AssertedRange() (lo, hi, positive float64, ok bool) {
	hi = math.Exp2(float64(reachBits(m.ScaleBits, m.TableBits, m.Limbs)))
	return -hi, hi, 2 * hi, m.Limbs > 0
}

// rangeOf gives the offset and the limbs of a value with these bounds, and the bounds that its range check leaves: they
// are narrower if it would take more limbs than the model allows.
func (m *Model) rangeOf(lo, hi int64) (least, greatest, offset int64, limbs uint8) {
	offset, limbs = m.offsetAndLimbs(lo, hi)
	if m.Limbs == 0 || int(limbs) <= m.Limbs {
		return lo, hi, offset, limbs
	}
	room := int64(1) << (m.TableBits * m.Limbs)
	from, _ := m.offsetAndLimbs(max(lo, 1-room/2), 0)
	if least, greatest = max(lo, -from), min(hi, room-1-from); least > greatest { // every input leads outside
		return lo, hi, offset, limbs
	}
	return least, greatest, from, uint8(m.Limbs)
}

// limit is how far a value may be beyond an end of a function's table.
func (m *Model) limit(beyond int64) int64 {
	if m.Limbs == 0 || int(m.limbs(beyond)) <= m.Limbs {
		return beyond
	}
	return int64(1)<<(m.TableBits*m.Limbs) - 1
}

// outside refuses the first of a stage's values that is not in the range that the circuit asserts: what followed from
// it would mean nothing.
func (m *Model) outside(s *Stage, p *StagePlan, values []int64) error {
	if m.Limbs == 0 || s.Jump != network.NoJump {
		return nil
	}
	for i, offset := range p.Offset {
		if room := int64(1) << (m.TableBits * int(p.Out[i])); values[i] < -offset || values[i] >= room-offset {
			return m.outOfRange(s, i, values[i], -offset, room-1-offset)
		}
	}
	return nil
}

// beyondLimit refuses an argument of a function that is farther beyond its table than the circuit asserts.
func (m *Model) beyondLimit(s *Stage, p *StagePlan, o int, sum, left, right int64) error {
	if m.Limbs == 0 || int(m.limbs(left)) <= int(p.High[2*o]) && int(m.limbs(right)) <= int(p.High[2*o+1]) {
		return nil
	}
	t, end := &m.Tables[s.Table], int64(1)<<(m.TableBits*m.Limbs)-1
	first, last := t.Start-end, t.Start+int64(len(t.Values))-1+end
	return m.outOfRange(s, o, sum>>m.TableBits, first<<s.Coarse, last<<s.Coarse)
}

// outOfRange is the refusal of a value.
func (m *Model) outOfRange(s *Stage, i int, value, lo, hi int64) error {
	float := func(v int64) float64 { return math.Ldexp(float64(v), -m.ScaleBits) }
	return fault.New(fault.ValueOutOfRange,
		"value %d of node %q is outside the range that the circuit asserts, expected %v to %v, given %v; fewer scale bits than %d leave room for larger values",
		i, s.Name, float(lo), float(hi), float(value), m.ScaleBits)
}
