package circuit

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/consensys/gnark/constraint"
	bn254cs "github.com/consensys/gnark/constraint/bn254"
	"github.com/consensys/gnark/constraint/solver"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// matrixNet brings its input to the common scale, multiplies matrices of it, and gives the products.
func matrixNet(t *testing.T, size network.Matrices, zeros ...int) (*quant.Model, *quant.Plan) {
	t.Helper()
	one := [2]int{1, 1}
	layer := func(n int, weight float64) network.Linear {
		s := network.Shape{1, 1, n}
		return network.Linear{Weights: []float64{weight}, Bias: []float64{0},
			Geometry: network.Geometry{In: s, Out: s, Group: 1, Kernel: one, Stride: one, Dilation: one}}
	}
	inputs, outputs := size.Left()+size.Right(), size.Count*size.Rows*size.Cols
	var reads []network.Element
	for i := range inputs {
		reads = append(reads, network.Element(inputs+i))
	}
	for _, i := range zeros {
		reads[i] = network.None
	}
	net := &network.Network{InputDims: []int{1, inputs}, OutputDims: []int{1, outputs}, Stages: []network.Stage{
		{Name: "x", Linear: layer(inputs, 1)},
		{Name: "c", Linear: layer(outputs, 1), Matrices: &size, Reads: reads},
		{Name: "y", Linear: layer(outputs, 1)},
	}}
	m, p, err := quant.Quantize(net, quant.Options{ScaleBits: 5, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m, p
}

// Products of matrices, by the random check and one by one, with zeros among them: the plan counts their constraints,
// an input has one witness, and the conditions of the random check hold in the compiled system.
func TestMatricesHaveOneWitness(t *testing.T) {
	for name, c := range map[string]struct {
		size   network.Matrices
		zeros  []int
		direct bool
	}{
		"random":        {network.Matrices{Count: 1, Rows: 4, Inner: 3, Cols: 5, Factor: 1}, nil, false},
		"several":       {network.Matrices{Count: 2, Rows: 3, Inner: 4, Cols: 4, Factor: 0.5}, nil, false},
		"with zeros":    {network.Matrices{Count: 1, Rows: 4, Inner: 4, Cols: 4, Factor: 1}, []int{1, 2, 3, 6, 7, 11, 16, 17, 20, 24, 28}, false},
		"an empty row":  {network.Matrices{Count: 1, Rows: 4, Inner: 4, Cols: 4, Factor: 1}, []int{0, 1, 2, 3, 0, 4, 8, 12}, false},
		"row and zeros": {network.Matrices{Count: 1, Rows: 1, Inner: 4, Cols: 3, Factor: 1}, []int{1, 5, 9}, true},
		"column":        {network.Matrices{Count: 2, Rows: 3, Inner: 3, Cols: 1, Factor: 1}, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			m, p := matrixNet(t, c.size, c.zeros...)
			if m.Stages[1].Direct() != c.direct {
				t.Fatalf("direct is %v, expected %v", m.Stages[1].Direct(), c.direct)
			}
			system := compileCounted(t, m, p)
			checkChallenged(t, system)
			f := forger{system, lookupsOf(t, system), 1 << m.TableBits}
			oneWitness(t, &f, m, p, rand.New(rand.NewPCG(3, 11)), 60, someInputs(m, 3)...)
			// without the check any product is accepted: the claim is off by one in its first value, and so is the output
			values, public := valuesOf(t, m, p, someInput(m, 1))
			at := len(values) - c.size.Count*c.size.Rows*c.size.Cols
			weight := m.Stages[2].Weights[0]
			values[at] = new(big.Int).Add(values[at], big.NewInt(1))
			values[1] = new(big.Int).Add(values[1], big.NewInt(weight))
			if f.accepts(t, public, values) {
				t.Error("a product that is off by one is accepted")
			}
			weak := compileWith(t, m, p, &weakGates{skipProducts: true})
			if f := (forger{weak, lookupsOf(t, weak), 1 << m.TableBits}); !f.accepts(t, public, values) {
				t.Error("without the check a product that is off by one is refused, too")
			}
		})
	}
}

// checkChallenged reads the conditions of random checks off a system: what depends on the challenge depends, besides
// it, on committed wires alone, neither public ones nor solver's wires that do not come from the challenge.
func checkChallenged(t *testing.T, system constraint.ConstraintSystem) {
	t.Helper()
	r1cs := system.(*bn254cs.R1CS)
	info := r1cs.CommitmentInfo.(constraint.Groth16Commitments)[0]
	committed := map[int]bool{0: true}
	for _, w := range info.PrivateCommitted {
		committed[w] = true
	}
	challenged := map[int]bool{info.CommitmentIndex: true}
	internal := r1cs.GetNbPublicVariables() + r1cs.GetNbSecretVariables()
	checks := 0
	for _, r := range r1cs.GetR1Cs() { // a wire's first constraint is the one that computes it
		depends := false
		var fresh []int
		all := append(append(append(constraint.LinearExpression{}, r.L...), r.R...), r.O...)
		for _, term := range all {
			depends = depends || challenged[term.WireID()]
		}
		if !depends {
			continue
		}
		checks++
		for _, term := range all {
			if w := term.WireID(); !challenged[w] && !committed[w] {
				if w < internal {
					t.Fatalf("constraint %d ties wire %d, which is not committed to, to the challenge", checks, w)
				}
				fresh = append(fresh, w)
			}
		}
		if len(fresh) > 1 {
			t.Fatalf("a constraint with the challenge has %d wires that are neither committed to nor computed from it", len(fresh))
		}
		for _, w := range fresh {
			challenged[w] = true
		}
	}
	if checks == 0 {
		t.Fatal("nothing depends on the challenge")
	}
}

// withoutMask fixes the commitment's mask, as a cheater would.
var withoutMask = solver.OverrideHint(solver.GetHintID(randomMask), func(_ *big.Int, _, out []*big.Int) error {
	out[0].SetInt64(1)
	return nil
})

// If the products are left out of the commitment, they can be chosen after the challenge: small changes that cancel
// in the random check lead to another output, which no honest input gives.
func TestUncommittedProductsAreExploited(t *testing.T) {
	m, p := matrixNet(t, network.Matrices{Count: 1, Rows: 3, Inner: 4, Cols: 3, Factor: 1})
	x := someInput(m, 5)
	values, public := valuesOf(t, m, p, x)
	at := len(values) - 9 // the first of the products, in values and one less than its wire
	mutant := newBuilder(0)
	mutant.omit = map[int]bool{}
	for i := range 9 {
		mutant.omit[1+at+i] = true
	}
	if err := state(m, p, mutant, mutant); err != nil {
		t.Fatal(err)
	}
	honest, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		system  constraint.ConstraintSystem
		exploit bool
	}{"the mutant": {mutant.system, true}, "the circuit": {honest, false}} {
		f := forger{c.system, lookupsOf(t, c.system), 1 << m.TableBits}
		solution, err := solve(c.system, f.counted(t, public, values), withoutMask)
		if err != nil {
			t.Fatalf("%s refuses the honest witness: %v", name, err)
		}
		challenge := new(big.Int)
		solution.(*bn254cs.R1CSSolution).W[c.system.(*bn254cs.R1CS).CommitmentInfo.(constraint.Groth16Commitments)[0].CommitmentIndex].BigInt(challenge)
		change := cancelling(challenge, 9)
		forged := append([]*big.Int{}, values...)
		for i, d := range change {
			forged[at+i] = new(big.Int).Add(values[at+i], d)
			forged[1+i] = new(big.Int).Add(values[1+i], new(big.Int).Mul(d, big.NewInt(m.Stages[2].Weights[0])))
			if !forged[1+i].IsInt64() {
				t.Fatalf("output %d would be %v, which no file can state", i, forged[1+i])
			}
		}
		if _, err := solve(c.system, f.counted(t, public, forged), withoutMask); (err == nil) != c.exploit {
			t.Errorf("%s: the exploit is accepted: %v, expected %v (%v)", name, !c.exploit, c.exploit, err)
		}
	}
}

// cancelling are small numbers, not all zero, for which the sum of number_i c^(n-1-i) is zero in the field: a short
// vector of a lattice, by the algorithm of Lenstra, Lenstra and Lovasz.
func cancelling(c *big.Int, n int) []*big.Int {
	basis := make([][]*big.Int, n)
	power := big.NewInt(1)
	for i := n - 1; i >= 0; i-- { // unit vectors with what makes up for them in the last place
		basis[i] = make([]*big.Int, n)
		for j := range n {
			basis[i][j] = new(big.Int)
		}
		if i == n-1 {
			basis[i][n-1].Set(field)
		} else {
			basis[i][i].SetInt64(1)
			basis[i][n-1].Neg(power.Mod(power.Mul(power, c), field))
		}
	}
	dot := func(a, b []*big.Rat) *big.Rat {
		sum := new(big.Rat)
		for i := range a {
			sum.Add(sum, new(big.Rat).Mul(a[i], b[i]))
		}
		return sum
	}
	rational := func(v []*big.Int) (r []*big.Rat) {
		for _, x := range v {
			r = append(r, new(big.Rat).SetInt(x))
		}
		return r
	}
	var stars [][]*big.Rat
	coefficient := func(k, j int) *big.Rat {
		return new(big.Rat).Quo(dot(rational(basis[k]), stars[j]), dot(stars[j], stars[j]))
	}
	orthogonalise := func(upTo int) {
		stars = stars[:min(len(stars), max(upTo-1, 0))]
		for k := len(stars); k <= upTo; k++ {
			star := rational(basis[k])
			for j := range k {
				mu := coefficient(k, j)
				for i := range star {
					star[i].Sub(star[i], new(big.Rat).Mul(mu, stars[j][i]))
				}
			}
			stars = append(stars, star)
		}
	}
	for k := 1; k < n; {
		orthogonalise(k)
		for j := k - 1; j >= 0; j-- {
			mu := coefficient(k, j)
			twice := new(big.Int).Add(new(big.Int).Lsh(mu.Num(), 1), mu.Denom())
			nearest := new(big.Int).Div(twice, new(big.Int).Lsh(mu.Denom(), 1))
			for i := range n {
				basis[k][i].Sub(basis[k][i], new(big.Int).Mul(nearest, basis[j][i]))
			}
		}
		mu := coefficient(k, k-1)
		limit := new(big.Rat).Sub(big.NewRat(3, 4), new(big.Rat).Mul(mu, mu))
		if dot(stars[k], stars[k]).Cmp(limit.Mul(limit, dot(stars[k-1], stars[k-1]))) >= 0 {
			k++
		} else {
			basis[k], basis[k-1] = basis[k-1], basis[k]
			stars = stars[:k-1]
			k = max(k-1, 1)
		}
	}
	return basis[0]
}
