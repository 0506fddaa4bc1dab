package quant

import (
	"math"

	"provemark/gnark/internal/fault"
)

// Step is the distance between neighbouring input values, chosen so that the whole range and one value of slack for
// rounding fit in the table.
func (m *Model) Step() float64 {
	return (m.Hi - m.Lo) / float64(int64(1)<<m.TableBits-2)
}

// InputBounds are the smallest and the largest integer that the circuit admits as an input.
func (m *Model) InputBounds() (lo, hi int64) {
	lo = int64(math.Round(m.Lo / m.Step()))
	return lo, lo + int64(1)<<m.TableBits - 1
}

// QuantizeInput rounds every value to a multiple of Step. Values outside the range are refused.
func (m *Model) QuantizeInput(x []float64) ([]int64, error) {
	if len(x) != m.InputSize() {
		return nil, fault.New(fault.InputShape, "the input has the wrong number of values, expected %d (%v), given %d",
			m.InputSize(), m.InputDims, len(x))
	}
	q, step := make([]int64, len(x)), m.Step()
	for i, v := range x {
		if !(v >= m.Lo && v <= m.Hi) {
			return nil, fault.New(fault.InputOutOfRange,
				"input value %d is outside the range the circuit was compiled for, expected %v to %v, given %v", i, m.Lo, m.Hi, v)
		}
		q[i] = int64(math.Round(v / step))
	}
	return q, nil
}
