package affine

// invert inverts every element: pairs are multiplied and their products inverted in the same way; that inverse times
// one element of a pair is the inverse of the other. If an element is zero it returns false, and the list is unusable.
// It needs space for three elements each.
func (g *Group[E, Aff]) invert(v, space []E) bool {
	if len(v) == 1 {
		var zero E
		if v[0] == zero {
			return false
		}
		g.inverse(&v[0])
		return true
	}
	half, n := len(v)/2, (len(v)+1)/2
	low, high := v[:half], v[n:]
	products, space := space[:n], space[n:]
	products[n-1] = v[n-1] // the one without a partner, where there is one
	g.mul(products[:half], low, high)
	if !g.invert(products, space) {
		return false
	}
	swap := space[:half]
	g.mul(swap, products[:half], low)
	g.mul(low, products[:half], high)
	copy(high, swap)
	if half < n {
		v[half] = products[half]
	}
	return true
}
