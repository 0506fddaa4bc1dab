package circuit

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// rowsNet brings its input, times a weight, to the common scale, and gives the Softmax of its rows.
func rowsNet(t *testing.T, weight float64, scaleBits int, rows ...int) (*quant.Model, *quant.Plan) {
	t.Helper()
	one := [2]int{1, 1}
	n := 0
	for _, r := range rows {
		n += r
	}
	layer := func(weight float64) network.Linear {
		s := network.Shape{1, 1, n}
		return network.Linear{Weights: []float64{weight}, Bias: []float64{0},
			Geometry: network.Geometry{In: s, Out: s, Group: 1, Kernel: one, Stride: one, Dilation: one}}
	}
	var reads []network.Element
	for i := range n {
		reads = append(reads, network.Element(n+i))
	}
	net := &network.Network{InputDims: []int{1, n}, OutputDims: []int{1, n}, Stages: []network.Stage{
		{Name: "x", Linear: layer(weight)},
		{Name: "softmax", Linear: layer(1), Softmax: &network.Softmax{Rows: rows}, Reads: reads},
		{Name: "y", Linear: layer(1)},
	}}
	m, p, err := quant.Quantize(net, quant.Options{ScaleBits: scaleBits, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m, p
}

// The plan counts the constraints, what the challenge ties together is committed, and an input has one witness:
// values that are near, far apart, a single one, and a table whose step is coarser than the values'.
func TestSoftmaxHasOneWitness(t *testing.T) {
	for name, c := range map[string]struct {
		weight float64
		bits   int
		rows   []int
		excess bool
	}{
		"near": {0.2, 6, []int{3, 2}, false}, "far": {60, 6, []int{4}, true}, "single": {1, 6, []int{1, 2}, false},
	} {
		t.Run(name, func(t *testing.T) {
			m, p := rowsNet(t, c.weight, c.bits, c.rows...)
			if excess := p.Stages[1].High[0] > 0; excess != c.excess {
				t.Fatalf("excess is %v, expected %v", excess, c.excess)
			}
			system := compileCounted(t, m, p)
			checkChallenged(t, system)
			f := newTabled(t, m, system)
			if len(f.lookups) != p.Lookups {
				t.Fatalf("%d look-ups found, expected %d", len(f.lookups), p.Lookups)
			}
			oneWitness(t, f, m, p, rand.New(rand.NewPCG(5, 13)), 80, someInputs(m, 4)...)
		})
	}
}

// softmaxClaim is the Softmax of one row of three, with any numbers in it.
type softmaxClaim struct {
	top, reciprocal, remainder, missing *big.Int // missing from the remainder to twice the sum
	index, excess, e, scaled, y         [3]*big.Int
}

// claimSoftmax is what follows from the values x of a row, if top is its maximum.
func claimSoftmax(m *quant.Model, x []int64, top int64) (c softmaxClaim) {
	s := &m.Stages[1]
	exp, shift := m.Tables[s.Table].Values, m.TableBits+s.Coarse
	zeros := m.Tables[s.Table].Zeros()
	first, sum := int64(len(exp))-zeros, int64(0)
	for i, v := range x {
		index, excess := (s.Multiplier*(top-v)+int64(1)<<(shift-1))>>shift, int64(0)
		if index >= first {
			index, excess = first+(index-first)%zeros, (index-first)/zeros
		}
		c.index[i], c.excess[i], c.e[i] = big.NewInt(index), big.NewInt(excess), big.NewInt(exp[index])
		sum += exp[index]
	}
	c.top = big.NewInt(top)
	dividend := int64(1)<<(2*m.TableBits) + sum
	c.divide(m, big.NewInt(dividend/(2*sum)))
	return c
}

// divide takes a reciprocal, and what follows from it.
func (c *softmaxClaim) divide(m *quant.Model, reciprocal *big.Int) {
	sum := new(big.Int).Add(c.e[0], c.e[1])
	sum.Add(sum, c.e[2])
	twice := new(big.Int).Lsh(sum, 1)
	c.reciprocal = reciprocal
	c.remainder = new(big.Int).Lsh(big.NewInt(1), uint(2*m.TableBits))
	c.remainder.Add(c.remainder, sum).Sub(c.remainder, new(big.Int).Mul(twice, reciprocal))
	c.missing = new(big.Int).Sub(new(big.Int).Sub(twice, big.NewInt(1)), c.remainder)
	for i, e := range c.e {
		c.scaled[i] = new(big.Int).Mul(e, reciprocal)
		y := new(big.Int).Add(c.scaled[i], big.NewInt(int64(1)<<(m.TableBits-1)))
		c.y[i] = y.Rsh(y, uint(m.TableBits))
	}
}

// put replaces the Softmax's part of a witness, which is the last one, and the outputs that are its multiples.
func (c *softmaxClaim) put(m *quant.Model, p *quant.Plan, values []*big.Int) []*big.Int {
	limbs := m.SumLimbs(3)
	var part []*big.Int
	part = append(part, c.top)
	for i := range 3 {
		part = append(append(part, c.index[i]), bigLimbsOf(c.excess[i], int(p.Stages[1].High[i]), m.TableBits)...)
		part = append(part, c.e[i])
	}
	part = append(append(part, c.reciprocal), bigLimbsOf(c.reciprocal, 2, m.TableBits)[1:]...)
	part = append(part, bigLimbsOf(c.remainder, limbs, m.TableBits)...)
	part = append(part, bigLimbsOf(c.missing, limbs, m.TableBits)[1:]...)
	for i := range 3 {
		part = append(part, c.scaled[i], c.y[i])
	}
	forged := append(append([]*big.Int{}, values[:len(values)-len(part)]...), part...)
	for i, y := range c.y {
		out := new(big.Int).Mul(y, big.NewInt(m.Stages[2].Weights[0]))
		forged[1+i] = out.Mod(out, field)
	}
	return forged
}

// bigLimbsOf splits a number into n limbs; the topmost takes the rest. A number that is no integer of that size goes
// into the lowest, whose look-up is of what the others leave.
func bigLimbsOf(v *big.Int, n, bits int) (limbs []*big.Int) {
	rest := new(big.Int).Set(v)
	if v.BitLen() > 200 {
		rest.SetInt64(0)
	}
	mask := big.NewInt(int64(1)<<bits - 1)
	for j := range n {
		limb := new(big.Int).Set(rest)
		if j < n-1 {
			limb.And(rest, mask)
			rest.Rsh(rest, uint(bits))
		}
		limbs = append(limbs, limb)
	}
	return limbs
}

// Each constraint of a Softmax is needed: what violates one is refused with it, and accepted without it.
func TestEveryConstraintOfSoftmaxIsNeeded(t *testing.T) {
	m, p := rowsNet(t, 60, 6, 3)
	s := &m.Stages[1]
	if s.Coarse != 0 || slices.Contains(p.Stages[1].High, 0) || slices.Contains(p.Stages[1].High, 2) {
		t.Fatalf("this is no test of one limb of excess: %v", p.Stages[1].High)
	}
	system, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	// the first value is the maximum, the second near it, the third far below
	_, hi := m.InputBounds()
	input := []int64{hi - 3, hi - 5, -hi / 2}
	values, public := valuesOf(t, m, p, input)
	x := m.Infer(p, input).Outputs[0]
	honest := claimSoftmax(m, x, x[0])
	if got := honest.put(m, p, values); !newTabled(t, m, system).accepts(t, public, got) || !slices.EqualFunc(got, values, func(a, b *big.Int) bool { return a.Cmp(b) == 0 }) {
		t.Fatal("the honest claim is not the honest witness")
	}
	if honest.e[1].Sign() == 0 || honest.e[2].Sign() != 0 || honest.excess[2].Sign() == 0 {
		t.Fatalf("this is no test of near and far values: %+v", honest)
	}
	// look-ups: inputs, the stage before, then per value: rest, excess, e, pair; reciprocal, remainder, missing; per
	// value: rest, y. Products: the maximum, each e times its excess, the reciprocal, each e times it.
	before := len(newTabled(t, m, system).lookups)
	limbs := m.SumLimbs(3)
	before -= 3*4 + 2 + 2*limbs + 3*2
	rest, excess, e, pair := func(i int) int { return before + 4*i }, func(i int) int { return before + 4*i + 1 }, func(i int) int { return before + 4*i + 2 }, func(i int) int { return before + 4*i + 3 }
	reciprocal, remainder, missing := before+12, before+14, before+14+limbs
	restOfY, y := func(i int) int { return missing + limbs + 2*i }, func(i int) int { return missing + limbs + 2*i + 1 }
	table := m.Tables[s.Table]
	zeros := table.Zeros()
	inverse := func(v *big.Int) *big.Int { return new(big.Int).ModInverse(v, field) }
	power := func(n int) *big.Int { return new(big.Int).Lsh(big.NewInt(1), uint(n)) }
	one := big.NewInt(1)
	for _, test := range []struct {
		name             string
		forge            func(c *softmaxClaim)
		lookups, factors map[int]bool
	}{
		{"a maximum that is no value", func(c *softmaxClaim) { *c = claimSoftmax(m, x, x[0]+1) }, nil, set(0)},
		{"a maximum that is smaller than a value", func(c *softmaxClaim) {
			*c = claimSoftmax(m, []int64{x[1], x[1], x[2]}, x[1])
		}, set(rest(0)), nil},
		{"the exp of another value", func(c *softmaxClaim) {
			c.index[1].Add(c.index[1], one)
			c.e[1] = big.NewInt(table.Values[c.index[1].Int64()])
			c.divide(m, reciprocalOf(m, c))
		}, set(rest(1)), nil},
		{"a value that is no exp", func(c *softmaxClaim) { c.e[1].Add(c.e[1], one); c.divide(m, reciprocalOf(m, c)) }, set(pair(1)), nil},
		{"a near value taken for a far one", func(c *softmaxClaim) {
			first := int64(len(table.Values)) - zeros
			steps := (first - c.index[1].Int64() + zeros - 1) / zeros
			c.index[1], c.excess[1], c.e[1] = big.NewInt(c.index[1].Int64()+steps*zeros), big.NewInt(-steps), new(big.Int)
			c.divide(m, reciprocalOf(m, c))
		}, set(excess(1)), nil},
		{"a far value taken for a near one", func(c *softmaxClaim) {
			first := int64(len(table.Values)) - zeros
			steps := (c.index[2].Int64() - first + zeros) / zeros
			for steps*zeros < zeros || table.Values[c.index[2].Int64()-steps*zeros] == 0 {
				steps++
			}
			c.index[2], c.excess[2] = big.NewInt(c.index[2].Int64()-steps*zeros), big.NewInt(c.excess[2].Int64()+steps)
			c.e[2] = big.NewInt(table.Values[c.index[2].Int64()])
			c.divide(m, reciprocalOf(m, c))
		}, nil, set(3)},
		{"an exp that is no integer", func(c *softmaxClaim) { // the pair still is an entry
			c.index[1].Add(c.index[1], inverse(power(m.TableBits)))
			c.e[1].Sub(c.e[1], inverse(power(m.TableBits+indexBits)))
			c.e[1].Mod(c.e[1], field)
		}, set(e(1), missing), set(4, 6)},
		{"a larger reciprocal", func(c *softmaxClaim) { c.divide(m, new(big.Int).Add(c.reciprocal, one)) }, set(remainder + limbs - 1), nil},
		{"a smaller reciprocal", func(c *softmaxClaim) { c.divide(m, new(big.Int).Sub(c.reciprocal, one)) }, set(missing + limbs - 1), nil},
		{"a reciprocal of another sum", func(c *softmaxClaim) {
			r, m0 := c.remainder, c.missing
			c.divide(m, new(big.Int).Add(c.reciprocal, one))
			c.remainder, c.missing = r, m0
		}, nil, set(4)},
		{"a reciprocal that is no integer", func(c *softmaxClaim) {
			sum := new(big.Int).Add(new(big.Int).Add(c.e[0], c.e[1]), c.e[2])
			step := inverse(sum.Lsh(sum, 1))
			c.reciprocal.Add(c.reciprocal, step)
			c.remainder.Sub(c.remainder, one)
			c.missing.Add(c.missing, one)
			for i := range 3 {
				change := new(big.Int).Mul(step, c.e[i])
				c.scaled[i].Add(c.scaled[i], change).Mod(c.scaled[i], field)
				c.y[i] = new(big.Int).Add(c.y[i], change.Mul(change, inverse(power(m.TableBits))))
				c.y[i].Mod(c.y[i], field)
			}
		}, set(reciprocal, y(0), y(1)), nil},
		{"a value of another product", func(c *softmaxClaim) { c.scaled[1].Add(c.scaled[1], power(m.TableBits)); c.y[1].Add(c.y[1], one) }, nil, set(6)},
		{"a value that is off by one", func(c *softmaxClaim) { c.y[1].Add(c.y[1], one) }, set(restOfY(1)), nil},
		{"a value that is no integer", func(c *softmaxClaim) { c.y[1].Add(c.y[1], inverse(power(m.TableBits))) }, set(y(1)), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := claimSoftmax(m, x, x[0])
			test.forge(&c)
			forged := c.put(m, p, values)
			if newTabled(t, m, system).accepts(t, public, forged) {
				t.Fatal("the circuit accepts it")
			}
			weak := compileWith(t, m, p, &weakGates{skipLookups: test.lookups, skipFactors: test.factors})
			if !newTabled(t, m, weak).accepts(t, public, forged) {
				t.Fatal("the mutant refuses it, too")
			}
		})
	}
}

// reciprocalOf is the honest one of a claim's exps.
func reciprocalOf(m *quant.Model, c *softmaxClaim) *big.Int {
	sum := new(big.Int).Add(new(big.Int).Add(c.e[0], c.e[1]), c.e[2])
	dividend := new(big.Int).Lsh(big.NewInt(1), uint(2*m.TableBits))
	return dividend.Add(dividend, sum).Quo(dividend, sum.Lsh(sum, 1))
}
