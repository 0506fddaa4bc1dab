package quant

import (
	"math"
	"math/bits"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/network"
)

// Plan says how many limbs of the range table every value needs, by interval analysis: wide enough
// for every input that the circuit admits.
type Plan struct {
	Stages      []StagePlan
	Aux         int // values of the witness in addition to input, output and table counts
	Lookups     int
	Constraints int // all that depend on the model, except those of very large pool windows
}

// StagePlan has one entry per output window, and High one per element of each window, in order.
type StagePlan struct {
	Offset    []int64 // added to outputs that may be negative before they are range-checked
	Out       []uint8 // limbs of the (offset) output
	High      []uint8 // limbs of output - floor(element / 2^TableBits)
	Value     uint8   // limbs of a function's value minus the least in its table
	Rows      []NormPlan
	Quotients []QuotientPlan
}

// maxSum keeps every integer of the inference, and sums of two of them, inside int64.
const maxSum = 1 << 61

// Plan bounds the model.
func (m *Model) Plan() (*Plan, error) {
	p := &Plan{}
	m.EachInput(func(_ int, _, _ int64, narrow bool) {
		if p.Lookups++; narrow {
			p.Lookups++
		}
	})
	lo, hi := m.inputBounds()
	for i := range m.Stages {
		nlo, nhi, err := m.planStage(&m.Stages[i], p, lo, hi)
		if err != nil {
			return nil, err
		}
		lo, hi = append(lo, nlo...), append(hi, nhi...)
	}
	for i := range m.Tables {
		p.Constraints += m.Tables[i].Entries() + 1
	}
	p.Constraints += m.OutputSize() // one equality each
	p.Constraints += p.Lookups + 1<<m.TableBits
	return p, nil
}

// inputBounds are the bounds of every input value.
func (m *Model) inputBounds() (lo, hi []int64) {
	lo, hi = make([]int64, m.InputSize()), make([]int64, m.InputSize())
	m.EachInput(func(i int, least, greatest int64, _ bool) { lo[i], hi[i] = least, greatest })
	return lo, hi
}

// planStage bounds one stage's outputs, given the bounds of all elements before it.
func (m *Model) planStage(s *Stage, p *Plan, lo, hi []int64) (nlo, nhi []int64, err error) {
	if s.Matrices != nil {
		return m.planMatrices(s, p, lo, hi)
	}
	if s.Quotient {
		return m.planQuotients(s, p, lo, hi)
	}
	if s.OneHot > 0 {
		return m.planOneHot(s, p)
	}
	if s.Norm != nil {
		return m.planNorm(s, p, lo, hi)
	}
	if s.Softmax != nil {
		return m.planSoftmax(s, p, lo, hi)
	}
	if s.Product {
		if lo, hi, err = m.productBounds(s, lo, hi); err != nil {
			return nil, nil, err
		}
		p.Aux += len(lo)
		p.Constraints += len(lo)
	}
	least, greatest, err := m.sumBounds(s, lo, hi)
	if err != nil {
		return nil, nil, err
	}
	p.Stages = append(p.Stages, StagePlan{})
	if s.Raw {
		return least, greatest, nil
	}
	sp := &p.Stages[len(p.Stages)-1]
	if s.Function != nil {
		return m.planFunction(s, p, sp, least, greatest)
	}
	if s.Jump != network.NoJump {
		nlo, nhi = m.planJumps(s, p, sp, least, greatest)
		return nlo, nhi, nil
	}
	var window []network.Tap
	for o := range s.Out().Size() {
		window = s.Window(o, window[:0])
		top, bottom := int64(math.MinInt64), int64(math.MinInt64)
		for _, e := range window {
			top, bottom = max(top, greatest[e.Input]), max(bottom, least[e.Input])
		}
		if s.Relu {
			top, bottom = max(top, 0), max(bottom, 0)
		}
		bottom, top = m.planWindow(s, p, sp, window, least, bottom>>m.TableBits, top>>m.TableBits)
		nlo, nhi = append(nlo, bottom), append(nhi, top)
	}
	return nlo, nhi, nil
}

// planWindow sizes the values of a window whose output is in [lo, hi], with each element at or above its minimum. It
// returns the bounds that the circuit leaves the output.
func (m *Model) planWindow(s *Stage, p *Plan, sp *StagePlan, window []network.Tap, least []int64, lo, hi int64) (bottom, top int64) {
	lo, hi, offset, out := m.rangeOf(lo, hi)
	sp.Offset, sp.Out = append(sp.Offset, offset), append(sp.Out, out)
	limbs := int(out)
	for _, e := range window {
		high := m.limbs(hi - least[e.Input]>>m.TableBits)
		if len(window) == 1 && !s.Relu {
			high = 0 // the element is the maximum: only the remainder is needed
		}
		sp.High = append(sp.High, high)
		limbs += int(high)
	}
	p.Aux += limbs
	p.Lookups += limbs + len(window)
	p.Constraints += products(s.Relu, sp.High[len(sp.High)-len(window):])
	return lo, hi
}

// offsetAndLimbs are what makes values in a range non-negative, and how many limbs that takes.
func (m *Model) offsetAndLimbs(lo, hi int64) (offset int64, limbs uint8) {
	if lo < 0 {
		offset = int64(1) << bits.Len64(uint64(-lo))
	}
	return offset, max(1, m.limbs(hi+offset))
}

// products is the number of multiplications that show one factor of a window to be zero.
func products(relu bool, high []uint8) int {
	n := len(high) - 1
	if relu {
		n++
	}
	for _, h := range high {
		if h == 0 {
			return 0 // this element is in the table's reach: it is the maximum
		}
	}
	return n
}

// limbs is how many limbs hold any integer from 0 to v.
func (m *Model) limbs(v int64) uint8 {
	return uint8((bits.Len64(uint64(v)) + m.TableBits - 1) / m.TableBits)
}

// sumBounds bounds the linear sums of a stage.
func (m *Model) sumBounds(s *Stage, lo, hi []int64) (least, greatest []int64, err error) {
	size := s.Geometry.Out.Size()
	least, greatest = make([]int64, size), make([]int64, size)
	terms, norms := m.Terms(s), m.normStages()
	for o := range size {
		bias, ts := terms.At(o, false)
		a, b, reach := bias, bias, math.Abs(float64(bias))
		for _, t := range ts {
			reach += math.Abs(float64(t.Weight)) * float64(max(-lo[t.Input], hi[t.Input]))
			if reach > maxSum {
				return nil, nil, fault.New(fault.BoundOverflow,
					"node %q can reach sums above 2^61 at this scale, expected smaller weights or fewer scale bits, given %d",
					s.Name, m.ScaleBits)
			}
			if t.Weight > 0 {
				a, b = a+t.Weight*lo[t.Input], b+t.Weight*hi[t.Input]
			} else {
				a, b = a+t.Weight*hi[t.Input], b+t.Weight*lo[t.Input]
			}
		}
		if row := norms.rowOf(ts); row != nil {
			// both bounds hold
			from, to := row.sumBounds(m, bias, ts)
			a, b = max(a, from), min(b, to)
		}
		least[o], greatest[o] = a, b
	}
	return least, greatest, nil
}
