package affine

// Adder adds many pairs of points at once: they share one inversion, so an addition takes six multiplications, while
// Jacobian coordinates take eleven and a conversion at the end.
type Adder[E comparable, Aff any] struct {
	group          *Group[E, Aff]
	p, q           []*Aff
	at             []int
	ax, ay, bx, by []E
	d, s, space    []E
}

// NewAdder allocates an Adder for a number of pairs.
func NewAdder[E comparable, Aff any](g *Group[E, Aff], capacity int) *Adder[E, Aff] {
	all := make([]E, 9*capacity)
	next := func(n int) []E {
		v := all[:n:n]
		all = all[n:]
		return v
	}
	return &Adder[E, Aff]{g, make([]*Aff, 0, capacity), make([]*Aff, 0, capacity), make([]int, 0, capacity),
		next(capacity), next(capacity), next(capacity), next(capacity), next(capacity), next(capacity), next(3 * capacity)}
}

// Full reports that there is no room for another pair.
func (w *Adder[E, Aff]) Full() bool { return len(w.at) == cap(w.at) }

// Queue requests that p + q become point i of the list passed to Add. Neither may be at infinity, nor change before
// Add.
func (w *Adder[E, Aff]) Queue(i int, p, q *Aff) {
	w.at, w.p, w.q = append(w.at, i), append(w.p, p), append(w.q, q)
}

// Add performs the queued additions. Equal or opposite points cost a separate inversion; the result says whether
// there were any, as only then a sum can be at infinity.
func (w *Adder[E, Aff]) Add(to []Aff) (odd bool) {
	n, g := len(w.at), w.group
	if n == 0 {
		return false
	}
	ax, ay, bx, by, d, s := w.ax[:n], w.ay[:n], w.bx[:n], w.by[:n], w.d[:n], w.s[:n]
	g.load(ax, ay, w.p)
	g.load(bx, by, w.q)
	g.sub(d, bx, ax)
	invertible := g.invert(d, w.space)
	var oddAt []int
	var oddSums []Aff
	if !invertible {
		oddAt, oddSums = w.oddSums()
		g.invert(d, w.space)
	}
	g.sub(s, by, ay)
	g.mul(s, s, d) // the slope
	g.mul(d, s, s)
	g.sub(d, d, ax)
	g.sub(bx, d, bx)
	g.sub(d, ax, bx)
	g.mul(d, d, s)
	g.sub(by, d, ay)
	g.store(to, w.at, bx, by)
	for i, at := range oddAt {
		to[at] = oddSums[i]
	}
	w.at, w.p, w.q = w.at[:0], w.p[:0], w.q[:0]
	return !invertible
}

// oddSums adds the pairs whose points have the same x, and leaves in d values that can be inverted.
func (w *Adder[E, Aff]) oddSums() (at []int, sums []Aff) {
	n, g := len(w.at), w.group
	g.sub(w.d[:n], w.bx[:n], w.ax[:n])
	var zero E
	for k := range n {
		if w.d[k] == zero {
			w.d[k] = g.one
			var sum Aff
			g.plus(&sum, w.p[k], w.q[k])
			at, sums = append(at, w.at[k]), append(sums, sum)
		}
	}
	return at, sums
}
