package multiexp

import (
	curve "github.com/consensys/gnark-crypto/ecc/bn254"
)

// window adds up digit * point for one digit of every scalar: the points of each digit first ('buckets',
// Pippenger 1976), then the buckets times their digits.
type window struct {
	*summer
	digits        []int16
	parts         []part
	starts        []int
	buckets       []curve.G1Affine
	rows, columns []curve.G1Affine
}

func newWindow() *window { return &window{summer: newSummer()} }

// resized is a list of n elements with arbitrary content, in the same memory if it is large enough.
func resized[T any](list []T, n int) []T {
	if cap(list) < n {
		return make([]T, n)
	}
	return list[:n]
}

// sum adds up the points times the digits at bits [at, at+w) of the scalars.
func (t *window) sum(points []curve.G1Affine, scalars []number, at, w int) curve.G1Jac {
	size := 1 << (w - 1)
	t.sort(scalars, at, w)
	t.buckets = resized(t.buckets, size)
	clear(t.buckets)
	t.add(t.buckets, points, t.parts)
	return t.weigh(w)
}

// sort lists the points by the bucket of their digit d, which is |d| - 1. Zeros have none.
func (t *window) sort(scalars []number, at, w int) {
	t.digits, t.starts = resized(t.digits, len(scalars)), resized(t.starts, 1<<(w-1)+1)
	clear(t.starts)
	for i := range scalars {
		d := scalars[i].digit(at, w)
		t.digits[i] = int16(d)
		t.starts[max(d, -d)]++
	}
	n := -t.starts[0]
	for d, count := range t.starts {
		t.starts[d] = n
		n += count
	}
	t.parts = resized(t.parts, n)
	for i, digit := range t.digits {
		if digit == 0 {
			continue
		}
		d := int(digit)
		bucket := max(d, -d)
		t.parts[t.starts[bucket]] = part{uint32(i), uint32(bucket - 1), d < 0}
		t.starts[bucket]++
	}
}

// weigh adds up (i + 1) * bucket i. The buckets form a table with a few columns: i = row * columns + column, so the
// sums of its rows and columns leave two lists as short as the table's sides.
func (t *window) weigh(w int) curve.G1Jac {
	bits := (w - 1) / 2
	columns, rows := 1<<bits, 1<<(w-1-bits)
	t.rows, t.columns = resized(t.rows, rows), resized(t.columns, columns)
	clear(t.rows)
	clear(t.columns)
	t.parts = t.parts[:0]
	for i := range t.buckets {
		t.parts = append(t.parts, part{point: uint32(i), to: uint32(i >> bits)})
	}
	t.add(t.rows, t.buckets, t.parts)
	t.parts = t.parts[:0]
	for c := range columns {
		for i := c; i < len(t.buckets); i += columns {
			t.parts = append(t.parts, part{point: uint32(i), to: uint32(c)})
		}
	}
	t.add(t.columns, t.buckets, t.parts)
	total, all := ranked(t.rows)
	for range bits {
		total.DoubleAssign()
	}
	total.AddAssign(&all)
	inColumns, _ := ranked(t.columns)
	return *total.AddAssign(&inColumns)
}

// ranked is the sum of i * points[i], and that of the points.
func ranked(points []curve.G1Affine) (total, all curve.G1Jac) {
	total, all = infinity(), infinity()
	for i := len(points) - 1; i >= 0; i-- {
		total.AddAssign(&all)
		all.AddMixed(&points[i])
	}
	return total, all
}

func infinity() (p curve.G1Jac) {
	p.X.SetOne()
	p.Y.SetOne()
	return p
}
