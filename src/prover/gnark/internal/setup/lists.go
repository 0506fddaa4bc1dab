package setup

import (
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// withoutZeros drops the zero scalars and returns their positions: their points would be at infinity.
func withoutZeros(v []fr.Element) (rest []fr.Element, zero []bool, zeros uint64) {
	zero = make([]bool, len(v))
	for i := range v {
		if zero[i] = v[i].IsZero(); zero[i] {
			zeros++
		} else {
			rest = append(rest, v[i])
		}
	}
	return rest, zero, zeros
}

// concat joins the lists, so that all use the same table.
func concat(lists [][]fr.Element) []fr.Element { return slices.Concat(lists...) }

// splitPoints cuts points into pieces with the lengths of the lists.
func splitPoints[P any](points []P, lists [][]fr.Element) [][]P {
	var out [][]P
	for _, l := range lists {
		out = append(out, points[:len(l):len(l)])
		points = points[len(l):]
	}
	return out
}
