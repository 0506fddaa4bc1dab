package circuit

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/consensys/gnark/constraint"
	bn254cs "github.com/consensys/gnark/constraint/bn254"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// curve passes two values, times reach, through a function, twice: a wide reach needs a table with a coarse step.
func curve(t *testing.T, f network.Function, reach float64, scaleBits int) (*quant.Model, *quant.Plan) {
	t.Helper()
	one := [2]int{1, 1}
	g := network.Geometry{In: network.Shape{2, 1, 1}, Out: network.Shape{2, 1, 1}, Group: 2, Kernel: one, Stride: one, Dilation: one}
	stage := func(weight float64) network.Stage {
		return network.Stage{Name: f.Name, Function: &f, Linear: network.Linear{Geometry: g, Weights: []float64{weight, -weight}, Bias: []float64{0.25, 0}}}
	}
	net := &network.Network{InputDims: []int{1, 2}, OutputDims: []int{1, 2}, Stages: []network.Stage{stage(reach), stage(0.2)}}
	m, p, err := quant.Quantize(net, quant.Options{ScaleBits: scaleBits, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m, p
}

// tabled fills a system of functions with any values except the counts, and counts each look-up that is in its table,
// which is the best a cheater can do.
type tabled struct {
	system  constraint.ConstraintSystem
	lookups []lookup
	tableOf []int // of each look-up: 0 the range table, then those of functions
	entries []map[string]int
	sizes   []int
}

func newTabled(t *testing.T, m *quant.Model, system constraint.ConstraintSystem) *tabled {
	t.Helper()
	f := &tabled{system: system, lookups: lookupsOf(t, system)}
	r1cs := system.(*bn254cs.R1CS)
	challenge := r1cs.CommitmentInfo.(constraint.Groth16Commitments)[0].CommitmentIndex
	// each balance is one constraint, for which the result lists the wires of its look-ups
	balanceOf, balances := map[int]int{}, 0
	rows := r1cs.GetR1Cs()
	var outs []int
	for _, r := range rows {
		hasChallenge := false
		for _, term := range r.R {
			hasChallenge = hasChallenge || term.WireID() == challenge
		}
		if hasChallenge && len(r.O) == 1 && r.O[0].WireID() == 0 {
			outs = append(outs, r.L[0].WireID())
		}
	}
	isOut := map[int]bool{}
	for _, w := range outs {
		isOut[w] = true
	}
	for _, r := range rows {
		found := false
		for _, term := range r.O {
			if isOut[term.WireID()] {
				balanceOf[term.WireID()], found = balances, true
			}
		}
		if found {
			balances++
		}
	}
	for _, w := range outs {
		f.tableOf = append(f.tableOf, balanceOf[w])
	}
	f.sizes = append(f.sizes, 1<<m.TableBits)
	f.entries = append(f.entries, map[string]int{})
	for i := range f.sizes[0] {
		f.entries[0][big.NewInt(int64(i)).String()] = i
	}
	for k := range m.Tables {
		table := &m.Tables[k]
		entries := map[string]int{}
		for i, v := range table.Values {
			if v != quant.Undefined {
				shift := m.TableBits
				if table.Step != 0 || table.Ends || table.Wide {
					shift = indexBits
				}
				key := new(big.Int).Lsh(big.NewInt(v-table.Least()), uint(shift))
				entries[key.Add(key, big.NewInt(int64(i))).String()] = len(entries)
			}
		}
		f.entries, f.sizes = append(f.entries, entries), append(f.sizes, len(entries))
	}
	if len(f.tableOf) != len(f.lookups) || balances > len(f.sizes) {
		t.Fatalf("%d look-ups of %d tables found, expected %d of %d", len(f.tableOf), balances, len(f.lookups), len(f.sizes))
	}
	return f
}

func (f *tabled) accepts(t *testing.T, public int, values []*big.Int) bool {
	t.Helper()
	counts := make([][]int64, len(f.sizes))
	for i, n := range f.sizes {
		counts[i] = make([]int64, n)
	}
	for k, l := range f.lookups {
		v := new(big.Int)
		for i, w := range l.wires {
			value := big.NewInt(1)
			if w > 0 {
				value = values[w-1]
			}
			v.Add(v, new(big.Int).Mul(l.coeffs[i], value))
		}
		if at, in := f.entries[f.tableOf[k]][v.Mod(v, field).String()]; in {
			counts[f.tableOf[k]][at]++
		}
	}
	all := append([]*big.Int{}, values...)
	for _, list := range counts {
		for _, c := range list {
			all = append(all, big.NewInt(c))
		}
	}
	return Solve(f.system, fill(t, public, all)) == nil
}

// valuesOf is the honest assignment without its counts.
func valuesOf(t *testing.T, m *quant.Model, p *quant.Plan, x []int64) (values []*big.Int, public int) {
	t.Helper()
	a, err := Assign(m, p, m.Infer(p, x))
	if err != nil {
		t.Fatal(err)
	}
	values = append(values, big.NewInt(int64(a.ScaleBits)))
	for _, list := range [][]int64{a.Y, a.X, a.Aux} {
		for _, v := range list {
			values = append(values, big.NewInt(v))
		}
	}
	return values, 1 + len(a.Y)
}

func TestFunctionsHaveOneWitness(t *testing.T) {
	refused := 0
	for seed, f := range []network.Function{{Name: "Sigmoid"}, {Name: "Exp"}, {Name: "Gelu"}, {Name: "Softplus"}, {Name: "Softsign"}} {
		for _, reach := range []float64{0.2, 3, 12} {
			if f.Name == "Exp" && reach > 10 {
				continue
			}
			m, p := curve(t, f, reach, 6)
			if coarse := m.Stages[0].Coarse > 0; coarse && reach < 1 {
				t.Fatalf("%s, reach %v: the step is 2^%d of the finest", f.Name, reach, m.Stages[0].Coarse)
			}
			system := compileCounted(t, m, p)
			committed := system.CommitmentInfo.(constraint.Groth16Commitments)[0].PrivateCommitted
			for i, l := range lookupsOf(t, system) {
				for _, w := range l.wires {
					if _, ok := slices.BinarySearch(committed, w); !ok && w != 0 {
						t.Errorf("look-up %d has wire %d, which is not committed to", i, w)
					}
				}
			}
			forger := newTabled(t, m, system)
			if len(forger.lookups) != p.Lookups {
				t.Fatalf("%d look-ups found, expected %d", len(forger.lookups), p.Lookups)
			}
			r := rand.New(rand.NewPCG(uint64(seed), 5))
			lo, hi := m.InputBounds()
			for range 4 {
				x := []int64{lo + r.Int64N(hi-lo+1), lo + r.Int64N(hi-lo+1)}
				values, public := valuesOf(t, m, p, x)
				if !forger.accepts(t, public, values) {
					t.Fatalf("%s: the honest witness for %v is refused", f.Name, x)
				}
				for range 40 {
					forged, what := change(r, m, public, 2, values)
					if forger.accepts(t, public, forged) {
						t.Fatalf("%s: accepted with %s", f.Name, what)
					}
					refused++
				}
			}
		}
	}
	if refused < 1000 {
		t.Fatalf("only %d changes were tried", refused)
	}
}

// Each constraint of the gadget is needed: what violates one is refused with it, and accepted without it.
func TestEveryConstraintOfFunctionsIsNeeded(t *testing.T) {
	m, p := curve(t, network.Function{Name: "Sigmoid"}, 3, 6)
	coarse := m.Stages[0].Coarse
	if coarse == 0 || m.Stages[1].Coarse != 0 || p.Stages[0].Value != 1 || p.Stages[1].Value != 1 {
		t.Fatal("this is no test of a coarse step, then a fine one, of values of one limb")
	}
	system, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	x := []int64{9, -3}
	values, public := valuesOf(t, m, p, x)
	// the second stage's first value is forged: everything before it is unchanged, and the output is the value
	at := public + 2 + 2*3 // after inputs, and index, rest and value of each in the first stage: index of the second stage's first value
	index, y := at, at+1
	// look-ups: 2 inputs, then per value of stage one: low, rest, rest again, value, pair; stage two has no rest
	const perFirst = 5
	secondAt := 2 + 2*perFirst
	second := func(i int) int { return secondAt + i }
	table, entry := &m.Tables[m.Stages[1].Table], values[index].Int64()
	set64 := func(i int, v *big.Int) func([]*big.Int) { return func(f []*big.Int) { f[i] = v } }
	plus := func(v *big.Int, d int64) *big.Int { return new(big.Int).Add(v, big.NewInt(d)) }
	inverse := new(big.Int).ModInverse(new(big.Int).Lsh(big.NewInt(1), uint(m.TableBits)), field)
	// another entry of the table with another value, at which the pair is a true one
	other := entry
	for table.Values[other] == table.Values[entry] {
		other++
	}
	// the value that compensates in the field for an index that is off by one: index + 2^bits y is still the entry
	skewed := new(big.Int).Add(values[y], inverse)
	firstRest := public + 2 + 1
	for _, test := range []struct {
		name    string
		forge   []func([]*big.Int)
		lookups map[int]bool
	}{
		{"a value that is not the function's", []func([]*big.Int){set64(y, plus(values[y], 1))}, set(second(2))},
		{"the pair of another argument", []func([]*big.Int){set64(index, big.NewInt(other)), set64(y, big.NewInt(table.Values[other]))}, set(second(0))},
		{"a value that is no integer", []func([]*big.Int){set64(index, plus(values[index], -1)), set64(y, skewed)}, set(second(0), second(1))},
		{"an index that is no integer", []func([]*big.Int){set64(index, new(big.Int).Add(values[index], inverse)), set64(y, new(big.Int).Sub(values[y], new(big.Int).Mul(inverse, inverse)))}, set(second(1))},
		{"a rest that is not below the step", []func([]*big.Int){set64(firstRest, plus(values[firstRest], 1<<coarse))}, set(2+2, 2+0)},
		{"a rest that makes up for any remainder", []func([]*big.Int){set64(firstRest, new(big.Int).Add(values[firstRest], inverse))}, set(2+1, 2+2)},
	} {
		t.Run(test.name, func(t *testing.T) {
			forged := append([]*big.Int{}, values...)
			for _, f := range test.forge {
				f(forged)
			}
			forged[1] = forged[y] // the output is the forged value
			if newTabled(t, m, system).accepts(t, public, forged) {
				t.Fatal("the circuit accepts it")
			}
			weak := compileMutant(t, m, p, test.lookups, nil)
			if !newTabled(t, m, weak).accepts(t, public, forged) {
				t.Fatal("the mutant refuses it, too")
			}
			for only := range test.lookups { // and each of them alone is enough to refuse it
				rest := map[int]bool{}
				for other := range test.lookups {
					rest[other] = other != only
				}
				if newTabled(t, m, compileMutant(t, m, p, rest, nil)).accepts(t, public, forged) {
					t.Errorf("look-up %d alone does not refuse it", only)
				}
			}
		})
	}
	// without the balance of the function's table any pair is accepted
	forged := append([]*big.Int{}, values...)
	forged[y] = plus(values[y], 1)
	forged[1] = forged[y]
	const balanceOfFirst = 1 + 2 + 1 // after the scale, the outputs and the range table
	if !newTabled(t, m, compileMutant(t, m, p, nil, set(balanceOfFirst, balanceOfFirst+1))).accepts(t, public, forged) {
		t.Error("without the function's table the false value is refused, too")
	}
}

// Beyond the ends of a table: a value on the line that the circuit refuses is accepted without one of the constraints.
func TestEveryConstraintOfEndsIsNeeded(t *testing.T) {
	one := [2]int{1, 1}
	g := network.Geometry{In: network.Shape{1, 1, 1}, Out: network.Shape{1, 1, 1}, Group: 1, Kernel: one, Stride: one, Dilation: one}
	net := &network.Network{InputDims: []int{1, 1}, OutputDims: []int{1, 1}, Stages: []network.Stage{
		{Name: "Gelu", Function: &network.Function{Name: "Gelu"}, Linear: network.Linear{Geometry: g, Weights: []float64{9}, Bias: []float64{0}}}}}
	m, p, err := quant.Quantize(net, quant.Options{ScaleBits: 6, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	s, plan := &m.Stages[0], &p.Stages[0]
	table := &m.Tables[s.Table]
	if !table.Ends || s.Coarse == 0 || plan.High[0] != 1 || plan.High[1] != 1 {
		t.Fatalf("this is no test of one limb beyond each end of a coarse table: %+v", plan)
	}
	system, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	last := int64(len(table.Values) - 1)
	// values: index, left, right, rest, y and its upper limbs; look-ups: the input, left, right, what is left of the rest …
	const left, right, rest = 1, 2, 3
	_, hi := m.InputBounds()
	for _, test := range []struct {
		name               string
		x                  int64
		index, left, right int64 // more than the true ones
		lookups, factors   map[int]bool
	}{
		{"a value inside taken for one on the right", 1, -3, 0, 3, nil, set(0)},
		{"a value inside taken for one on the left", 1, 3, 3, 0, nil, set(0)},
		{"left and right at once", hi, 0, 1, 1, nil, set(0)},
		{"a value on the right taken for one further inside", hi, -2, 0, 2, nil, set(0)},
		{"less than nothing on the right", 1, 0, 0, 0, nil, nil},
		{"another index", 1, 1, 0, 0, set(rest), nil},
		{"a negative left", 1, -4, -4, 0, set(left), set(0)},
		{"a negative right", 1, 4, 0, -4, set(right), set(0)},
	} {
		t.Run(test.name, func(t *testing.T) {
			values, public := valuesOf(t, m, p, []int64{test.x})
			if !newTabled(t, m, system).accepts(t, public, values) {
				t.Fatal("the honest witness is refused")
			}
			forged := append([]*big.Int{}, values...)
			at := public + 1
			index, l, r := values[at].Int64()+test.index, values[at+1].Int64()+test.left, values[at+2].Int64()+test.right
			if test.lookups == nil && test.factors == nil { // the left end for a value beyond the right one, as in a field
				index, l, r = last, 0, values[at].Int64()-last
				test.lookups, test.factors = set(right), set(0)
			}
			inside := table.Values[index]
			forged[at], forged[at+1], forged[at+2] = big.NewInt(index), big.NewInt(l), big.NewInt(r)
			forged[at+4] = big.NewInt(inside + r<<s.Coarse)
			for i, limb := range bigLimbsOf(big.NewInt(inside-table.Least()), int(plan.Value), m.TableBits)[1:] {
				forged[at+5+i] = limb
			}
			forged[1] = forged[at+4]
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

// Many values share one table that has more entries than the range table: an input has one witness there, too.
func TestWideTablesHaveOneWitness(t *testing.T) {
	one := [2]int{1, 1}
	const n = 160
	g := network.Geometry{In: network.Shape{1, 1, n}, Out: network.Shape{1, 1, n}, Group: 1, Kernel: one, Stride: one, Dilation: one}
	net := &network.Network{InputDims: []int{1, n}, OutputDims: []int{1, n}, Stages: []network.Stage{
		{Name: "Softsign", Function: &network.Function{Name: "Softsign"}, Linear: network.Linear{Geometry: g, Weights: []float64{3}, Bias: []float64{0}}}}}
	m, p, err := quant.Quantize(net, quant.Options{ScaleBits: 6, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	if table := m.Tables[0]; !table.Wide || len(table.Values) <= 1<<m.TableBits || m.Stages[0].Coarse != 0 {
		t.Fatalf("a table of %d entries, %d table bits: this is no test of wide tables", len(table.Values), m.TableBits)
	}
	f := newTabled(t, m, compileCounted(t, m, p))
	x := someInput(m, 3)
	oneWitness(t, f, m, p, rand.New(rand.NewPCG(2, 29)), 60, x)
	values, public := valuesOf(t, m, p, x)
	// the pair of an index that is one turn of the range table away, which a table of that size would not tell apart
	for i := range n {
		at := public + n + 2*i
		index := values[at].Int64()
		if other := index + 1<<m.TableBits; other < int64(len(m.Tables[0].Values)) {
			forged := append([]*big.Int{}, values...)
			forged[at], forged[at+1] = big.NewInt(other), big.NewInt(m.Tables[0].Values[other])
			forged[1+i] = forged[at+1]
			if f.accepts(t, public, forged) {
				t.Fatalf("value %d: accepted with another index", i)
			}
		}
	}
}
