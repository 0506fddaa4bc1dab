package circuit

// oneHot states values that are 1 at each index and 0 elsewhere: each is its own square, so 0 or 1, those of an index
// add up to 1, and each times its place to the index.
func (s *stage) oneHot(x []int) []int {
	n, unit := len(s.stage.Reads), s.model.IndexUnit(s.stage)
	out := s.take(s.stage.OneHot * n)
	for _, w := range out {
		s.gates.multiply(s.wire(w), s.wire(w), s.wire(w))
	}
	for i, e := range s.stage.Reads {
		var all, index sum
		for v := range s.stage.OneHot {
			all = append(all, s.term(1, out[v*n+i]))
			if v > 0 {
				index = append(index, s.term(int64(v)*unit, out[v*n+i]))
			}
		}
		s.gates.equal(s.wire(0), all)
		if e < 0 {
			s.gates.equal(nil, index)
		} else {
			s.gates.equal(s.wire(x[e]), index)
		}
	}
	return out
}
