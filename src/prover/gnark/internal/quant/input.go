package quant

import (
	"math"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/network"
)

// Step is the distance between neighbouring input values, chosen so that the whole range and one value of slack for
// rounding fit in the table.
func (m *Model) Step() float64 {
	step := (m.Hi - m.Lo) / float64(int64(1)<<m.TableBits-2)
	if m.Even {
		return math.Exp2(math.Ceil(math.Log2(step)))
	}
	return step
}

// inputStep is the step of an input value: integers and booleans are what they are.
func (m *Model) inputStep(element int64) float64 {
	if m.inputKind(element) != network.Float {
		return 1
	}
	return m.Step()
}

// InputBounds are the smallest and the largest integer that the circuit admits as an input of floats.
func (m *Model) InputBounds() (lo, hi int64) {
	lo = int64(math.Round(m.Lo / m.Step()))
	return lo, lo + int64(1)<<m.TableBits - 1
}

// EachInput calls f with the bounds of each input value, and whether they are narrower than the table, so that a value
// must be shown to respect both.
func (m *Model) EachInput(f func(i int, lo, hi int64, narrow bool)) {
	for i := range m.InputSize() {
		lo, hi := m.inputLimits(m.inputOf(int64(i)))
		f(i, lo, hi, hi-lo < int64(1)<<m.TableBits-1)
	}
}

func (m *Model) inputLimits(in network.Input) (lo, hi int64) {
	if in.Below > 0 {
		return 0, int64(in.Below - 1)
	}
	switch in.Kind {
	case network.Boolean:
		return 0, 1
	case network.Integer:
		return int64(math.Ceil(m.Lo)), int64(math.Floor(m.Hi))
	}
	return m.InputBounds()
}

// checkInputs refuses ranges whose integers do not fit.
func (m *Model) checkInputs() error {
	for _, in := range m.Inputs {
		if lo, hi := m.inputLimits(in); hi < lo || hi-lo >= int64(1)<<m.TableBits {
			return fault.New(fault.BoundOverflow, "input %q has integers, expected a range that holds 1 to %d of them, given %v to %v",
				in.Name, int64(1)<<m.TableBits, m.Lo, m.Hi)
		}
	}
	return nil
}

// QuantizeInput rounds every value to a multiple of Step. Values outside the range are refused.
func (m *Model) QuantizeInput(x []float64) ([]int64, error) {
	if len(x) != m.InputSize() {
		return nil, fault.New(fault.InputShape, "the input has the wrong number of values, expected %d (%v), given %d",
			m.InputSize(), m.InputDims, len(x))
	}
	q, step := make([]int64, len(x)), m.Step()
	for i, v := range x {
		lo, hi, kind := m.Lo, m.Hi, m.inputKind(int64(i))
		if kind != network.Float {
			l, h := m.inputLimits(m.inputOf(int64(i)))
			lo, hi = float64(l), float64(h)
		}
		if !(v >= lo && v <= hi) {
			return nil, fault.New(fault.InputOutOfRange,
				"input value %d is outside the range the circuit was compiled for, expected %v to %v, given %v", i, lo, hi, v)
		}
		if kind != network.Float {
			if v != math.Trunc(v) {
				return nil, fault.New(fault.InputOutOfRange, "input value %d is of an input of integers, expected a whole number, given %v", i, v)
			}
			q[i] = int64(v)
			continue
		}
		q[i] = int64(math.Round(v / step))
	}
	return q, nil
}
