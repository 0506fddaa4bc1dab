package circuit

import "math/bits"

// matrices states products of matrices, each value a separate secret one, by a random check (Freivalds, 'Fast
// probabilistic algorithms', 1979): for the challenge c and C of n rows and m columns, C = A B is, but for at most
// n m - 1 values of c, the same as
//
//	sum over i, j of c^(nm-1-(im+j)) C_ij  =  sum over k of (sum over i of c^(m(n-1-i)) A_ik) (sum over j of c^(m-1-j) B_kj)
//
// since both sides are polynomials in c, and each coefficient of their difference is one C_ij minus what it should
// be. A, B and C are wires that the commitment holds, so none of them can be chosen after c. Bounds keep both the
// true C_ij and the sums of products below half the field size, so they are equal as integers.
func (s *stage) matrices(x []int) []int {
	out := s.take(s.stage.Out().Size())
	size := s.stage.Matrices
	n, k, m := size.Rows, size.Inner, size.Cols
	at := func(e int64) sum {
		if e < 0 {
			return nil
		}
		return s.wire(x[e])
	}
	if s.stage.Direct() {
		s.stage.EachMatrix(func(left, right []int64, first int) {
			for o := range n * m {
				s.sumOfProducts(k, func(l int) sum { return at(left[o/m*k+l]) }, func(l int) sum { return at(right[l*m+o%m]) }, s.wire(out[first+o]))
			}
		})
		return out
	}
	c := s.wire(s.table.challenge)
	u := s.power(c, m)
	s.stage.EachMatrix(func(left, right []int64, first int) {
		whole := s.horner(n*m, func(o int) sum { return s.wire(out[first+o]) }, c)
		var p, q []sum
		for l := range k {
			column := func(i int) sum { return at(left[i*k+l]) }
			row := func(j int) sum { return at(right[l*m+j]) }
			if isZero(n, column) || isZero(m, row) {
				continue
			}
			p, q = append(p, s.horner(n, column, u)), append(q, s.horner(m, row, c))
		}
		s.sumOfProducts(len(p), func(l int) sum { return p[l] }, func(l int) sum { return q[l] }, whole)
	})
	return out
}

// horner is the polynomial in c with the given coefficients, that of the highest power first.
func (s *stage) horner(n int, coefficient func(int) sum, c sum) (value sum) {
	for i := range n {
		if len(value) > 0 {
			value = s.gates.product(value, c)
		}
		value = append(value, coefficient(i)...)
	}
	return value
}

// isZero says whether all coefficients are zeros.
func isZero(n int, coefficient func(int) sum) bool {
	for i := range n {
		if coefficient(i) != nil {
			return false
		}
	}
	return true
}

// power is c^n for n from 1.
func (s *stage) power(c sum, n int) sum {
	value := c
	for bit := bits.Len(uint(n)) - 2; bit >= 0; bit-- {
		if value = s.gates.product(value, value); n>>bit&1 == 1 {
			value = s.gates.product(value, c)
		}
	}
	return value
}

// sumOfProducts states that out is the sum of n products; factors that are nil are zeros.
func (s *stage) sumOfProducts(n int, left, right func(int) sum, out sum) {
	var l, r sum
	for i := range n {
		a, b := left(i), right(i)
		if a == nil || b == nil {
			continue
		}
		if l != nil {
			for _, t := range s.gates.product(l, r) {
				out = append(out, s.term(-1, int(t.VID)))
			}
		}
		l, r = a, b
	}
	if l == nil {
		s.gates.equal(out, nil)
	} else {
		s.gates.multiply(l, r, out)
	}
}
