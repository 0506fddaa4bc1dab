package circuit

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/consensys/gnark/constraint"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// normNet brings its input to the common scale and normalises rows of three values.
func normNet(t *testing.T, weight float64, rows int, uncentred bool) (*quant.Model, *quant.Plan) {
	t.Helper()
	one := [2]int{1, 1}
	n := 3 * rows
	layer := func(shape network.Shape, weights ...float64) network.Linear {
		return network.Linear{Weights: weights, Bias: make([]float64, shape[0]),
			Geometry: network.Geometry{In: shape, Out: shape, Group: shape[0], Kernel: one, Stride: one, Dilation: one}}
	}
	var weights []float64
	for range rows {
		weights = append(weights, 1, -0.5, 2)
	}
	net := &network.Network{InputDims: []int{1, n}, OutputDims: []int{1, n}, Stages: []network.Stage{
		{Name: "x", Linear: layer(network.Shape{1, 1, n}, weight)},
		{Name: "norm", Linear: layer(network.Shape{n, 1, 1}, weights...), Norm: &network.Norm{Size: 3, Epsilon: 1e-3, Uncentred: uncentred}},
	}}
	m, p, err := quant.Quantize(net, quant.Options{ScaleBits: 6, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m, p
}

// The plan counts the constraints, what the challenge ties together is committed, and an input has one witness.
func TestNormalisationHasOneWitness(t *testing.T) {
	for i, weight := range []float64{1, 20, 1, 20} {
		m, p := normNet(t, weight, 2, i >= 2)
		system := compileCounted(t, m, p)
		checkChallenged(t, system)
		f := forger{system, lookupsOf(t, system), 1 << m.TableBits}
		if len(f.lookups) != p.Lookups {
			t.Fatalf("%d look-ups found, expected %d", len(f.lookups), p.Lookups)
		}
		oneWitness(t, &f, m, p, rand.New(rand.NewPCG(5, 17)), 80, someInputs(m, 5)...)
	}
}

// normClaim is the normalisation of one row of three, with any numbers in it.
type normClaim struct {
	mean, root, below, above *big.Int
	scaled, y                [3]*big.Int
}

// claimNorm is what follows from the values x of a row, if that is their mean; the root may be another by so much.
func claimNorm(m *quant.Model, x []int64, mean, moreRoot int64) (c normClaim) {
	s := &m.Stages[1]
	square := big.NewInt(m.NormEpsilon(s))
	for _, v := range x {
		d := big.NewInt(v<<m.NormMeanBits() - mean)
		square.Add(square, d.Mul(d, d))
	}
	target := m.NormTarget(s)
	c.mean = big.NewInt(mean)
	c.root = new(big.Int).Sqrt(new(big.Int).Quo(target, square))
	c.root.Add(c.root, big.NewInt(moreRoot))
	c.below = new(big.Int).Sub(target, new(big.Int).Mul(new(big.Int).Mul(c.root, c.root), square))
	next := new(big.Int).Add(new(big.Int).Lsh(c.root, 1), big.NewInt(1))
	c.above = next.Mul(next, square)
	c.above.Sub(c.above, c.below).Sub(c.above, big.NewInt(1))
	for i, v := range x {
		c.scaled[i] = new(big.Int).Mul(big.NewInt(v<<m.NormMeanBits()-mean), c.root)
		c.y[i] = new(big.Int).Rsh(c.sum(m, i), uint(2*m.TableBits))
	}
	return c
}

// sum is the value before it is rounded.
func (c *normClaim) sum(m *quant.Model, i int) *big.Int {
	sum := new(big.Int).Mul(c.scaled[i], big.NewInt(m.Stages[1].Weights[i]))
	return sum.Add(sum, big.NewInt(m.Stages[1].Bias[i]+int64(1)<<(2*m.TableBits-1)))
}

// put replaces the normalisation's part of a witness, which is the last one, and the outputs, which are its values.
func (c *normClaim) put(m *quant.Model, p *quant.Plan, x []int64, values []*big.Int) []*big.Int {
	plan, bits := &p.Stages[1].Rows[0], m.TableBits
	upper := func(v *big.Int, n int) []*big.Int { return bigLimbsOf(v, n, bits)[1:] }
	rest := big.NewInt(1)
	for _, v := range x {
		rest.Add(rest, big.NewInt(v<<m.NormMeanBits()))
	}
	rest.Sub(rest, new(big.Int).Mul(big.NewInt(3), c.mean))
	var part []*big.Int
	if !m.Stages[1].Norm.Uncentred {
		part = append([]*big.Int{c.mean}, upper(new(big.Int).Add(c.mean, big.NewInt(plan.Offset)), plan.Mean)...)
		part = append(append(part, upper(rest, plan.Rest)...), upper(new(big.Int).Sub(big.NewInt(2), rest), plan.Rest)...)
	}
	part = append(append(part, c.root), upper(c.root, plan.Root)...)
	part = append(append(part, bigLimbsOf(c.below, plan.Below, bits)...), bigLimbsOf(c.above, plan.Above, bits)...)
	for i, y := range c.y {
		left := new(big.Int).Sub(c.sum(m, i), new(big.Int).Lsh(y, uint(2*bits)))
		part = append(append(part, c.scaled[i]), upper(left.Mod(left, field), 2)...)
		part = append(append(part, y), upper(new(big.Int).Add(y, big.NewInt(p.Stages[1].Offset[i])), int(p.Stages[1].Out[i]))...)
	}
	forged := append(append([]*big.Int{}, values[:len(values)-len(part)]...), part...)
	for i, y := range c.y {
		forged[1+i] = y
	}
	return forged
}

// Each constraint of a normalisation is needed: what violates one is refused with it, and accepted without it.
func TestEveryConstraintOfNormalisationIsNeeded(t *testing.T) {
	for name, uncentred := range map[string]bool{"centred": false, "not centred": true} {
		t.Run(name, func(t *testing.T) { everyConstraintOfNormalisationIsNeeded(t, uncentred) })
	}
}

func everyConstraintOfNormalisationIsNeeded(t *testing.T, uncentred bool) {
	m, p := normNet(t, 1, 1, uncentred)
	system, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	plan := &p.Stages[1].Rows[0]
	input := []int64{11, -7, 20}
	values, public := valuesOf(t, m, p, input)
	x := m.Infer(p, input).Outputs[0]
	var mean int64
	m.NormRows(&m.Stages[1], m.Infer(p, input).Values, func(_ int, r *quant.NormRow) { mean = r.Mean })
	honest := claimNorm(m, x, mean, 0)
	accepts := func(system constraint.ConstraintSystem, forged []*big.Int) bool {
		f := forger{system, lookupsOf(t, system), 1 << m.TableBits}
		return f.accepts(t, public, forged)
	}
	if got := honest.put(m, p, x, values); !accepts(system, got) || !slices.EqualFunc(got, values, func(a, b *big.Int) bool { return a.Cmp(b) == 0 }) {
		t.Fatal("the honest claim is not the honest witness")
	}
	// look-ups: …, the mean, its rest, what is missing to d - 1, the root, below, above; per value: rest, y. Products:
	// the root's two relations, each c times it.
	lookups := len(lookupsOf(t, system))
	last := lookups
	var restOf, yOf [3]int
	for i := 2; i >= 0; i-- {
		yOf[i] = last - int(p.Stages[1].Out[i])
		restOf[i] = yOf[i] - 2
		last = restOf[i]
	}
	above := last - plan.Above
	below := above - plan.Below
	root := below - plan.Root
	missing := root - plan.Rest
	rest := missing - plan.Rest
	meanAt := rest - plan.Mean
	all := func(from, n int) map[int]bool {
		s := map[int]bool{}
		for i := range n {
			s[from+i] = true
		}
		return s
	}
	inverse := func(v int64) *big.Int { return new(big.Int).ModInverse(big.NewInt(v), field) }
	field2b := inverse(int64(1) << (2 * m.TableBits))
	one := big.NewInt(1)
	for _, test := range []struct {
		name             string
		claim            func() normClaim
		lookups, factors map[int]bool
	}{
		{"a larger mean", func() normClaim { return claimNorm(m, x, mean+1, 0) }, set(rest), nil},
		{"a smaller mean", func() normClaim { return claimNorm(m, x, mean-1, 0) }, set(missing), nil},
		{"a larger root", func() normClaim { return claimNorm(m, x, mean, 1) }, set(below + plan.Below - 1), nil},
		{"a smaller root", func() normClaim { return claimNorm(m, x, mean, -1) }, set(above + plan.Above - 1), nil},
		{"a larger root with another remainder", func() normClaim {
			c := claimNorm(m, x, mean, 1)
			c.above.Add(c.above, c.below).Sub(c.above, honest.below)
			c.below = honest.below
			return c
		}, nil, set(0)},
		{"a smaller root with another remainder", func() normClaim {
			c := claimNorm(m, x, mean, -1)
			c.above = honest.above
			return c
		}, nil, set(1)},
		{"another product", func() normClaim {
			c := honest
			weight := new(big.Int).ModInverse(big.NewInt(m.Stages[1].Weights[1]), field)
			c.scaled[1] = weight.Add(new(big.Int).Mul(weight, big.NewInt(int64(1)<<(2*m.TableBits))), c.scaled[1])
			c.y[1] = new(big.Int).Add(c.y[1], one)
			return c
		}, nil, set(3)},
		{"a value that is off by one", func() normClaim {
			c := honest
			c.y[1] = new(big.Int).Add(c.y[1], one)
			return c
		}, all(restOf[1], 2), nil},
		{"a value that is no integer", func() normClaim {
			c := honest
			c.y[1] = new(big.Int).Add(c.y[1], field2b)
			return c
		}, set(yOf[1]), nil},
		{"a mean that is no integer", func() normClaim { // one third more, and what follows from it
			c := honest
			c.mean = new(big.Int).Add(c.mean, inverse(3))
			return c
		}, set(meanAt), set(0, 1, 2, 3, 4)},
		{"a root that is no integer", func() normClaim {
			c := honest
			c.root = new(big.Int).Add(c.root, inverse(3))
			return c
		}, set(root), set(0, 1, 2, 3, 4)},
		{"a remainder that is no integer", func() normClaim {
			c := honest
			c.below = new(big.Int).Add(c.below, inverse(3))
			return c
		}, set(below), set(0, 1)},
	} {
		if uncentred && strings.Contains(test.name, "mean") {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			c := test.claim()
			forged := c.put(m, p, x, values)
			if accepts(system, forged) {
				t.Fatal("the circuit accepts it")
			}
			if !accepts(compileWith(t, m, p, &weakGates{skipLookups: test.lookups, skipFactors: test.factors}), forged) {
				t.Fatal("the mutant refuses it, too")
			}
		})
	}
}
