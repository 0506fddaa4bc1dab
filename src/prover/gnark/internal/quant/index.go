package quant

import (
	"fmt"
	"math"
)

// IndexUnit is the integer that an index of 1 is.
func (m *Model) IndexUnit(s *Stage) int64 { return int64(math.Round(1 / m.step(s))) }

// oneHot is 1 at each index; an index that is out of range has none.
func (m *Model) oneHot(s *Stage, x []int64, t *Trace) []int64 {
	n := len(s.Reads)
	y, unit := make([]int64, s.OneHot*n), m.IndexUnit(s)
	for i, e := range s.Reads {
		v := value(x, e)
		if v%unit != 0 || v < 0 || v/unit >= int64(s.OneHot) {
			t.Undefined = s.Name
			continue
		}
		y[int(v/unit)*n+i] = 1
	}
	return y
}

// planOneHot counts its constraints: each value is 0 or 1, and for each index they add up to 1, and in turn to it.
func (m *Model) planOneHot(s *Stage, p *Plan) (lo, hi []int64, err error) {
	size := s.Out().Size()
	p.Aux += size
	p.Constraints += size + 2*len(s.Reads)
	p.Stages = append(p.Stages, StagePlan{})
	hi = make([]int64, size)
	for i := range hi {
		hi[i] = 1
	}
	return make([]int64, size), hi, nil
}

// oneHotErrors: an index that is less than half off is the true one.
func (e *tracker) oneHotErrors(s *Stage, bound []float64) {
	for i, at := range s.Reads {
		if at >= 0 && e.bound[at] >= 0.5 {
			for v := range s.OneHot {
				bound[v*len(s.Reads)+i] = 1
			}
		}
	}
}

// checkOneHot refuses a file whose indices do not fit their stage.
func (m *Model) checkOneHot(s *Stage) error {
	if s.OneHot < 0 || s.OneHot > 1<<24 || len(s.Reads)*s.OneHot != s.Out().Size() || m.step(s) != 1 && m.step(s) != math.Exp2(-float64(m.ScaleBits)) ||
		s.Raw || s.Pool != nil || s.Relu || s.Product || s.Function != nil || s.Matrices != nil || s.Softmax != nil || s.Norm != nil {
		return fmt.Errorf("stage %q has no indices", s.Name)
	}
	return nil
}
