package quant

import (
	"math"
	"math/bits"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/network"
)

// giveStep gives products of matrices and Softmax a scale of their own.
func (m *Model) giveStep(q *Stage, s *network.Stage) {
	if x := s.Matrices; x != nil {
		q.Step = m.stepOf(q.Reads[:x.Left()]) * m.stepOf(q.Reads[x.Left():]) * x.Factor
	}
	if s.OneHot > 0 {
		q.Step = 1
	}
	if s.Softmax != nil {
		q.Step = math.Exp2(-float64(m.softmaxBits()))
	}
}

// readsOwnStep says whether what a stage reads has a step of its own.
func (m *Model) readsOwnStep(s *Stage) bool {
	step := m.step(s)
	return s.Matrices == nil && s.Softmax == nil && !s.Product && step != m.Step() && step != math.Exp2(-float64(m.ScaleBits))
}

// stepOf is the common distance between neighbouring values of some elements.
func (m *Model) stepOf(elements []int64) float64 {
	for _, e := range elements {
		if e >= 0 {
			return m.stepAt(e)
		}
	}
	return math.Exp2(-float64(m.ScaleBits))
}

// EachMatrix calls f for every product of matrices of a stage with the elements of its two operands, row by row, and
// the place of its first value.
func (s *Stage) EachMatrix(f func(left, right []int64, at int)) {
	x := s.Matrices
	a, b := x.Rows*x.Inner, x.Inner*x.Cols
	for i := range x.Count {
		f(s.Reads[i*a:(i+1)*a], s.Reads[x.Left()+i*b:x.Left()+(i+1)*b], i*x.Rows*x.Cols)
	}
}

// eachProduct calls f for every pair of elements that are multiplied, with the value that their product adds to.
func (s *Stage) eachProduct(f func(at int, left, right int64)) {
	x := s.Matrices
	s.EachMatrix(func(left, right []int64, at int) {
		for i := range x.Rows {
			for k := range x.Inner {
				if a := left[i*x.Inner+k]; a >= 0 {
					for j := range x.Cols {
						if b := right[k*x.Cols+j]; b >= 0 {
							f(at+i*x.Cols+j, a, b)
						}
					}
				}
			}
		}
	})
}

// matrices are the values of a stage of products of matrices.
func (s *Stage) matrices(x []int64) []int64 {
	y := make([]int64, s.Out().Size())
	s.eachProduct(func(at int, left, right int64) { y[at] += x[left] * x[right] })
	return y
}

// planMatrices bounds them: the sum of the ends of each product.
func (m *Model) planMatrices(s *Stage, p *Plan, lo, hi []int64) (nlo, nhi []int64, err error) {
	size := s.Out().Size()
	nlo, nhi = make([]int64, size), make([]int64, size)
	reach := make([]float64, size)
	s.eachProduct(func(at int, a, b int64) {
		if reach[at] += float64(max(-lo[a], hi[a])) * float64(max(-lo[b], hi[b])); reach[at] > maxSum {
			return
		}
		w, x, y, z := lo[a]*lo[b], lo[a]*hi[b], hi[a]*lo[b], hi[a]*hi[b]
		nlo[at] += min(w, x, y, z)
		nhi[at] += max(w, x, y, z)
	})
	for _, r := range reach {
		if r > maxSum {
			return nil, nil, fault.New(fault.BoundOverflow,
				"node %q can reach products above 2^61 at this scale, expected smaller values or fewer scale bits, given %d", s.Name, m.ScaleBits)
		}
	}
	p.Stages = append(p.Stages, StagePlan{})
	p.Aux += size
	p.Constraints += s.matricesCost()
	return nlo, nhi, nil
}

// Direct says whether the products of a stage are cheaper one by one than by the random check, as for vectors.
func (s *Stage) Direct() bool {
	n, k, m := s.Matrices.Rows, s.Matrices.Inner, s.Matrices.Cols
	return n*k*m <= n*k+k*m+n*m
}

// matricesCost is the number of constraints.
func (s *Stage) matricesCost() (cost int) {
	x := s.Matrices
	n, k, m := x.Rows, x.Inner, x.Cols
	s.EachMatrix(func(left, right []int64, _ int) {
		if s.Direct() {
			for o := range n * m {
				products := 0
				for l := range k {
					if left[o/m*k+l] >= 0 && right[l*m+o%m] >= 0 {
						products++
					}
				}
				cost += max(products, 1)
			}
			return
		}
		pairs := 0
		for l := range k {
			a, b := firstOf(n, func(i int) int64 { return left[i*k+l] }), firstOf(m, func(j int) int64 { return right[l*m+j] })
			if a < n && b < m {
				cost += n - 1 - a + m - 1 - b
				pairs++
			}
		}
		cost += n*m - 1 + max(pairs, 1)
	})
	if !s.Direct() {
		cost += bits.Len(uint(m)) - 1 + bits.OnesCount(uint(m)) - 1 // the power of the challenge
	}
	return cost
}

// firstOf is the first place, of n, that is no padding.
func firstOf(n int, at func(int) int64) int {
	for i := range n {
		if at(i) >= 0 {
			return i
		}
	}
	return n
}

// multiplyMatrices propagates the errors of both operands to their products.
func (e *tracker) multiplyMatrices(s *Stage, x []int64, bound, variance []float64) {
	left, right := e.m.stepOf(s.Reads[:s.Matrices.Left()]), e.m.stepOf(s.Reads[s.Matrices.Left():])
	factor := math.Abs(s.Matrices.Factor)
	s.eachProduct(func(at int, a, b int64) {
		u, v := left*math.Abs(float64(x[a])), right*math.Abs(float64(x[b]))
		bound[at] += factor * (u*e.bound[b] + v*e.bound[a] + e.bound[a]*e.bound[b])
		du, dv := math.Sqrt(e.variance[a]), math.Sqrt(e.variance[b])
		const deviations = 6
		variance[at] += square(factor * (u*dv + v*du + deviations*du*dv))
	})
}
