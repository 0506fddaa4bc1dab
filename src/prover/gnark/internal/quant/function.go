package quant

import (
	"fmt"
	"math"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/network"
)

// Table has a function's values at scale 2^ScaleBits for Start, Start + 1, … times 2^Coarse / 2^ScaleBits. Stages
// with the same function and step share a table if it has room for all.
type Table struct {
	Function network.Function `json:"function"`
	Coarse   int              `json:"coarse"`
	Start    int64            `json:"start"`
	Step     float64          `json:"step,omitempty"` // between arguments, if that is not 2^Coarse / 2^ScaleBits
	Bits     int              `json:"bits,omitempty"` // of the values' scale, if that is not ScaleBits
	// Wide: it has more entries than an index below 2^TableBits can tell apart.
	Wide bool `json:"wide,omitempty"`
	// Ends: beyond the table's ends the function is a line, of the slopes of its ends.
	Ends   bool    `json:"ends,omitempty"`
	Values []int64 `json:"-"`
}

// Undefined is the value of an entry where the function has no value.
const Undefined = math.MinInt64

// maxValue bounds a table's values, so that what is looked up stays far below the field.
const maxValue = 1 << 40

// Entries is the number of defined entries.
func (t *Table) Entries() int {
	n := 0
	for _, v := range t.Values {
		if v != Undefined {
			n++
		}
	}
	return n
}

// Zeros is how many zeros the values end in.
func (t *Table) Zeros() (n int64) {
	for i := len(t.Values) - 1; i >= 0 && t.Values[i] == 0; i-- {
		n++
	}
	return n
}

// Least is the smallest value.
func (t *Table) Least() int64 {
	least := int64(math.MaxInt64)
	for _, v := range t.Values {
		if v != Undefined {
			least = min(least, v)
		}
	}
	return least
}

// maxEntries limits the entries of a function's table: each is a constraint, and an index must be smaller than
// 2^TableBits. A wider range of arguments gets a coarser step.
func (m *Model) maxEntries() int64 { return 1 << min(m.TableBits, m.ScaleBits+1) }

// fitTables bounds the arguments of all functions, chooses the step of each, and fills the tables.
func (m *Model) fitTables() error {
	last := -1
	for i := range m.Stages {
		if m.Stages[i].Function != nil || m.Stages[i].Softmax != nil {
			last = i
		}
	}
	if last < 0 {
		return nil
	}
	lo, hi := m.inputBounds()
	for i := range m.Stages[:last+1] {
		s := &m.Stages[i]
		var err error
		if s.Function != nil {
			err = m.fit(s, lo, hi)
		} else if s.Softmax != nil {
			err = m.fitSoftmax(s, lo, hi)
		}
		if err != nil {
			return err
		}
		nlo, nhi, err := m.planStage(s, &Plan{}, lo, hi)
		if err != nil {
			return err
		}
		lo, hi = append(lo, nlo...), append(hi, nhi...)
	}
	return nil
}

func (m *Model) fit(s *Stage, lo, hi []int64) error {
	for s.Coarse = 0; ; s.Coarse++ {
		if s.Coarse > m.TableBits {
			return fault.New(fault.BoundOverflow, "node %q can reach values for which its function's table has no room, expected a smaller range, given %d scale bits", s.Name, m.ScaleBits)
		}
		least, greatest, err := m.sumBounds(s, lo, hi)
		if err != nil {
			return err
		}
		from, to := int64(math.MaxInt64), int64(math.MinInt64)
		for o := range least {
			from, to = min(from, least[o]>>(m.TableBits+s.Coarse)), max(to, greatest[o]>>(m.TableBits+s.Coarse))
		}
		if to-from < m.maxEntries() {
			return m.reserve(s, from, to, Table{})
		}
		first, last := m.core(s, from, to)
		hasEnds := last-first < 1<<m.TableBits && (first > from || last < to)
		if s.Coarse == 0 && to-from < maxWide { // one table that is large, or less of one and more constraints per value
			saved, entries := int64(coarseCost), to-from-m.maxEntries()
			if hasEnds {
				saved, entries = endsCost, to-from-(last-first)
			}
			if entries < saved*m.valuesOf(*s.Function) {
				return m.reserve(s, from, to, Table{Wide: true})
			}
		}
		if hasEnds {
			return m.reserve(s, first, last, Table{Ends: true})
		}
	}
}

// maxWide is the most entries of a wide table. A value costs so many constraints more if its table has ends, or a
// coarse step.
const (
	maxWide    = 1 << 20
	endsCost   = 3
	coarseCost = 2
)

// valuesOf is how many values of a function the model has.
func (m *Model) valuesOf(f network.Function) (n int64) {
	for i := range m.Stages {
		if m.Stages[i].Function != nil && *m.Stages[i].Function == f {
			n += int64(m.Stages[i].Out().Size())
		}
	}
	return n
}

// core is the part of a range of indices where a stage's function is not yet one of its ends, up to half a step.
func (m *Model) core(s *Stage, from, to int64) (first, last int64) {
	first, last = from, to
	half := math.Exp2(-float64(m.ScaleBits + 1))
	for side, end := range s.Function.Ends() {
		if end == nil {
			continue
		}
		at := s.Function.Near(side, half) / m.tableStep(s)
		if side == 0 {
			first = max(first, int64(math.Floor(at)))
		} else {
			last = min(last, int64(math.Ceil(at)))
		}
	}
	return min(first, to-1), max(last, from+1, min(first, to-1)+1)
}

// slopes are by how much a function's values grow to the left and to the right of its table, per index.
func (m *Model) slopes(s *Stage) (left, right int64) {
	ends := s.Function.Ends()
	if ends[0] != nil {
		left = int64(ends[0].Slope) << s.Coarse
	}
	if ends[1] != nil {
		right = int64(ends[1].Slope) << s.Coarse
	}
	return left, right
}

// Slopes is slopes for the circuit.
func (m *Model) Slopes(s *Stage) (left, right int64) { return m.slopes(s) }

// Beyond splits an index into one in the table and how far it is beyond its left or right end.
func (t *Table) Beyond(index int64) (inside, left, right int64) {
	last := int64(len(t.Values) - 1)
	return min(max(index, 0), last), max(0, -index), max(0, index-last)
}

// reserve finds or makes the table of a stage's function and step, and adds entries from one index to another.
func (m *Model) reserve(s *Stage, from, to int64, kind Table) error {
	room := m.maxEntries()
	if kind.Ends {
		room = 1 << m.TableBits
	} else if kind.Wide {
		room = maxWide
	}

	for s.Table = 0; s.Table < len(m.Tables); s.Table++ {
		t := &m.Tables[s.Table]
		first, last := min(from, t.Start), max(to, t.Start+int64(len(t.Values))-1)
		if t.Function == *s.Function && t.Coarse == s.Coarse && t.Step == 0 && t.Ends == kind.Ends && t.Wide == kind.Wide && last-first < room {
			from, to = first, last
			break
		}
	}
	if s.Table == len(m.Tables) {
		m.Tables = append(m.Tables, Table{Function: *s.Function, Coarse: s.Coarse, Ends: kind.Ends, Wide: kind.Wide})
	}
	t := &m.Tables[s.Table]
	t.Start, t.Values = from, make([]int64, to-from+1)
	for i := range t.Values {
		v := math.RoundToEven(math.Ldexp(t.Function.At(m.tableStep(s)*float64(from+int64(i))), m.ScaleBits))
		t.Values[i] = Undefined
		if !math.IsNaN(v) {
			if math.Abs(v) > maxValue {
				return fault.New(fault.BoundOverflow, "node %q can reach the value %.3g, expected at most %.3g at this scale", s.Name, math.Ldexp(v, -m.ScaleBits), math.Ldexp(maxValue, -m.ScaleBits))
			}
			t.Values[i] = int64(v)
		}
	}
	if t.Entries() == 0 {
		return fault.New(fault.BoundOverflow, "node %q has no value for any input, expected a function that is defined for some", s.Name)
	}
	return nil
}

// tableStep is the distance of neighbouring arguments in a stage's table.
func (m *Model) tableStep(s *Stage) float64 { return math.Exp2(float64(s.Coarse - m.ScaleBits)) }

// lookUp is a stage's function applied to its sums.
func (m *Model) lookUp(s *Stage, p *StagePlan, sums []int64, t *Trace) []int64 {
	y := make([]int64, len(sums))
	table := &m.Tables[s.Table]
	for o, l := range sums {
		i := l>>(m.TableBits+s.Coarse) - table.Start
		var left, right int64
		if table.Ends {
			i, left, right = table.Beyond(i)
			if t.Outside = m.beyondLimit(s, p, o, l, left, right); t.Outside != nil {
				return nil
			}
		}
		if i < 0 || i >= int64(len(table.Values)) || table.Values[i] == Undefined {
			t.Undefined = s.Name
			continue
		}
		down, up := m.slopes(s)
		y[o] = table.Values[i] - down*left + up*right
	}
	return y
}

// planFunction bounds the values of a stage's function, given the bounds of its sums.
func (m *Model) planFunction(s *Stage, p *Plan, sp *StagePlan, least, greatest []int64) (lo, hi []int64, err error) {
	t := &m.Tables[s.Table]
	ranges := rangesOf(t.Values)
	bottom, top := ranges.bounds(0, len(t.Values))
	sp.Value = max(1, m.limbs(top-bottom))
	for o := range least {
		shift := m.TableBits + s.Coarse
		from, to := least[o]>>shift-t.Start, greatest[o]>>shift-t.Start
		var left, right int64 // beyond the table
		if t.Ends {
			from, left, _ = t.Beyond(from)
			to, _, right = t.Beyond(to)
			left, right = m.limit(left), m.limit(right)
			sp.High = append(sp.High, m.limbs(left), m.limbs(right))
			for _, limbs := range sp.High[2*o:] {
				p.Aux, p.Lookups = p.Aux+int(limbs), p.Lookups+int(limbs)
			}
			if left+right > 0 {
				p.Constraints++
			}
		}
		if from < 0 || to >= int64(len(t.Values)) {
			return nil, nil, fault.New(fault.BoundOverflow, "node %q can reach values that its function's table lacks", s.Name)
		}
		a, b := ranges.bounds(int(from), int(to)+1)
		if a > b { // no value at all: an input that leads here has no witness
			a, b = bottom, top
		}
		down, up := m.slopes(s)
		lo, hi = append(lo, a-down*left), append(hi, b+up*right)
	}
	values := len(least)
	limbs, wires := 1+int(sp.Value), 1+int(sp.Value) // what is left of the sum, the value; index, value and its upper limbs
	if s.Coarse > 0 {
		limbs, wires = limbs+2, wires+1
	}
	p.Aux += values * wires
	p.Lookups += values * (limbs + 1) // and the pair
	return lo, hi, nil
}

// checkFunction refuses a file whose table does not fit its stage.
func (m *Model) checkFunction(s *Stage) error {
	if s.Quotient {
		return m.checkQuotient(s)
	}
	if s.OneHot != 0 {
		return m.checkOneHot(s)
	}
	if s.Norm != nil {
		return m.checkNorm(s)
	}
	if s.Softmax != nil {
		return m.checkSoftmax(s)
	}
	if s.Function == nil {
		if s.Coarse != 0 {
			return fmt.Errorf("stage %q has a step but no function", s.Name)
		}
		return nil
	}
	if s.Raw || s.Pool != nil || s.Relu || !s.Function.Known() || s.Table < 0 || s.Table >= len(m.Tables) {
		return fmt.Errorf("stage %q has no table for its function", s.Name)
	}
	t := &m.Tables[s.Table]
	if t.Function != *s.Function || t.Coarse != s.Coarse || s.Coarse < 0 || s.Coarse > m.TableBits || len(t.Values) > 1<<m.TableBits && !t.Wide || len(t.Values) > maxWide || t.Entries() == 0 {
		return fmt.Errorf("stage %q has another function than its table", s.Name)
	}
	for _, v := range t.Values {
		if v != Undefined && (v > maxValue || v < -maxValue) {
			return fmt.Errorf("stage %q has the value %d in its table", s.Name, v)
		}
	}
	return nil
}

// follow propagates the errors of a stage's sums through its function: how much the function can change within the
// error of its argument, including the rounding of the argument to the table's step, plus the rounding of its values.
func (e *tracker) follow(s *Stage, bound, variance []float64, sums []int64) {
	step, unit := e.m.tableStep(s), math.Exp2(-float64(e.m.ScaleBits))
	for o, l := range sums {
		x := step * float64(l>>(e.m.TableBits+s.Coarse))
		const deviations = 6
		spread := deviations * math.Sqrt(variance[o]+square(step)/12)
		bound[o] = s.Function.Reach(x, bound[o]+step/2) + unit/2
		if e.m.Tables[s.Table].Ends {
			bound[o] += unit / 2
		}
		variance[o] = square(s.Function.Reach(x, spread)/deviations) + square(unit)/12
	}
}
