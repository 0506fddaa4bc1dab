// Package affine adds many points at once in affine coordinates, with vector instructions if the processor has them.
// It is used to make the keys and for the sums of a proof.
package affine

import (
	curve "github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
)

// Group is what the curve's two groups have in common: points Aff with coordinates E, and arithmetic of E on whole
// lists, which for the first group uses vector instructions if the processor has them.
type Group[E comparable, Aff any] struct {
	Double   func(*Aff)
	plus     func(z, p, q *Aff) // for any two points
	load     func(x, y []E, from []*Aff)
	store    func(to []Aff, at []int, x, y []E)
	mul, sub func(z, x, y []E)
	inverse  func(*E)
	one      E
}

// G1 is the first group.
var G1 = Group[fp.Element, curve.G1Affine]{
	Double: func(p *curve.G1Affine) { p.Double(p) },
	plus:   func(z, p, q *curve.G1Affine) { z.Add(p, q) },
	load: func(x, y []fp.Element, from []*curve.G1Affine) {
		for i, p := range from {
			x[i], y[i] = p.X, p.Y
		}
	},
	store: func(to []curve.G1Affine, at []int, x, y []fp.Element) {
		for k, i := range at {
			to[i].X, to[i].Y = x[k], y[k]
		}
	},
	mul:     func(z, x, y []fp.Element) { (*fp.Vector)(&z).Mul(x, y) },
	sub:     func(z, x, y []fp.Element) { (*fp.Vector)(&z).Sub(x, y) },
	inverse: func(x *fp.Element) { x.Inverse(x) },
	one:     fp.One(),
}

// G2 is the second group.
var G2 = Group[curve.E2, curve.G2Affine]{
	Double: func(p *curve.G2Affine) { p.Double(p) },
	plus:   func(z, p, q *curve.G2Affine) { z.Add(p, q) },
	load: func(x, y []curve.E2, from []*curve.G2Affine) {
		for i, p := range from {
			x[i], y[i] = p.X, p.Y
		}
	},
	store: func(to []curve.G2Affine, at []int, x, y []curve.E2) {
		for k, i := range at {
			to[i].X, to[i].Y = x[k], y[k]
		}
	},
	mul: func(z, x, y []curve.E2) {
		for i := range z {
			z[i].Mul(&x[i], &y[i])
		}
	},
	sub: func(z, x, y []curve.E2) {
		for i := range z {
			z[i].Sub(&x[i], &y[i])
		}
	},
	inverse: func(x *curve.E2) { x.Inverse(x) },
	one:     curve.E2{A0: fp.One()},
}
