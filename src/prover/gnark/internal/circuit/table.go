package circuit

import (
	"errors"
	"math/big"

	"github.com/consensys/gnark/frontend"
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
	api       frontend.API
	bits      int
	challenge frontend.Variable
	entries   []frontend.Variable
	uses      []frontend.Variable
	products  []frontend.Variable // each zero, see mustBeZero
	reach     *big.Int            // what the sum of products can come to
}

func newTable(api frontend.API, bits int, counts []frontend.Variable, secrets ...[]frontend.Variable) (*table, error) {
	committer, ok := api.(frontend.Committer)
	if !ok {
		return nil, errors.New("the constraint system has no commitments")
	}
	all := counts
	for _, s := range secrets {
		all = append(all[:len(all):len(all)], s...)
	}
	c, err := committer.Commit(all...)
	if err != nil {
		return nil, err
	}
	t := &table{api: api, bits: bits, challenge: c, reach: new(big.Int)}
	for i, n := range counts {
		t.entries = append(t.entries, api.DivUnchecked(n, api.Sub(c, i)))
	}
	return t, nil
}

// lookUp proves that a value is in the table. It takes terms of which the sum is the value's negative,
// as that is what the constraint has; they may be constants.
func (t *table) lookUp(negative ...frontend.Variable) {
	t.uses = append(t.uses, t.api.Inverse(t.api.Add(t.challenge, 0, negative...)))
}

// mustBeZero proves that p, an integer of at most bits bits and never negative, is zero. Such integers
// are all zero if and only if their sum is, as long as the sum is smaller than the field; a product
// that is too large for that gets a constraint of its own.
func (t *table) mustBeZero(p frontend.Variable, bits int) {
	const safeBits = 250 // below the 254 of the field
	reach := new(big.Int).Lsh(big.NewInt(1), uint(bits))
	if reach.Add(reach, t.reach); reach.BitLen() > safeBits {
		t.api.AssertIsEqual(p, 0)
		return
	}
	t.reach = reach
	t.products = append(t.products, p)
}

// close ties the look-ups to the table and the products to zero. The long sums stand on the right: there
// they are the constraint's result, while on the left they would be one of its factors, whose wires cost
// the prover a multiplication in the second group, three times as slow as the first.
func (t *table) close() {
	t.api.AssertIsEqual(0, sum(t.api, t.products))
	t.api.AssertIsEqual(0, t.api.Sub(sum(t.api, t.uses), 0, t.entries...))
}

// sum adds in one call: a running sum would copy its terms again and again.
func sum(api frontend.API, v []frontend.Variable) frontend.Variable {
	return api.Add(0, 0, v...)
}
