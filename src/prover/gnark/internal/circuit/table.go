package circuit

import (
	"math/big"

	"github.com/consensys/gnark/constraint"
)

// table proves that looked-up values lie in [0, 2^bits) by a logarithmic derivative (Habock, 'Multivariate
// lookups based on logarithmic derivatives', 2022): with a random c,
//
//	sum over entries t of counts[t] / (c - t)  =  sum over looked-up v of 1 / (c - v)
//
// holds only if every v is an entry. c is a hash of a commitment to all secret values, so a prover
// cannot choose them after c. One constraint per entry and one per look-up; gnark's own range check
// costs a third more in constraints here, because it gives every lowest limb a wire.
type table struct {
	*builder
	gates     gates
	bits      int
	challenge int
	balance   sum      // the uses minus the entries
	products  sum      // each zero, see mustBeZero
	reach     *big.Int // upper limit of the sum of products
	negative  sum      // buffer
}

// newTable commits to all secret wires, which must exist already.
func newTable(b *builder, g gates, bits int, counts []int) (*table, error) {
	c, err := b.commit()
	if err != nil {
		return nil, err
	}
	t := &table{builder: b, gates: g, bits: bits, challenge: c, reach: new(big.Int)}
	for i, n := range counts {
		t.balance = append(t.balance, b.term(-1, g.quotient(n, t.challengeMinus(int64(-i)))))
	}
	return t, nil
}

// challengeMinus is the challenge minus a value, given as its negative: a constant and terms.
func (t *table) challengeMinus(constant int64, negative ...constraint.Term) sum {
	t.negative = t.negative[:0]
	if constant != 0 {
		t.negative = append(t.negative, t.term(constant, 0))
	}
	t.negative = append(append(t.negative, negative...), t.term(1, t.challenge))
	return t.negative
}

// challengeMinusEntry is the challenge minus a number of any size.
func (t *table) challengeMinusEntry(entry *big.Int) sum {
	if entry.IsInt64() {
		return t.challengeMinus(-entry.Int64())
	}
	return t.challengeMinus(0, t.bigTerm(new(big.Int).Neg(entry), 0))
}

// lookUp proves that a value is in the table. It takes the negated value, because that is what the constraint
// contains.
func (t *table) lookUp(constant int64, negative ...constraint.Term) {
	t.balance = append(t.balance, t.gates.inverse(t.challengeMinus(constant, negative...))...)
}

// mustBeZero proves that p, a non-negative integer of at most bits bits, is zero. Such integers are all zero if and
// only if their sum is, as long as the sum is smaller than the field size. A product that is too large for that gets
// a separate constraint.
func (t *table) mustBeZero(p sum, bits int) {
	const safeBits = 250 // below the 254 of the field
	reach := new(big.Int).Lsh(big.NewInt(1), uint(bits))
	if reach.Add(reach, t.reach); reach.BitLen() > safeBits {
		t.gates.equal(p, nil)
		return
	}
	t.reach = reach
	t.products = append(t.products, p...)
}

// close ties the look-ups to the table and the products to zero. The long sums are on the right, as the constraint's
// result, since as factors their wires would cost the prover more.
func (t *table) close() {
	for _, s := range []sum{t.products, t.balance} {
		if len(s) > 0 {
			t.gates.equal(nil, s)
		}
	}
}
