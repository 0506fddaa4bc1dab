package setup

import (
	curve "github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
)

// group is what the curve's two groups have in common: points Aff with coordinates E, and E's arithmetic
// on whole lists, which for the first group has vector instructions where the processor does.
type group[E, Aff any] struct {
	coordinates func(*Aff) (x, y *E)
	double      func(*Aff)
	mul, sub    func(z, x, y []E)
	inverse     func(*E)
}

var groupG1 = group[fp.Element, curve.G1Affine]{
	coordinates: func(p *curve.G1Affine) (x, y *fp.Element) { return &p.X, &p.Y },
	double:      func(p *curve.G1Affine) { p.Double(p) },
	mul:         func(z, x, y []fp.Element) { (*fp.Vector)(&z).Mul(x, y) },
	sub:         func(z, x, y []fp.Element) { (*fp.Vector)(&z).Sub(x, y) },
	inverse:     func(x *fp.Element) { x.Inverse(x) },
}

var groupG2 = group[curve.E2, curve.G2Affine]{
	coordinates: func(p *curve.G2Affine) (x, y *curve.E2) { return &p.X, &p.Y },
	double:      func(p *curve.G2Affine) { p.Double(p) },
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
}
