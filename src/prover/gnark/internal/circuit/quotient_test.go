package circuit

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// quotientNet divides its first input value by its second one plus a shift.
func quotientNet(t *testing.T, shift float64) (*quant.Model, *quant.Plan) {
	t.Helper()
	one := [2]int{1, 1}
	layer := func(n int, bias ...float64) network.Linear {
		s := network.Shape{n, 1, 1}
		return network.Linear{Weights: []float64{1, 1}[:n], Bias: bias, Geometry: network.Geometry{In: s, Out: s, Group: n, Kernel: one, Stride: one, Dilation: one}}
	}
	net := &network.Network{InputDims: []int{2}, OutputDims: []int{1}, Stages: []network.Stage{
		{Name: "x", Linear: layer(2, 0, shift)},
		{Name: "q", Linear: layer(1, 0), Quotient: true, Reads: []network.Element{2, 3}},
	}}
	m, p, err := quant.Quantize(net, quant.Options{ScaleBits: 6, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m, p
}

// A quotient has one witness, for any sign of the divisor, and one that is off by one, no integer or tied to another
// remainder is accepted only without a constraint.
func TestQuotientsHaveOneWitness(t *testing.T) {
	for name, c := range map[string]struct {
		shift float64
		limbs int // of an asserted range
	}{"positive": {1.5, 0}, "negative": {-1.5, 0}, "either": {0, 0}, "either, in a narrower range": {0, 2}} {
		t.Run(name, func(t *testing.T) {
			m, p := quotientNet(t, c.shift)
			if limbs := p.Stages[1].Out[0]; c.limbs > 0 {
				if p = narrowed(t, m, c.limbs); p.Stages[1].Out[0] >= limbs {
					t.Fatalf("%d limbs, %d without a range", p.Stages[1].Out[0], limbs)
				}
			}
			plan := &p.Stages[1].Quotients[0]
			system := compileCounted(t, m, p)
			checkChallenged(t, system)
			f := forger{system, lookupsOf(t, system), 1 << m.TableBits}
			if len(f.lookups) != p.Lookups {
				t.Fatalf("%d look-ups found, expected %d", len(f.lookups), p.Lookups)
			}
			oneWitness(t, &f, m, p, rand.New(rand.NewPCG(5, 23)), 100, []int64{9, 20}, []int64{-17, 11}, []int64{30, -13}, []int64{0, 5})
			// values of the quotient: [square], y and upper limbs, remainder, upper limbs of what is missing
			x := []int64{9, 20}
			values, public := valuesOf(t, m, p, x)
			out, limbs := int(p.Stages[1].Out[0]), plan.Limbs
			first := len(values) - out - 2*limbs + 1
			operands := m.Infer(p, x).Outputs[0]
			divisor, quotient, remainder, _ := m.Quotient(operands[0], operands[1], plan.Sign)
			claim := func(divisor, y, remainder *big.Int) []*big.Int {
				forged := append([]*big.Int{}, values[:first]...)
				if plan.Sign == 0 {
					forged[first-1] = divisor
				}
				forged = append(append(forged, y), bigLimbsOf(new(big.Int).Add(y, big.NewInt(p.Stages[1].Offset[0])), out, m.TableBits)[1:]...)
				missing := new(big.Int).Sub(new(big.Int).Sub(new(big.Int).Lsh(divisor, 1), big.NewInt(1)), remainder)
				forged = append(append(forged, bigLimbsOf(remainder, limbs, m.TableBits)...), bigLimbsOf(missing, limbs, m.TableBits)[1:]...)
				forged[1] = y
				return forged
			}
			d, q, rest := big.NewInt(divisor), big.NewInt(quotient), big.NewInt(remainder)
			twice := new(big.Int).Lsh(d, 1)
			plus := func(a, b *big.Int) *big.Int { return new(big.Int).Add(a, b) }
			fraction := new(big.Int).ModInverse(twice, field)
			all := len(f.lookups)
			yAt, remainderAt, missingAt := all-2*limbs-out, all-2*limbs, all-limbs
			factor := 0 // of the relation; with an unknown sign that of the square comes first
			if plan.Sign == 0 {
				factor = 1
			}
			cases := map[string]struct {
				claim            []*big.Int
				lookups, factors map[int]bool
			}{
				"larger":         {claim(d, plus(q, big.NewInt(1)), new(big.Int).Sub(rest, twice)), set(remainderAt + limbs - 1), nil},
				"smaller":        {claim(d, plus(q, big.NewInt(-1)), plus(rest, twice)), set(missingAt + limbs - 1), nil},
				"no integer":     {claim(d, plus(q, fraction), plus(rest, big.NewInt(-1))), set(yAt), nil},
				"another's rest": {claim(d, plus(q, big.NewInt(1)), rest), nil, set(factor)},
			}
			if plan.Sign == 0 {
				more := plus(d, big.NewInt(1))
				dividend := big.NewInt(operands[0] * operands[1] << (m.ScaleBits + 1))
				total := plus(dividend, more)
				y, left := new(big.Int).DivMod(total, new(big.Int).Lsh(more, 1), new(big.Int))
				cases["another divisor"] = struct {
					claim            []*big.Int
					lookups, factors map[int]bool
				}{claim(more, y, left), nil, set(0)}
			}
			for name, c := range cases {
				if f.accepts(t, public, c.claim) {
					t.Errorf("%s: accepted", name)
				}
				weak := compileWith(t, m, p, &weakGates{skipLookups: c.lookups, skipFactors: c.factors})
				if f := (forger{weak, lookupsOf(t, weak), 1 << m.TableBits}); !f.accepts(t, public, c.claim) {
					t.Errorf("%s: the mutant refuses it, too", name)
				}
			}
		})
	}
}
