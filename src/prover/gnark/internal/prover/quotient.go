package prover

import (
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/fft"
	bn254cs "github.com/consensys/gnark/constraint/bn254"

	"provemark/gnark/internal/parallel"
)

// quotient is h in a b = c + (X^N - 1) h, where a, b and c take the values of the constraints' sides on the
// domain; its coefficients are in bit-reversed order, as the key's points are.
//
// On a coset of the domain X^N is a constant, g^N. So what the product interpolates to there, of a degree
// below N, is c + (g^N - 1) h, and c is known by its coefficients: it needs no values on the coset.
func quotient(domain *fft.Domain, s *bn254cs.R1CSSolution) []fr.Element {
	a, b, c := onDomain(s.A, domain), onDomain(s.B, domain), onDomain(s.C, domain)
	for _, v := range [][]fr.Element{a, b, c} {
		domain.FFTInverse(v, fft.DIF)
	}
	for _, v := range [][]fr.Element{a, b} {
		domain.FFT(v, fft.DIT, fft.OnCoset())
	}
	inParts(a, func(from, to int) {
		v := fr.Vector(a[from:to])
		v.Mul(v, b[from:to])
	})
	domain.FFTInverse(a, fft.DIF, fft.OnCoset())

	one, scale := fr.One(), fr.Element{}
	scale.Exp(domain.FrMultiplicativeGen, new(big.Int).SetUint64(domain.Cardinality))
	scale.Sub(&scale, &one).Inverse(&scale)
	inParts(a, func(from, to int) {
		v := fr.Vector(a[from:to])
		v.Sub(v, c[from:to])
		v.ScalarMul(v, &scale)
	})
	return a
}

// onDomain pads the values with zeros to the domain's size.
func onDomain(values []fr.Element, domain *fft.Domain) []fr.Element {
	return append(values, make([]fr.Element, int(domain.Cardinality)-len(values))...)
}

func inParts(list []fr.Element, work func(from, to int)) { parallel.Pieces(len(list), 4096, work) }
