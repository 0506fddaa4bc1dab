package circuit

import (
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/constraint"
	bn254cs "github.com/consensys/gnark/constraint/bn254"
	"github.com/consensys/gnark/constraint/solver"
	fcs "github.com/consensys/gnark/frontend/cs"
)

// sum is a linear expression: terms of a coefficient and a wire. Wire 0 is the constant 1.
type sum = constraint.LinearExpression

// gates are the constraints of this circuit. Sums are not retained.
type gates interface {
	product(left, right sum) sum   // a new wire that is their product
	quotient(n int, d sum) int     // a new wire, n / d; any value where both are 0
	inverse(d sum) sum             // a new wire, 1 / d; there is none where d is 0
	equal(left, right sum)         // states that they are equal
	multiply(left, right, out sum) // states that a sum is the product of two
}

// builder writes them directly into gnark's constraint system. gnark's front end, made for circuits written by hand,
// makes an object for every product with a weight and sorts all terms of every sum, which took a third of a compile's
// CPU time, all on one core. Here weights are numbers, and sums are ordered from the start.
type builder struct {
	system *bn254cs.R1CS
	gate   constraint.BlueprintID
	ids    map[int64]uint32 // of coefficients
	omit   map[int]bool     // secret wires that mutants leave out of the commitment
}

func newBuilder(constraints int) *builder {
	system := bn254cs.NewR1CS(constraints)
	system.AddPublicVariable("1")
	return &builder{system: system, gate: system.AddBlueprint(&constraint.BlueprintGenericR1C{}), ids: map[int64]uint32{}}
}

// public and secret add n wires; all public wires come first, then all secret ones, then all others.
func (b *builder) public(name string, n int) []int {
	return repeat(n, name, b.system.AddPublicVariable)
}
func (b *builder) secret(name string, n int) []int {
	return repeat(n, name, b.system.AddSecretVariable)
}

func repeat(n int, name string, add func(string) int) []int {
	wires := make([]int, n)
	for i := range wires {
		wires[i] = add(name)
	}
	return wires
}

// commit returns a challenge: a hash of a commitment, made with the proving key, to all secret wires and to a random
// one that hides them. The caller of the solver provides the challenge.
func (b *builder) commit() (challenge int, err error) {
	mask, err := b.system.AddSolverHint(randomMask, solver.GetHintID(randomMask), nil, 1)
	if err != nil {
		return 0, err
	}
	b.constrain(b.wire(mask[0]), b.wire(0), b.wire(mask[0])) // a wire without a constraint is not in the key
	var committed []int
	for i := range b.system.GetNbSecretVariables() {
		if w := b.system.GetNbPublicVariables() + i; !b.omit[w] {
			committed = append(committed, w)
		}
	}
	committed = append(committed, mask[0])
	first := constraint.Term{CID: constraint.CoeffIdZero} // the commitment's number
	first.MarkConstant()
	inputs := []sum{{first}}
	for _, w := range committed {
		inputs = append(inputs, b.wire(w))
	}
	placeholder := fcs.Bsb22CommitmentComputePlaceholder
	out, err := b.system.AddSolverHint(placeholder, solver.GetHintID(placeholder), inputs, 1)
	if err != nil {
		return 0, err
	}
	return out[0], b.system.AddCommitment(constraint.Groth16Commitment{
		PublicAndCommitmentCommitted: []int{}, PrivateCommitted: committed, CommitmentIndex: out[0]})
}

func init() { solver.RegisterHint(randomMask) }

func randomMask(_ *big.Int, _, out []*big.Int) error {
	var e fr.Element
	if _, err := e.SetRandom(); err != nil {
		return err
	}
	e.BigInt(out[0])
	return nil
}

// term is coefficient * wire.
func (b *builder) term(coefficient int64, wire int) constraint.Term {
	id, known := b.ids[coefficient]
	if !known {
		var e fr.Element
		id = b.id(e.SetInt64(coefficient))
		b.ids[coefficient] = id
	}
	return constraint.Term{CID: id, VID: uint32(wire)}
}

// powerTerm is 2^power * wire.
func (b *builder) powerTerm(power, wire int) constraint.Term {
	if power < 63 {
		return b.term(1<<power, wire)
	}
	return b.bigTerm(new(big.Int).Lsh(big.NewInt(1), uint(power)), wire)
}

func (b *builder) bigTerm(coefficient *big.Int, wire int) constraint.Term {
	var e fr.Element
	return constraint.Term{CID: b.id(e.SetBigInt(coefficient)), VID: uint32(wire)}
}

// times is a term times a number.
func (b *builder) times(t constraint.Term, by *big.Int) constraint.Term {
	var e, f fr.Element
	copy(e[:], b.system.Coefficients[t.CID][:])
	return constraint.Term{CID: b.id(e.Mul(&e, f.SetBigInt(by))), VID: t.VID}
}

// negated is minus a term.
func (b *builder) negated(t constraint.Term) constraint.Term {
	var e fr.Element
	copy(e[:], b.system.Coefficients[t.CID][:])
	return constraint.Term{CID: b.id(e.Neg(&e)), VID: t.VID}
}

// fraction is coefficient / 2^power * wire.
func (b *builder) fraction(coefficient int64, power, wire int) constraint.Term {
	var e, divisor fr.Element
	e.SetInt64(coefficient)
	divisor.SetBigInt(new(big.Int).Lsh(big.NewInt(1), uint(power)))
	return constraint.Term{CID: b.id(e.Div(&e, &divisor)), VID: uint32(wire)}
}

func (b *builder) id(e *fr.Element) uint32 {
	var c constraint.U64
	copy(c[:], e[:])
	return b.system.AddCoeff(c)
}

func (b *builder) wire(w int) sum { return sum{{CID: constraint.CoeffIdOne, VID: uint32(w)}} }

func (b *builder) constrain(left, right, out sum) {
	b.system.AddR1C(constraint.R1C{L: left, R: right, O: out}, b.gate)
}

// The right factor's wires cost the prover a multiplication in the second group, which is three times as slow as in
// the first. So the new wires, most of which are large numbers, are on the left.

func (b *builder) product(left, right sum) sum {
	out := b.wire(b.system.AddInternalVariable())
	b.constrain(left, right, out)
	return out
}

func (b *builder) multiply(left, right, out sum) { b.constrain(left, right, out) }

func (b *builder) quotient(n int, d sum) int {
	out := b.system.AddInternalVariable()
	b.constrain(b.wire(out), d, b.wire(n))
	return out
}

func (b *builder) inverse(d sum) sum {
	out := b.wire(b.system.AddInternalVariable())
	b.constrain(out, d, b.wire(0))
	return out
}

func (b *builder) equal(left, right sum) {
	if len(left) == 0 {
		left = sum{b.term(0, 0)}
	}
	b.constrain(b.wire(0), left, right)
}
