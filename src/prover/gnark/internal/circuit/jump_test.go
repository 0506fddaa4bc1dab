package circuit

import (
	"math/big"
	"slices"
	"testing"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// jumping is one stage of jumps of a value each, on booleans, integers and numbers, with a table of more bits than the
// scale has.
func jumping(t *testing.T, j network.Jump) (*quant.Model, *quant.Plan) {
	t.Helper()
	const n, jumps = 60, 20 // the other values only make a larger table worth its cost
	shape := network.Shape{jumps, 1, 1}
	l := network.Linear{Geometry: network.Geometry{In: shape, Out: shape, Group: jumps, Kernel: [2]int{1, 1}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}, Bias: make([]float64, jumps)}
	s := network.Stage{Name: "jump", Linear: l, Jump: j}
	scaled := network.Stage{Name: "scaled", Linear: l}
	for i := range jumps {
		s.Linear.Weights = append(s.Linear.Weights, 0.8)
		s.Reads = append(s.Reads, network.Element(n+i))
	}
	// each kind of input is brought to the scale by a stage of its own
	net := &network.Network{InputDims: []int{n}, OutputDims: []int{jumps},
		Inputs: []network.Input{{Name: "b", Size: 2, Kind: network.Boolean}, {Name: "i", Size: 2, Kind: network.Integer}, {Name: "x", Size: n - 4}}}
	at := 0
	for _, in := range net.Inputs {
		part := scaled
		part.Linear.Geometry.In, part.Linear.Geometry.Out, part.Linear.Geometry.Group = network.Shape{in.Size, 1, 1}, network.Shape{in.Size, 1, 1}, in.Size
		part.Linear.Weights, part.Linear.Bias = slices.Repeat([]float64{3}, in.Size), make([]float64, in.Size)
		part.Reads = nil
		for k := range in.Size {
			part.Reads = append(part.Reads, network.Element(at+k))
		}
		at += in.Size
		net.Stages = append(net.Stages, part)
	}
	net.Stages = append(net.Stages, s)
	m, p, err := quant.Quantize(net, quant.Options{ScaleBits: 4, Lo: -3, Hi: 3})
	if err != nil {
		t.Fatal(err)
	}
	if !m.Even || j == network.Floor && m.TableBits <= m.ScaleBits {
		t.Fatalf("a table of %d bits is no test of a rest below the scale", m.TableBits)
	}
	return m, p
}

// Each constraint of a step and of a floor is needed: what violates one is refused with it, and accepted without it.
func TestEveryConstraintOfJumpsIsNeeded(t *testing.T) {
	for _, j := range []network.Jump{network.Step, network.Floor} {
		m, p := jumping(t, j)
		system, err := Compile(m, p)
		if err != nil {
			t.Fatal(err)
		}
		x := make([]int64, m.InputSize())
		copy(x, []int64{1, 0, -3, 2, 13, -12, 5, -7})
		trace := m.Infer(p, x)
		values, public := valuesOf(t, m, p, x)
		all := lookupsOf(t, system)
		if len(all) != p.Lookups || system.GetNbConstraints() != p.Constraints+3 {
			t.Fatalf("%d look-ups and %d constraints, the plan expects %d and %d", len(all), system.GetNbConstraints(), p.Lookups, p.Constraints+3)
		}
		if honest := (&forger{system, all, 1 << m.TableBits}); !honest.accepts(t, public, values) {
			t.Fatal("the honest witness is refused")
		}
		last := len(m.Stages) - 1
		sp := p.Stages[last]
		// where the wires and look-ups of the value stand: from the end, since the jumps come last
		wires, lookups := len(values), len(all)
		place := make([]struct{ wire, lookup int }, len(sp.Out))
		for o := len(sp.Out) - 1; o >= 0; o-- {
			wires -= 1 + int(sp.Out[o])
			lookups -= int(sp.Out[o])
			if j == network.Floor {
				lookups -= 3 // what is left, the rest, the rest again
			}
			place[o].wire, place[o].lookup = wires, lookups
		}
		const o = 4 // the first number
		at, look := place[o].wire, place[o].lookup
		y, sum := trace.Outputs[last][o], trace.Sums[last][o]
		if values[at].Int64() != y {
			t.Fatalf("value %d is %v, expected the jump %d", at, values[at], y)
		}
		one := int64(1) << m.ScaleBits
		inverse := new(big.Int).ModInverse(big.NewInt(1<<m.TableBits), field)
		type change struct {
			at int
			v  *big.Int
		}
		limbs := func(from int, v int64, n int) (c []change) {
			for i, limb := range limbsOf(v, n, m.TableBits) {
				c = append(c, change{from + i, limb})
			}
			return c
		}
		distance := sum - int64(1)<<m.TableBits
		tests := map[string]struct {
			y       *big.Int
			changes []change
			lookups map[int]bool
			factors map[int]bool
		}{
			"no step":                 {big.NewInt(0), limbs(at+1, -1-distance, int(sp.Out[o])), set(look + int(sp.Out[o]) - 1), nil},
			"no step and no distance": {big.NewInt(0), nil, nil, set(2*o + 1)},
			"a step of two":           {big.NewInt(2 * one), limbs(at+1, 3*distance+1, int(sp.Out[o])), nil, set(2 * o)},
		}
		if j == network.Floor {
			rest := at + int(sp.Out[o])
			plus := func(i int, d *big.Int) change { return change{i, new(big.Int).Add(values[i], d)} }
			tests = map[string]struct {
				y       *big.Int
				changes []change
				lookups map[int]bool
				factors map[int]bool
			}{
				"one more":                             {big.NewInt(y + one), nil, set(look + int(sp.Out[o])), nil},
				"one more with a rest above the scale": {big.NewInt(y + one), []change{plus(rest, big.NewInt(one))}, set(look + int(sp.Out[o]) + 2), nil},
				// 2^shift q moves by 2^bits, which the rest takes
				"a fraction":                     {new(big.Int).Add(big.NewInt(y), big.NewInt(1)), []change{plus(rest, big.NewInt(1))}, set(look), nil},
				"a fraction that the rest takes": {new(big.Int).Add(big.NewInt(y), inverse), []change{plus(rest, inverse)}, set(look, look+int(sp.Out[o])+1, look+int(sp.Out[o])+2), nil},
			}
		}
		for name, test := range tests {
			t.Run(string(j)+", "+name, func(t *testing.T) {
				forged := append([]*big.Int{}, values...)
				forged[at], forged[1+o] = test.y, test.y
				for _, c := range test.changes {
					forged[c.at] = c.v
				}
				if (&forger{system, all, 1 << m.TableBits}).accepts(t, public, forged) {
					t.Fatal("the circuit accepts it")
				}
				weak := compileWith(t, m, p, &weakGates{skipLookups: test.lookups, skipFactors: test.factors})
				if !(&forger{weak, lookupsOf(t, weak), 1 << m.TableBits}).accepts(t, public, forged) {
					t.Fatal("the mutant refuses it, too")
				}
			})
		}
	}
}

// A boolean that is neither 0 nor 1, and an integer beyond the range, are refused at both ends.
func TestIntegersOutOfRangeAreRefused(t *testing.T) {
	m, p := jumping(t, network.Step)
	system, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]int64, m.InputSize())
	for _, c := range []struct {
		at     int
		v      int64
		lookup int // of its lower or upper end
	}{{0, 2, 1}, {1, 2, 3}, {2, 4, 5}, {2, -4, 4}} {
		x := append([]int64{}, x...)
		x[c.at] = c.v
		trace := m.Infer(p, x)
		w := &assigner{Assignment: &Assignment{Counts: make([]int64, 1<<m.TableBits)}, bits: m.TableBits, mask: int64(1)<<m.TableBits - 1}
		for i := range m.Stages {
			if m.Stages[i].Jump != network.NoJump {
				w.jumps(m, &m.Stages[i], &p.Stages[i], trace.Sums[i], trace.Outputs[i])
			} else {
				w.stage(&m.Stages[i], &p.Stages[i], trace.Sums[i], trace.Outputs[i])
			}
		}
		values, public := []*big.Int{big.NewInt(int64(m.OutputBits()))}, 1+m.OutputSize()
		for _, list := range [][]int64{trace.Output(), x, w.Aux} {
			for _, v := range list {
				values = append(values, big.NewInt(v))
			}
		}
		if (&forger{system, lookupsOf(t, system), 1 << m.TableBits}).accepts(t, public, values) {
			t.Errorf("input %d may be %d", c.at, c.v)
		}
		weak := compileMutant(t, m, p, set(c.lookup), nil)
		if !(&forger{weak, lookupsOf(t, weak), 1 << m.TableBits}).accepts(t, public, values) {
			t.Errorf("without its look-up, input %d cannot be %d either", c.at, c.v)
		}
	}
}
