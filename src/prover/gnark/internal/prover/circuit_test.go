package prover

import (
	"math/rand/v2"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/backend/witness"
	bn254cs "github.com/consensys/gnark/constraint/bn254"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/r1cs"
	"github.com/consensys/gnark/std/rangecheck"
)

// randomCircuit adds and multiplies at random: its shape comes from a seed, its output is public.
type randomCircuit struct {
	Out       frontend.Variable `gnark:",public"`
	Shift     frontend.Variable `gnark:",public"`
	In        []frontend.Variable
	seed      uint64
	steps     int
	committed func(c *randomCircuit) []frontend.Variable // nil: no commitment
	look      bool
}

func (c *randomCircuit) Define(api frontend.API) error {
	r := rand.New(rand.NewPCG(c.seed, 0))
	values := append([]frontend.Variable{}, c.In...)
	for range c.steps {
		a, b := values[r.IntN(len(values))], values[r.IntN(len(values))]
		if r.IntN(2) == 0 {
			values = append(values, api.Mul(a, api.Add(b, r.IntN(5)-2)))
		} else {
			values = append(values, api.Sub(api.Mul(a, r.IntN(9)-4), b))
		}
	}
	if c.committed != nil {
		challenge, err := api.(frontend.Committer).Commit(c.committed(c)...)
		if err != nil {
			return err
		}
		api.AssertIsDifferent(challenge, 0)
		api.AssertIsEqual(api.Mul(challenge, c.In[0]), api.Add(api.Mul(challenge, api.Sub(c.In[0], 1)), challenge))
	}
	if c.look {
		check := rangecheck.New(api)
		for _, v := range c.In {
			check.Check(v, 16)
		}
	}
	api.AssertIsEqual(c.Out, api.Add(values[len(values)-1], c.Shift))
	return nil
}

// value runs the circuit on numbers.
func (c *randomCircuit) value(in []fr.Element) fr.Element {
	r := rand.New(rand.NewPCG(c.seed, 0))
	values := append([]fr.Element{}, in...)
	for range c.steps {
		a, b := values[r.IntN(len(values))], values[r.IntN(len(values))]
		var v, k fr.Element
		if r.IntN(2) == 0 {
			k.SetInt64(int64(r.IntN(5) - 2))
			v.Add(&b, &k).Mul(&v, &a)
		} else {
			k.SetInt64(int64(r.IntN(9) - 4))
			v.Mul(&a, &k).Sub(&v, &b)
		}
		values = append(values, v)
	}
	return values[len(values)-1]
}

func (c *randomCircuit) assign(in []fr.Element, out, shift fr.Element) *randomCircuit {
	a := &randomCircuit{Out: out, Shift: shift}
	for _, v := range in {
		a.In = append(a.In, v)
	}
	return a
}

// proving is a circuit with its keys, from gnark's own set-up, and an honest assignment.
type proving struct {
	system     *bn254cs.R1CS
	pk         groth16.ProvingKey
	vk         groth16.VerifyingKey
	assignment *randomCircuit
}

func prepare(t *testing.T, c *randomCircuit, inputs int) *proving {
	t.Helper()
	c.In = make([]frontend.Variable, inputs)
	system, err := frontend.Compile(ecc.BN254.ScalarField(), r1cs.NewBuilder, c)
	if err != nil {
		t.Fatal(err)
	}
	p := &proving{system: system.(*bn254cs.R1CS)}
	if err := groth16.Setup(p.system, &p.pk, &p.vk); err != nil {
		t.Fatal(err)
	}
	in := make([]fr.Element, inputs)
	for i := range in {
		in[i].SetUint64(rand.Uint64N(1 << 16))
	}
	var shift fr.Element
	shift.SetRandom()
	out := c.value(in)
	p.assignment = c.assign(in, *out.Add(&out, &shift), shift)
	return p
}

func (p *proving) witness(t *testing.T) witness.Witness {
	t.Helper()
	w, err := frontend.NewWitness(p.assignment, ecc.BN254.ScalarField())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (p *proving) prove(t *testing.T) *groth16.Proof {
	t.Helper()
	proof, err := Prove(p.system, &p.pk, p.witness(t))
	if err != nil {
		t.Fatal(err)
	}
	return proof
}

func (p *proving) verify(proof *groth16.Proof, public ...any) error {
	v := make(fr.Vector, len(public))
	for i := range v {
		v[i] = public[i].(fr.Element)
	}
	return groth16.Verify(proof, &p.vk, v)
}

func secretInputs(c *randomCircuit) []frontend.Variable { return c.In[:len(c.In)-1] }

func withPublic(c *randomCircuit) []frontend.Variable {
	return append([]frontend.Variable{c.Shift, c.Out}, c.In...)
}

var circuits = map[string]func(seed uint64) *randomCircuit{
	"no commitment": func(seed uint64) *randomCircuit { return &randomCircuit{seed: seed} },
	"a commitment":  func(seed uint64) *randomCircuit { return &randomCircuit{seed: seed, committed: secretInputs} },
	"a commitment to public values, too": func(seed uint64) *randomCircuit {
		return &randomCircuit{seed: seed, committed: withPublic}
	},
	"look-ups": func(seed uint64) *randomCircuit { return &randomCircuit{seed: seed, look: true} },
}
