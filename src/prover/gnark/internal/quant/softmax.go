package quant

import (
	"fmt"
	"math"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/network"
)

// Softmax of a row x with the maximum top: v = Multiplier (top - x) + half, index + zeros excess = v >> (TableBits +
// Coarse), where index is in a table of exp that ends in a number of zeros; e is that entry, and excess is 0 unless e is.
// Then reciprocal = 2^(TableBits + bits) /
// sum of e, rounded, and y = e reciprocal / 2^TableBits, rounded, at scale 2^bits, where bits = TableBits - 1: a value
// up to 1 is one look-up.

// SoftmaxRow is what one row goes through.
type SoftmaxRow struct {
	Top, Sum, Reciprocal, Remainder    int64
	Whole, Index, Excess, E, Scaled, Y []int64 // Whole is v, Scaled is e reciprocal
}

// softmaxBits is the number of fractional bits of a Softmax's values.
func (m *Model) softmaxBits() int { return m.TableBits - 1 }

// softmaxShift is how many bits of v are dropped.
func (m *Model) softmaxShift(s *Stage) int { return m.TableBits + s.Coarse }

// SoftmaxRows calls f for every row with its first element.
func (m *Model) SoftmaxRows(s *Stage, x []int64, f func(first int, r *SoftmaxRow)) {
	first := 0
	for _, n := range s.Softmax.Rows {
		row := make([]int64, n)
		for i := range row {
			row[i] = x[s.Reads[first+i]]
		}
		f(first, m.softmaxRow(s, row))
		first += n
	}
}

func (m *Model) softmaxRow(s *Stage, x []int64) *SoftmaxRow {
	r := &SoftmaxRow{Top: x[0]}
	for _, v := range x {
		r.Top = max(r.Top, v)
	}
	exp, shift := m.Tables[s.Table].Values, m.softmaxShift(s)
	zeros := m.Tables[s.Table].Zeros()
	first := int64(len(exp)) - zeros
	for _, v := range x {
		whole := s.Multiplier*(r.Top-v) + int64(1)<<(shift-1)
		index, excess := whole>>shift, int64(0)
		if index >= first && zeros > 0 {
			index, excess = first+(index-first)%zeros, (index-first)/zeros
		}
		r.Whole, r.Index, r.Excess = append(r.Whole, whole), append(r.Index, index), append(r.Excess, excess)
		r.E = append(r.E, exp[index])
		r.Sum += exp[index]
	}
	dividend := int64(1)<<(m.TableBits+m.softmaxBits()+1) + r.Sum
	r.Reciprocal, r.Remainder = dividend/(2*r.Sum), dividend%(2*r.Sum)
	for _, e := range r.E {
		scaled := e * r.Reciprocal
		r.Scaled, r.Y = append(r.Scaled, scaled), append(r.Y, (scaled+int64(1)<<(m.TableBits-1))>>m.TableBits)
	}
	return r
}

func (m *Model) softmax(s *Stage, x []int64) []int64 {
	y := make([]int64, 0, s.Out().Size())
	m.SoftmaxRows(s, x, func(_ int, r *SoftmaxRow) { y = append(y, r.Y...) })
	return y
}

// fitSoftmax chooses the step of the table of exp, the finest for which it has room up to where exp rounds to zero,
// and fills it.
func (m *Model) fitSoftmax(s *Stage, lo, hi []int64) error {
	bits := m.softmaxBits()
	room := float64(int64(1)<<min(m.TableBits, m.ScaleBits+2) - 1)
	zero := math.Ln2 * float64(bits+1) // exp(-zero) is half a step
	for s.Coarse = 0; ; s.Coarse++ {
		unit := math.Ldexp(m.step(s), m.softmaxShift(s)) // the table's step if the multiplier is 1
		if s.Coarse > m.TableBits {
			return fault.New(fault.BoundOverflow, "node %q has values too fine for its table, expected fewer scale bits, given %d", s.Name, m.ScaleBits)
		}
		if s.Multiplier = int64(unit * room / zero); s.Multiplier >= 1 {
			step := unit / float64(s.Multiplier)
			whole, err := m.softmaxReach(s, lo, hi)
			if err != nil {
				return err
			}
			furthest := int64(0)
			for _, v := range whole {
				furthest = max(furthest, v>>m.softmaxShift(s))
			}
			last := int64(zero/step) + 1
			if furthest > last { // as many zeros as one limb of excess takes
				last += (furthest - last) >> m.TableBits
			}
			return m.reserveExp(s, step, min(furthest, last))
		}
	}
}

// softmaxReach is the largest v of each element.
func (m *Model) softmaxReach(s *Stage, lo, hi []int64) ([]int64, error) {
	whole := make([]int64, 0, len(s.Reads))
	first := 0
	for _, n := range s.Softmax.Rows {
		top := int64(math.MinInt64)
		for _, e := range s.Reads[first : first+n] {
			top = max(top, hi[e])
		}
		for _, e := range s.Reads[first : first+n] {
			if float64(s.Multiplier)*(float64(top)-float64(lo[e])) > maxSum {
				return nil, fault.New(fault.BoundOverflow, "node %q can reach values above 2^61 at this scale, expected smaller values or fewer scale bits, given %d", s.Name, m.ScaleBits)
			}
			whole = append(whole, s.Multiplier*(top-lo[e])+int64(1)<<(m.softmaxShift(s)-1))
		}
		first += n
	}
	return whole, nil
}

// reserveExp finds or makes the table of exp with that step, and gives it entries up to last.
func (m *Model) reserveExp(s *Stage, step float64, last int64) error {
	want := Table{Function: network.Function{Name: "Exp"}, Step: -step, Bits: m.softmaxBits()}
	for s.Table = 0; s.Table < len(m.Tables); s.Table++ {
		if t := &m.Tables[s.Table]; t.Function == want.Function && t.Step == want.Step && t.Bits == want.Bits {
			break
		}
	}
	if s.Table == len(m.Tables) {
		m.Tables = append(m.Tables, want)
	}
	t := &m.Tables[s.Table]
	for i := int64(len(t.Values)); i <= max(last, 1); i++ {
		t.Values = append(t.Values, int64(math.RoundToEven(math.Ldexp(math.Exp(t.Step*float64(i)), t.Bits))))
	}
	return nil
}

// planSoftmax bounds a Softmax and counts its constraints.
func (m *Model) planSoftmax(s *Stage, p *Plan, lo, hi []int64) (nlo, nhi []int64, err error) {
	whole, err := m.softmaxReach(s, lo, hi)
	if err != nil {
		return nil, nil, err
	}
	zeros := m.Tables[s.Table].Zeros()
	first := int64(len(m.Tables[s.Table].Values)) - zeros
	sp := StagePlan{}
	for _, v := range whole {
		excess := uint8(0)
		if index := v >> m.softmaxShift(s); index >= first && zeros > 0 {
			excess = m.limbs((index - first) / zeros)
		}
		sp.High = append(sp.High, excess)
		p.Aux += 4 + int(excess)     // index, e, scaled, y
		p.Lookups += 5 + int(excess) // what is left of v, e, the pair, what is left of scaled, y
		p.Constraints++              // scaled
		if excess > 0 {
			p.Constraints++
		}
		if s.Coarse > 0 {
			p.Aux++
			p.Lookups += 2
		}
		nlo, nhi = append(nlo, 0), append(nhi, int64(1)<<m.softmaxBits()+1)
	}
	for _, n := range s.Softmax.Rows {
		sum := m.SumLimbs(n)
		p.Aux += 1 + 2 + 2*sum - 1 // top, reciprocal, remainder, what is missing from it to twice the sum
		p.Lookups += 2 + 2*sum
		p.Constraints += max(n-1, 1) + 1 // the maximum, the reciprocal
	}
	p.Stages = append(p.Stages, sp)
	return nlo, nhi, nil
}

// SumLimbs is how many limbs hold twice the sum of a row of a Softmax.
func (m *Model) SumLimbs(n int) int { return int(m.limbs(int64(n) << (m.softmaxBits() + 1))) }

// softmaxErrors propagates the errors of what a Softmax reads: all of a row's being off by at most d changes a value
// by at most a factor of exp(2 d). What the integers lose is the difference from the exact Softmax of the given values.
func (e *tracker) softmaxErrors(s *Stage, x []int64, bound, variance []float64) {
	step, unit := e.m.step(s), math.Exp2(-float64(e.m.softmaxBits()))
	e.m.SoftmaxRows(s, x, func(first int, r *SoftmaxRow) {
		exact, sum, worst, bottom, spread := make([]float64, len(r.Y)), 0.0, 0.0, int64(math.MaxInt64), 0.0
		for i := range r.Y {
			at := s.Reads[first+i]
			exact[i] = math.Exp(step * float64(x[at]-r.Top))
			sum += exact[i]
			worst, bottom = max(worst, e.bound[at]), min(bottom, x[at])
		}
		for i := range exact {
			exact[i] /= sum
			spread += square(exact[i]) * e.variance[s.Reads[first+i]]
		}
		for i, y := range r.Y {
			off := math.Abs(unit*float64(y) - exact[i])
			bound[first+i] = min(1, off+exact[i]*math.Expm1(2*worst))
			if s.Softmax.Mask != 0 && step*float64(r.Top-bottom)+2*worst > -s.Softmax.Mask-20 {
				bound[first+i] = math.Inf(1) // what is masked would not be zero
			}
			own := e.variance[s.Reads[first+i]] * (1 - 2*exact[i])
			variance[first+i] = square(exact[i])*max(0, own+spread) + square(off) + square(unit)/12
		}
	})
}

// checkSoftmax refuses a file whose rows or table do not fit its stage.
func (m *Model) checkSoftmax(s *Stage) error {
	total := 0
	for _, n := range s.Softmax.Rows {
		if n < 1 || n > 1<<24 || total > 1<<24 {
			return fmt.Errorf("stage %q has a row of %d values", s.Name, n)
		}
		total += n
	}
	for _, e := range s.Reads {
		if e < 0 {
			return fmt.Errorf("stage %q has padding in a row", s.Name)
		}
	}
	if total != s.Out().Size() || total != len(s.Reads) || s.Multiplier < 1 || s.Coarse < 0 || s.Coarse > m.TableBits || s.Table < 0 || s.Table >= len(m.Tables) ||
		s.Raw || s.Pool != nil || s.Relu || s.Product || s.Function != nil || s.Matrices != nil {
		return fmt.Errorf("stage %q is no Softmax", s.Name)
	}
	t := &m.Tables[s.Table]
	if len(t.Values) < 2 || len(t.Values) > 1<<24 || t.Bits != m.softmaxBits() {
		return fmt.Errorf("stage %q has another function than its table", s.Name)
	}
	for i, v := range t.Values {
		if v < 0 || v > 1<<t.Bits || i == 0 && v != 1<<t.Bits {
			return fmt.Errorf("stage %q has the value %d in its table", s.Name, v)
		}
	}
	return nil
}
