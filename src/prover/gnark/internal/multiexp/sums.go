package multiexp

import (
	curve "github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"

	"provemark/gnark/internal/affine"
)

const (
	batchSize  = 1024 // additions that share an inversion
	pieceSize  = 8192 // points that are added up together, few enough for the processor's cache
	touchAhead = 128  // points that are prefetched
)

// part is a point and which sum it belongs to.
type part struct {
	point, to uint32
	negative  bool
}

// summer adds up points in pairs, then the results in pairs, until each sum is one point. So nearly all additions
// share an inversion, however the points are distributed over the sums.
type summer struct {
	adder    *affine.Adder[fp.Element, curve.G1Affine]
	from, to []curve.G1Affine
	sums     []uint32
	touched  uint64
}

func newSummer() *summer {
	return &summer{affine.NewAdder(&affine.G1, batchSize), make([]curve.G1Affine, pieceSize), make([]curve.G1Affine, pieceSize), make([]uint32, pieceSize), 0}
}

// add makes out[to] the sum of its parts; the parts of one sum are consecutive.
func (s *summer) add(out, points []curve.G1Affine, parts []part) {
	n := 0
	for len(parts) > 0 {
		read := 0
		for ; read < len(parts) && n < pieceSize; read++ {
			if read%touchAhead == 0 {
				s.touch(points, parts[read:min(read+touchAhead, len(parts))])
			}
			p := &parts[read]
			point := &points[p.point]
			if point.IsInfinity() {
				continue
			}
			s.from[n], s.sums[n] = *point, p.to
			if p.negative {
				s.from[n].Y.Neg(&point.Y)
			}
			n++
		}
		parts = parts[read:]
		for again := true; again; {
			n, again = s.halve(n)
		}
		done := n
		if len(parts) > 0 {
			done = max(0, n-1) // the last sum may have more parts
		}
		for i := range done {
			out[s.sums[i]] = s.from[i]
		}
		n = copy(s.from, s.from[done:n])
		copy(s.sums, s.sums[done:done+n])
	}
}

// touch reads from each of the points, which are scattered in memory. There is so little work between the reads that
// the processor can wait for many of them at a time.
func (s *summer) touch(points []curve.G1Affine, parts []part) {
	for i := range parts {
		s.touched ^= points[parts[i].point].X[0]
	}
}

// halve adds neighbours that belong to the same sum, and says whether there were any.
func (s *summer) halve(n int) (left int, added bool) {
	odd := false
	for i := 0; i < n; left++ {
		s.sums[left] = s.sums[i]
		if i+1 == n || s.sums[i] != s.sums[i+1] {
			s.to[left] = s.from[i]
			i++
			continue
		}
		added = true
		s.adder.Queue(left, &s.from[i], &s.from[i+1])
		if s.adder.Full() && s.adder.Add(s.to) {
			odd = true
		}
		i += 2
	}
	if s.adder.Add(s.to) || odd {
		left = s.dropInfinities(left)
	}
	s.from, s.to = s.to, s.from
	return left, added
}

func (s *summer) dropInfinities(n int) (left int) {
	for i := range n {
		if !s.to[i].IsInfinity() {
			s.to[left], s.sums[left] = s.to[i], s.sums[i]
			left++
		}
	}
	return left
}
