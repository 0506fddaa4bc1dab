package circuit

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/backend/witness"
	"github.com/consensys/gnark/constraint"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

var field = ecc.BN254.ScalarField()

// oneWindow is the smallest network with everything in it: a 1x1 convolution of a 2x2 image by 1.5, one 2x2 max-pool
// over it, with or without ReLU.
func oneWindow(t *testing.T, relu bool) (*quant.Model, *quant.Plan) {
	t.Helper()
	one := [2]int{1, 1}
	conv := network.Geometry{In: network.Shape{1, 2, 2}, Out: network.Shape{1, 2, 2}, Group: 1, Kernel: one, Stride: one, Dilation: one}
	pool := conv
	pool.Out, pool.Kernel = network.Shape{1, 1, 1}, [2]int{2, 2}
	net := &network.Network{InputDims: []int{1, 1, 2, 2}, OutputDims: []int{1, 1, 1, 1}, Stages: []network.Stage{{
		Name: "window", Linear: network.Linear{Geometry: conv, Weights: []float64{1.5}, Bias: []float64{0.25}}, Pool: &pool, Relu: relu,
	}}}
	m, p, err := quant.Quantize(net, quant.Options{ScaleBits: 6, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m, p
}

// claim is what a prover of oneWindow claims. Any value may be any field element.
type claim struct {
	x     []int64
	scale int64
	y     *big.Int   // of the circuit
	out   *big.Int   // the public output; nil: y
	upper []*big.Int // limbs of y above the lowest
	high  [][]*big.Int
	// adjust changes the table counts, which otherwise are the best possible: every looked-up value that is in the table
	// is counted.
	adjust func(counts []*big.Int)
	// uncounted are the look-ups (by their order) that a mutant omits.
	uncounted map[int]bool
}

// honest is the claim that follows from x.
func honest(m *quant.Model, p *quant.Plan, x []int64) claim {
	t := m.Infer(p, x)
	return claimOf(m, p, x, t.Sums[0], t.Output()[0])
}

// claimOf claims y for x, with the limbs that fit y best.
func claimOf(m *quant.Model, p *quant.Plan, x, sums []int64, y int64) claim {
	s := &p.Stages[0]
	c := claim{x: x, scale: int64(m.OutputBits()), y: big.NewInt(y)}
	c.upper = limbsOf((y+s.Offset[0])>>m.TableBits, int(s.Out[0])-1, m.TableBits)
	for i, l := range sums {
		c.high = append(c.high, limbsOf(y-l>>m.TableBits, int(s.High[i]), m.TableBits))
	}
	return c
}

// limbsOf splits v into n limbs; the topmost takes the rest, including the sign.
func limbsOf(v int64, n, bits int) []*big.Int {
	var out []*big.Int
	for j := range n {
		limb := v
		if j < n-1 {
			limb &= 1<<bits - 1
		}
		out = append(out, big.NewInt(limb))
		v >>= bits
	}
	return out
}

// lookups lists the looked-up values in the circuit's order.
func (c *claim) lookups(m *quant.Model, p *quant.Plan) []*big.Int {
	var all []*big.Int
	least, _ := m.InputBounds()
	for _, x := range c.x {
		all = append(all, big.NewInt(x-least))
	}
	split := func(value *big.Int, limbs []*big.Int) {
		for j, limb := range limbs {
			value = new(big.Int).Sub(value, new(big.Int).Lsh(limb, uint(m.TableBits*(j+1))))
		}
		all = append(append(all, value), limbs...)
	}
	split(new(big.Int).Add(c.y, big.NewInt(p.Stages[0].Offset[0])), c.upper)
	terms := m.Terms(&m.Stages[0])
	for i, x := range c.x {
		bias, ts := terms.At(i, false)
		d := new(big.Int).Lsh(c.y, uint(m.TableBits))
		d.Add(d, big.NewInt(int64(1)<<m.TableBits-1-bias-ts[0].Weight*x))
		split(d, c.high[i])
	}
	return all
}

// witness is the claim in gnark's form.
func (c *claim) witness(t *testing.T, m *quant.Model, p *quant.Plan) witness.Witness {
	t.Helper()
	counts := make([]*big.Int, 1<<m.TableBits)
	for i := range counts {
		counts[i] = new(big.Int)
	}
	for i, v := range c.lookups(m, p) {
		if v = new(big.Int).Mod(v, field); v.Cmp(big.NewInt(int64(len(counts)))) < 0 && !c.uncounted[i] {
			counts[v.Int64()].Add(counts[v.Int64()], big.NewInt(1))
		}
	}
	if c.adjust != nil {
		c.adjust(counts)
	}
	if c.out == nil {
		c.out = c.y
	}
	values := []*big.Int{big.NewInt(c.scale), c.out}
	for _, x := range c.x {
		values = append(values, big.NewInt(x))
	}
	values = append(append(values, c.y), c.upper...)
	for _, h := range c.high {
		values = append(values, h...)
	}
	values = append(values, counts...)
	ch := make(chan any, len(values))
	for _, v := range values {
		ch <- new(big.Int).Mod(v, field)
	}
	close(ch)
	w, err := witness.New(field)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Fill(2, len(values)-2, ch); err != nil {
		t.Fatal(err)
	}
	return w
}

// weakGates omits the look-ups and the equalities with the given numbers.
type weakGates struct {
	gates
	lookups, equalities         int
	skipLookups, skipEqualities map[int]bool
	skipProducts                bool
	products                    int
	skipFactors                 map[int]bool // of the products, by number
}

func (g *weakGates) multiply(left, right, out sum) {
	g.products++
	if !g.skipProducts && !g.skipFactors[g.products-1] {
		g.gates.multiply(left, right, out)
	}
}

func (g *weakGates) inverse(d sum) sum {
	g.lookups++
	if g.skipLookups[g.lookups-1] {
		return nil
	}
	return g.gates.inverse(d)
}

func (g *weakGates) equal(left, right sum) {
	g.equalities++
	if !g.skipEqualities[g.equalities-1] {
		g.gates.equal(left, right)
	}
}

// compileMutant compiles the circuit without some of its constraints.
func compileMutant(t *testing.T, m *quant.Model, p *quant.Plan, skipLookups, skipEqualities map[int]bool) constraint.ConstraintSystem {
	t.Helper()
	return compileWith(t, m, p, &weakGates{skipLookups: skipLookups, skipEqualities: skipEqualities})
}

// compileWith compiles through weakGates, which then know how many look-ups there were.
func compileWith(t *testing.T, m *quant.Model, p *quant.Plan, weak *weakGates) constraint.ConstraintSystem {
	t.Helper()
	b := newBuilder(0)
	weak.gates = b
	if err := state(m, p, b, weak); err != nil {
		t.Fatal(err)
	}
	return b.system
}
