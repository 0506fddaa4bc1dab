package prover

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/fft"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
)

func TestGnarkVerifiesOurProofs(t *testing.T) {
	for name, circuit := range circuits {
		for i, steps := range []int{1, 2, 9, 150, 3000} {
			t.Run(fmt.Sprintf("%s, %d steps", name, steps), func(t *testing.T) {
				c := circuit(uint64(i))
				c.steps = steps
				p := prepare(t, c, 3+2*i)
				proof := p.prove(t)
				if err := p.verify(proof, p.assignment.Out, p.assignment.Shift); err != nil {
					t.Errorf("the true statement is rejected: %v", err)
				}
				if err := p.verify(proof, p.assignment.Shift, p.assignment.Out); err == nil {
					t.Error("a false statement is accepted")
				}
			})
		}
	}
}

func TestWrongWitnessIsRefused(t *testing.T) {
	for name, circuit := range circuits {
		t.Run(name, func(t *testing.T) {
			c := circuit(7)
			c.steps = 20
			p := prepare(t, c, 4)
			var wrong fr.Element
			out := p.assignment.Out.(fr.Element)
			p.assignment.Out = *wrong.Add(&out, wrong.SetOne())
			if _, err := Prove(p.system, &p.pk, p.witness(t)); err == nil {
				t.Error("it is proved")
			}
		})
	}
}

// A is hidden by one random scalar, B by another: neither repeats, and the A of one proof with the B of another proof
// of the same statement is not a proof.
func TestProofsOfOneStatementDiffer(t *testing.T) {
	for name, circuit := range circuits {
		t.Run(name, func(t *testing.T) {
			c := circuit(8)
			c.steps = 20
			p := prepare(t, c, 4)
			one, other := p.prove(t), p.prove(t)
			if one.Ar == other.Ar || one.Bs == other.Bs || one.Krs == other.Krs {
				t.Error("two proofs share a point")
			}
			mixed := *one
			mixed.Bs = other.Bs
			if p.verify(&mixed, p.assignment.Out, p.assignment.Shift) == nil {
				t.Error("a mixture of two proofs is accepted")
			}
		})
	}
}

func TestKeyOfAnotherSystemIsRefused(t *testing.T) {
	p, q := prepare(t, &randomCircuit{steps: 9}, 3), prepare(t, &randomCircuit{steps: 9, committed: secretInputs}, 3)
	if _, err := Prove(p.system, &q.pk, p.witness(t)); !errors.Is(err, ErrKey) {
		t.Errorf("a key with a commitment, a system without: %v", err)
	}
	if _, err := Prove(q.system, &p.pk, q.witness(t)); !errors.Is(err, ErrKey) {
		t.Errorf("a key without a commitment, a system with one: %v", err)
	}
	for name, spoil := range map[string]func(pk *groth16.ProvingKey){
		"A":         func(pk *groth16.ProvingKey) { pk.G1.A = pk.G1.A[1:] },
		"B":         func(pk *groth16.ProvingKey) { pk.G1.B = pk.G1.B[1:] },
		"B in G2":   func(pk *groth16.ProvingKey) { pk.G2.B = pk.G2.B[1:] },
		"K":         func(pk *groth16.ProvingKey) { pk.G1.K = pk.G1.K[1:] },
		"Z":         func(pk *groth16.ProvingKey) { pk.G1.Z = pk.G1.Z[1:] },
		"wires":     func(pk *groth16.ProvingKey) { pk.InfinityA = pk.InfinityA[1:] },
		"domain":    func(pk *groth16.ProvingKey) { pk.Domain, pk.G1.Z = *fft.NewDomain(2), pk.G1.Z[:1] },
		"basis":     func(pk *groth16.ProvingKey) { pk.CommitmentKeys[0].Basis = pk.CommitmentKeys[0].Basis[1:] },
		"knowledge": func(pk *groth16.ProvingKey) { pk.CommitmentKeys[0].BasisExpSigma = nil },
	} {
		pk := q.pk
		pk.CommitmentKeys = slices.Clone(pk.CommitmentKeys)
		spoil(&pk)
		if _, err := Prove(q.system, &pk, q.witness(t)); !errors.Is(err, ErrKey) {
			t.Errorf("%s of another size: %v", name, err)
		}
	}
}
