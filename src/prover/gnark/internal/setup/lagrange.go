package setup

import (
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/fft"
	bn254cs "github.com/consensys/gnark/constraint/bn254"

	"github.com/consensys/gnark/constraint"
)

// lagrange evaluates the first n Lagrange polynomials of the domain {w^i} at t:
// L_i(t) = (t^N - 1) / N * w^i / (t - w^i).
func lagrange(domain *fft.Domain, t fr.Element, n int) []fr.Element {
	powers, gaps := make([]fr.Element, n), make([]fr.Element, n)
	w := fr.One()
	for i := range n {
		powers[i] = w
		gaps[i].Sub(&t, &w)
		w.Mul(&w, &domain.Generator)
	}
	inverses := fr.BatchInvert(gaps)
	scale := vanishing(domain, t)
	scale.Mul(&scale, &domain.CardinalityInv)
	for i := range n {
		powers[i].Mul(&powers[i], &inverses[i]).Mul(&powers[i], &scale)
	}
	return powers
}

// vanishing is t^N - 1.
func vanishing(domain *fft.Domain, t fr.Element) fr.Element {
	one := fr.One()
	var z fr.Element
	z.Exp(t, new(big.Int).SetUint64(domain.Cardinality))
	z.Sub(&z, &one)
	return z
}

// wirePolynomials evaluates each wire's three polynomials at t: the constraint matrices, transposed,
// times the Lagrange values.
func wirePolynomials(r1cs *bn254cs.R1CS, at []fr.Element, wires int) (a, b, c []fr.Element) {
	a, b, c = make([]fr.Element, wires), make([]fr.Element, wires), make([]fr.Element, wires)
	add := func(to []fr.Element, l constraint.LinearExpression, value *fr.Element) {
		for _, term := range l {
			var v fr.Element
			v.Mul(&r1cs.Coefficients[term.CoeffID()], value)
			to[term.WireID()].Add(&to[term.WireID()], &v)
		}
	}
	it := r1cs.GetR1CIterator()
	for i, r := 0, it.Next(); r != nil; i, r = i+1, it.Next() {
		add(a, r.L, &at[i])
		add(b, r.R, &at[i])
		add(c, r.O, &at[i])
	}
	return a, b, c
}
