package quant

import "math"

// ranges finds the least and the greatest value in any part of a table, which interval analysis asks for once per value
// of a function. It is a binary tree: node k holds the bounds of nodes 2k and 2k + 1, the last nodes those of one entry.
type ranges struct{ least, greatest []int64 }

func rangesOf(values []int64) *ranges {
	n := len(values)
	r := &ranges{make([]int64, 2*n), make([]int64, 2*n)}
	for i, v := range values {
		r.least[n+i], r.greatest[n+i] = v, v
		if v == Undefined {
			r.least[n+i], r.greatest[n+i] = math.MaxInt64, math.MinInt64
		}
	}
	for k := n - 1; k > 0; k-- {
		r.least[k], r.greatest[k] = min(r.least[2*k], r.least[2*k+1]), max(r.greatest[2*k], r.greatest[2*k+1])
	}
	return r
}

// bounds are the least and the greatest value of the entries in [from, to); the least is the larger one if none of them
// has a value.
func (r *ranges) bounds(from, to int) (least, greatest int64) {
	least, greatest = math.MaxInt64, math.MinInt64
	n := len(r.least) / 2
	for from, to = from+n, to+n; from < to; from, to = from/2, to/2 {
		if from%2 == 1 {
			least, greatest = min(least, r.least[from]), max(greatest, r.greatest[from])
			from++
		}
		if to%2 == 1 {
			to--
			least, greatest = min(least, r.least[to]), max(greatest, r.greatest[to])
		}
	}
	return least, greatest
}
