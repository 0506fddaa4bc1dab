package setup

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	curve "github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/constraint"
	bn254cs "github.com/consensys/gnark/constraint/bn254"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/r1cs"
)

// cubes has public, committed, uncommitted and challenge-dependent wires.
type cubes struct {
	Sum  frontend.Variable `gnark:",public"`
	X, Y frontend.Variable
	Z    frontend.Variable
}

func (c *cubes) Define(api frontend.API) error {
	r, err := api.(frontend.Committer).Commit(c.X, c.Y)
	if err != nil {
		return err
	}
	api.AssertIsEqual(c.Sum, api.Add(api.Mul(c.X, c.X, c.X), api.Mul(c.Y, c.Y), c.Z))
	api.AssertIsEqual(api.Mul(r, api.Sub(c.X, c.Y)), api.Sub(api.Mul(r, c.X), api.Mul(r, c.Y)))
	return nil
}

func compileCubes(t *testing.T) *bn254cs.R1CS {
	t.Helper()
	system, err := frontend.Compile(ecc.BN254.ScalarField(), r1cs.NewBuilder, &cubes{})
	if err != nil {
		t.Fatal(err)
	}
	return system.(*bn254cs.R1CS)
}

// proveAndVerify runs gnark's own prover and verifier under the given keys.
func proveAndVerify(t *testing.T, system *bn254cs.R1CS, pk *groth16.ProvingKey, vk *groth16.VerifyingKey, claimed int64) error {
	t.Helper()
	full, err := frontend.NewWitness(&cubes{Sum: 8 + 25 + 7, X: 2, Y: 5, Z: 7}, ecc.BN254.ScalarField())
	if err != nil {
		t.Fatal(err)
	}
	proof, err := groth16.Prove(system, pk, full)
	if err != nil {
		t.Fatal(err)
	}
	var public fr.Element
	public.SetInt64(claimed)
	return groth16.Verify(proof, vk, fr.Vector{public})
}

func TestKeysWorkWithGnark(t *testing.T) {
	system := compileCubes(t)
	pk, vk, err := Run(system)
	if err != nil {
		t.Fatal(err)
	}
	if err := proveAndVerify(t, system, pk, vk, 40); err != nil {
		t.Errorf("the true statement is rejected: %v", err)
	}
	if err := proveAndVerify(t, system, pk, vk, 41); err == nil {
		t.Error("a false statement is accepted")
	}
	_, other, err := Run(system)
	if err != nil {
		t.Fatal(err)
	}
	if err := proveAndVerify(t, system, pk, other, 40); err == nil {
		t.Error("a proof is accepted under the key of another set-up")
	}
}

// The keys have exactly the shape of those from gnark's own setup.
func TestKeysHaveGnarksShape(t *testing.T) {
	system := compileCubes(t)
	pk, vk, err := Run(system)
	if err != nil {
		t.Fatal(err)
	}
	var gpk groth16.ProvingKey
	var gvk groth16.VerifyingKey
	if err := groth16.Setup(system, &gpk, &gvk); err != nil {
		t.Fatal(err)
	}
	for name, n := range map[string][2]int{
		"A": {len(pk.G1.A), len(gpk.G1.A)}, "B in G1": {len(pk.G1.B), len(gpk.G1.B)}, "B in G2": {len(pk.G2.B), len(gpk.G2.B)},
		"K": {len(pk.G1.K), len(gpk.G1.K)}, "Z": {len(pk.G1.Z), len(gpk.G1.Z)}, "vk K": {len(vk.G1.K), len(gvk.G1.K)},
		"basis":      {len(pk.CommitmentKeys[0].Basis), len(gpk.CommitmentKeys[0].Basis)},
		"infinity A": {int(pk.NbInfinityA), int(gpk.NbInfinityA)}, "infinity B": {int(pk.NbInfinityB), int(gpk.NbInfinityB)},
	} {
		if n[0] != n[1] {
			t.Errorf("%s: %d, gnark's own has %d", name, n[0], n[1])
		}
	}
	for i := range gpk.InfinityA {
		if pk.InfinityA[i] != gpk.InfinityA[i] || pk.InfinityB[i] != gpk.InfinityB[i] {
			t.Errorf("wire %d is at infinity in one of the two keys only", i)
		}
	}
}

// Every point of the key, recomputed one by one from the secrets, by the definition.
func TestKeysFollowTheDefinition(t *testing.T) {
	system := compileCubes(t)
	s, err := drawSecrets(&counter{})
	if err != nil {
		t.Fatal(err)
	}
	pk, vk, err := keys(system, s)
	if err != nil {
		t.Fatal(err)
	}
	_, _, g1, g2 := curve.Generators()
	inG1 := func(e fr.Element) (p curve.G1Affine) { return *p.ScalarMultiplication(&g1, e.BigInt(new(big.Int))) }
	inG2 := func(e fr.Element) (p curve.G2Affine) { return *p.ScalarMultiplication(&g2, e.BigInt(new(big.Int))) }
	a, b, c := atSecret(system, s.t)
	committed := map[int]bool{}
	commitment := system.CommitmentInfo.(constraint.Groth16Commitments)[0]
	for _, i := range commitment.PrivateCommitted {
		committed[i] = true
	}
	div := func(x, y fr.Element) (z fr.Element) { return *z.Div(&x, &y) }
	var nA, nB, nK, nV, nC int
	for i := range a {
		if !a[i].IsZero() {
			if pk.G1.A[nA] != inG1(a[i]) {
				t.Errorf("wire %d: A", i)
			}
			nA++
		}
		if !b[i].IsZero() {
			if pk.G1.B[nB] != inG1(b[i]) || pk.G2.B[nB] != inG2(b[i]) {
				t.Errorf("wire %d: B", i)
			}
			nB++
		}
		var k, v fr.Element
		k.Mul(&a[i], &s.beta)
		v.Mul(&b[i], &s.alpha)
		k.Add(&k, &v).Add(&k, &c[i])
		switch {
		case i < system.GetNbPublicVariables() || i == commitment.CommitmentIndex:
			if vk.G1.K[nV] != inG1(div(k, s.gamma)) {
				t.Errorf("wire %d: public K", i)
			}
			nV++
		case committed[i]:
			over := div(k, s.gamma)
			if pk.CommitmentKeys[0].Basis[nC] != inG1(over) {
				t.Errorf("wire %d: commitment", i)
			}
			if pk.CommitmentKeys[0].BasisExpSigma[nC] != inG1(*over.Mul(&over, &s.sigma)) {
				t.Errorf("wire %d: proof of knowledge", i)
			}
			nC++
		default:
			if pk.G1.K[nK] != inG1(div(k, s.delta)) {
				t.Errorf("wire %d: private K", i)
			}
			nK++
		}
	}
}

// atSecret interpolates each wire's column of the three matrices and evaluates it at t: slow but simple.
func atSecret(system *bn254cs.R1CS, t fr.Element) (a, b, c []fr.Element) {
	internal, secret, public := system.GetNbVariables()
	n := internal + secret + public
	a, b, c = make([]fr.Element, n), make([]fr.Element, n), make([]fr.Element, n)
	rows := system.GetR1Cs()
	size := 1
	for size < len(rows) {
		size *= 2
	}
	points := make([]fr.Element, size) // the powers of a root of unity of that order
	root, err := fr.Generator(uint64(size))
	if err != nil {
		panic(err)
	}
	points[0].SetOne()
	for i := 1; i < size; i++ {
		points[i].Mul(&points[i-1], &root)
	}
	for i, r := range rows {
		value := fr.One() // product over j != i of (t - x_j) / (x_i - x_j)
		for j := range points {
			if j != i {
				var above, below fr.Element
				above.Sub(&t, &points[j])
				below.Sub(&points[i], &points[j])
				value.Mul(&value, above.Div(&above, &below))
			}
		}
		for _, part := range []struct {
			to []fr.Element
			l  constraint.LinearExpression
		}{{a, r.L}, {b, r.R}, {c, r.O}} {
			for _, term := range part.l {
				var v fr.Element
				v.Mul(&value, &system.Coefficients[term.CoeffID()])
				part.to[term.WireID()].Add(&part.to[term.WireID()], &v)
			}
		}
	}
	return a, b, c
}

// counter is a source of distinct bytes: not random, so that a failure is reproducible.
type counter struct{ n byte }

func (c *counter) Read(b []byte) (int, error) {
	for i := range b {
		c.n += 37
		b[i] = c.n
	}
	return len(b), nil
}
