package setup

import (
	"runtime"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"provemark/gnark/internal/affine"
	"provemark/gnark/internal/parallel"
)

// A key is hundreds of thousands of multiples of the two generators. gnark-crypto's batch routine
// keeps one table and doubles 254 times for every scalar; here each window of the scalar has a table
// of its own, so a multiple is one addition per window and no doubling.

// batchSize is how many multiples are added up together: they and one table should fit in the processor's cache. A
// thread takes up to pieceSize of them from table to table, so that a table that had to be fetched serves more than
// one batch.
const (
	batchSize = 1024
	pieceSize = 16 * batchSize
)

// multiples is scalars[i] * base for every i.
//
// No addition meets equal or opposite points: the sum so far is the base times less than the value of the next digit,
// and both together are the base times at most the scalar, which is below the group order.
func multiples[E comparable, Aff any](g *affine.Group[E, Aff], base Aff, scalars []fr.Element) []Aff {
	w := windowBits(len(scalars))
	tables := windowTables(g, base, w)
	out := make([]Aff, len(scalars)) // the zero value is the point at infinity
	parallel.Pieces(len(scalars), pieceOf(len(scalars)), func(start, end int) {
		adder := affine.NewAdder(g, batchSize)
		regular, begun := make([][4]uint64, end-start), make([]bool, end-start)
		for i := range regular {
			regular[i] = scalars[start+i].Bits()
		}
		for j, table := range tables {
			for from := 0; from < len(regular); from += batchSize {
				for i := from; i < min(from+batchSize, len(regular)); i++ {
					switch d := digit(&regular[i], j*w, w); {
					case d == 0:
					case begun[i]:
						adder.Queue(i, &out[start+i], &table[d-1])
					default:
						out[start+i], begun[i] = table[d-1], true
					}
				}
				adder.Add(out[start:end])
			}
		}
	})
	return out
}

// pieceOf is the size of a piece of n multiples: a few for each thread, as long as they fill a batch.
func pieceOf(n int) int {
	return max(batchSize, min(pieceSize, n/(4*runtime.GOMAXPROCS(0))))
}

// windowTables[i][d-1] is d 2^(w i) base.
func windowTables[E comparable, Aff any](g *affine.Group[E, Aff], base Aff, w int) [][]Aff {
	doubled := make([]Aff, fr.Bits)
	for i := range doubled {
		doubled[i] = base
		g.Double(&base)
	}
	tables := make([][]Aff, (fr.Bits+w-1)/w)
	parallel.Pieces(len(tables), 1, func(i, _ int) {
		bits := min(w, fr.Bits-i*w)
		table, adder := make([]Aff, 1<<bits), affine.NewAdder(g, 1<<(bits-1))
		for k := range bits { // the first 2^k - 1 are there, 2^k more follow
			copy(table[1<<k:], table[:1<<k-1])
			table[1<<k-1] = doubled[i*w+k]
			for d := range 1<<k - 1 {
				adder.Queue(1<<k+d, &table[1<<k+d], &doubled[i*w+k])
			}
			adder.Add(table)
		}
		tables[i] = table[:1<<bits-1]
	})
	return tables
}

// windowBits balances the tables (windows x 2^w additions) against the scalars (one per window each).
func windowBits(scalars int) int {
	best, least := 1, 0
	for w := 4; w <= 12; w++ { // larger tables would leave the processor's cache
		windows := (fr.Bits + w - 1) / w
		if cost := windows * (scalars + 1<<w); least == 0 || cost < least {
			best, least = w, cost
		}
	}
	return best
}

// digit is bits [at, at+w) of a scalar in regular form.
func digit(s *[4]uint64, at, w int) uint64 {
	word, shift := at/64, at%64
	v := s[word] >> shift
	if shift+w > 64 && word < 3 {
		v |= s[word+1] << (64 - shift)
	}
	return v & (1<<w - 1)
}
