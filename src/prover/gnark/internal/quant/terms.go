package quant

import "provemark/gnark/internal/network"

// Terms lists the products of linear sums, position by position, reusing its buffers.
type Terms struct {
	stage *Stage
	half  int64
	taps  []network.Tap
	terms []Term
}

// Terms gives access to the sums of stage s.
func (m *Model) Terms(s *Stage) *Terms {
	t := &Terms{stage: s}
	if !s.Raw {
		t.half = m.half(s)
	}
	return t
}

// half turns the later floor into rounding. The floor of an exact sum needs none.
func (m *Model) half(s *Stage) int64 {
	if s.Jump == network.Floor && s.Exact {
		return 0
	}
	return int64(1) << (m.TableBits + s.Coarse - 1)
}

// At returns the constant and the products of position o; products with weight zero are left out
// unless zeros is set. The slice is valid until the next call.
func (t *Terms) At(o int, zeros bool) (int64, []Term) {
	s := t.stage
	t.taps = s.Geometry.Taps(o, t.taps[:0])
	t.terms = t.terms[:0]
	for _, tap := range t.taps {
		w := int64(0)
		if !s.Average {
			w = s.Weights[tap.Weight]
		} else {
			w = s.Weights[min(len(t.taps), len(s.Weights))-1]
		}
		at := s.Start + tap.Input
		if s.Product {
			at = tap.Input
		} else if s.Reads != nil {
			at = int(s.Reads[tap.Input])
		}
		if at >= 0 && (w != 0 || zeros) {
			t.terms = append(t.terms, Term{at, w})
		}
	}
	if s.AddedWeight != 0 && s.Added[o] >= 0 {
		t.terms = append(t.terms, Term{int(s.Added[o]), s.AddedWeight})
	}
	return s.Bias[o/(s.Geometry.Out.Size()/len(s.Bias))] + t.half, t.terms
}
