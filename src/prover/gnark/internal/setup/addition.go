package setup

// adder adds pairs of points, many at once: one inversion serves them all, so that an addition takes six
// multiplications, where Jacobian coordinates take eleven and a conversion at the end.
type adder[E, Aff any] struct {
	group          group[E, Aff]
	at             []int
	ax, ay, bx, by []E
	d, s, space    []E
}

// newAdder has room for a number of pairs.
func newAdder[E, Aff any](g group[E, Aff], capacity int) *adder[E, Aff] {
	all := make([]E, 9*capacity)
	next := func(n int) []E {
		v := all[:n:n]
		all = all[n:]
		return v
	}
	return &adder[E, Aff]{g, make([]int, 0, capacity), next(capacity), next(capacity), next(capacity), next(capacity),
		next(capacity), next(capacity), next(3 * capacity)}
}

// queue asks for p to be added to point i of the list that add will be given. The two must be neither
// the same, nor opposite, nor at infinity.
func (w *adder[E, Aff]) queue(i int, p *Aff) {
	x, y := w.group.coordinates(p)
	w.bx[len(w.at)], w.by[len(w.at)] = *x, *y
	w.at = append(w.at, i)
}

// add makes the additions that were queued.
func (w *adder[E, Aff]) add(to []Aff) {
	n, g := len(w.at), &w.group
	if n == 0 {
		return
	}
	for k, i := range w.at {
		x, y := g.coordinates(&to[i])
		w.ax[k], w.ay[k] = *x, *y
	}
	ax, ay, bx, by, d, s := w.ax[:n], w.ay[:n], w.bx[:n], w.by[:n], w.d[:n], w.s[:n]
	g.sub(d, bx, ax)
	g.invert(d, w.space)
	g.sub(s, by, ay)
	g.mul(s, s, d) // the slope
	g.mul(d, s, s)
	g.sub(d, d, ax)
	g.sub(bx, d, bx)
	g.sub(d, ax, bx)
	g.mul(d, d, s)
	g.sub(by, d, ay)
	for k, i := range w.at {
		x, y := g.coordinates(&to[i])
		*x, *y = bx[k], by[k]
	}
	w.at = w.at[:0]
}

// invert inverts every element, none of which may be zero: pairs are multiplied, their products
// inverted in the same way, and each half times that is the inverse of the other. The space is three
// elements for each.
func (g *group[E, Aff]) invert(v, space []E) {
	if len(v) == 1 {
		g.inverse(&v[0])
		return
	}
	half, n := len(v)/2, (len(v)+1)/2
	low, high := v[:half], v[n:]
	products, space := space[:n], space[n:]
	products[n-1] = v[n-1] // the one without a partner, where there is one
	g.mul(products[:half], low, high)
	g.invert(products, space)
	swap := space[:half]
	g.mul(swap, products[:half], low)
	g.mul(low, products[:half], high)
	copy(high, swap)
	if half < n {
		v[half] = products[half]
	}
}
