package quant

import (
	"math"

	"provemark/gnark/internal/fault"
)

// Products are what a stage of products multiplies, from the values of all elements.
func (s *Stage) Products(x []int64) []int64 {
	products := make([]int64, len(s.Reads)/2)
	for i := range products {
		products[i] = value(x, s.Reads[i]) * value(x, s.Reads[len(products)+i])
	}
	return products
}

// value is an element's, or that of padding.
func value(x []int64, element int64) int64 {
	if element < 0 {
		return 0
	}
	return x[element]
}

// productBounds bounds a stage's products: an end of each is a product of two ends of its factors.
func (m *Model) productBounds(s *Stage, lo, hi []int64) (least, greatest []int64, err error) {
	n := len(s.Reads) / 2
	for i := range n {
		a, b := s.Reads[i], s.Reads[n+i]
		bottom, top := int64(math.MaxInt64), int64(math.MinInt64)
		for _, u := range []int64{value(lo, a), value(hi, a)} {
			for _, v := range []int64{value(lo, b), value(hi, b)} {
				if math.Abs(float64(u))*math.Abs(float64(v)) > maxSum {
					return nil, nil, fault.New(fault.BoundOverflow,
						"node %q can reach products above 2^61 at this scale, expected smaller values or fewer scale bits, given %d", s.Name, m.ScaleBits)
				}
				bottom, top = min(bottom, u*v), max(top, u*v)
			}
		}
		least, greatest = append(least, bottom), append(greatest, top)
	}
	return least, greatest, nil
}

// multiply propagates the errors of factors to their products; they may come from the same rounding, as in a square.
func (e *tracker) multiply(s *Stage, x []int64, bound, variance []float64) {
	step, n := math.Exp2(-float64(e.m.ScaleBits)), len(s.Reads)/2
	for i := range bound {
		a, b := s.Reads[i], s.Reads[n+i]
		if a < 0 || b < 0 {
			continue // exactly zero
		}
		u, v := step*math.Abs(float64(x[a])), step*math.Abs(float64(x[b]))
		bound[i] = u*e.bound[b] + v*e.bound[a] + e.bound[a]*e.bound[b]
		du, dv := math.Sqrt(e.variance[a]), math.Sqrt(e.variance[b])
		const deviations = 6
		variance[i] = square(u*dv + v*du + deviations*du*dv)
	}
}
