package circuit

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// narrowed has the circuit assert that values have at most so many limbs.
func narrowed(t *testing.T, m *quant.Model, limbs int) *quant.Plan {
	t.Helper()
	m.Limbs = limbs
	p, err := m.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Outputs up to the ends of the range that a circuit asserts are accepted. One beyond an end is refused although it is
// the true one, and so is the end in its place; only a mutant without the look-up of the range accepts it.
func TestOutputsOutsideOfAnAssertedRangeAreRefused(t *testing.T) {
	for _, relu := range []bool{true, false} {
		m, wide := oneWindow(t, relu)
		p := narrowed(t, m, 1)
		if wide.Stages[0].Out[0] != 2 || p.Stages[0].Out[0] != 1 {
			t.Fatalf("%d and %d limbs: this is no test of a narrower range", wide.Stages[0].Out[0], p.Stages[0].Out[0])
		}
		system, err := Compile(m, p)
		if err != nil {
			t.Fatal(err)
		}
		closest, outside := int64(0), 0
		first := -p.Stages[0].Offset[0]
		last := first + 1<<m.TableBits - 1
		lo, hi := m.InputBounds()
		for v := lo; v <= hi; v++ {
			x := []int64{v, v - 1, v, v - 2}
			if v < lo+2 {
				x = []int64{v, v, v, v}
			}
			trace := m.Infer(wide, x)
			sums, y := trace.Sums[0], trace.Output()[0]
			c := claimOf(m, p, x, sums, y)
			_, refusal := Assign(m, p, m.Infer(p, x))
			accepted := Solve(system, c.witness(t, m, p)) == nil
			if y >= first && y <= last {
				if closest = max(closest, y); !accepted || refusal != nil {
					t.Fatalf("relu %v: output %d, in the range from %d to %d, is refused: %v", relu, y, first, last, refusal)
				}
				continue
			}
			outside++
			if accepted || fault.Code(refusal) != fault.ValueOutOfRange {
				t.Fatalf("relu %v: output %d, outside of the range from %d to %d, is accepted or refused as %v", relu, y, first, last, refusal)
			}
			for _, other := range []int64{first, last, y - 1<<m.TableBits, y + 1<<m.TableBits, 0} {
				for _, twist := range twists {
					c := claimOf(m, p, x, sums, other)
					twist.apply(&c)
					if Solve(system, c.witness(t, m, p)) == nil {
						t.Fatalf("relu %v: output %d with %s is accepted, the true one is %d", relu, other, twist.name, y)
					}
				}
			}
			if outside > 1 {
				continue
			}
			rangeOfY := set(4) // after the look-ups of the inputs
			c = claimOf(m, p, x, sums, y)
			c.uncounted = rangeOfY
			if err := Solve(compileMutant(t, m, p, rangeOfY, nil), c.witness(t, m, p)); err != nil {
				t.Fatalf("relu %v: the mutant refuses output %d, too: %v", relu, y, err)
			}
		}
		if closest < last-3 || outside == 0 {
			t.Errorf("relu %v: outputs up to %d of %d were tried, and %d beyond it", relu, closest, last, outside)
		}
	}
}

// In random networks whose values are asserted to be small, an input that stays inside has the output of the same
// network without a range, and one witness.
func TestWitnessIsUniqueInAnAssertedRange(t *testing.T) {
	inside, outside, fewer := 0, 0, 0
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 31))
		m, wide, err := quant.Quantize(randomNet(r), quant.Options{ScaleBits: 4 + r.IntN(3), Lo: -1, Hi: 1})
		if err != nil {
			t.Fatal(err)
		}
		p := narrowed(t, m, 1)
		if p.Lookups < wide.Lookups {
			fewer++
		}
		f := newForger(t, seed, m, p)
		for _, x := range someInputs(m, 4) {
			for i := range x {
				x[i] /= 1 + r.Int64N(4)
			}
			trace := m.Infer(p, x)
			if trace.Outside != nil {
				outside++
				continue
			}
			if inside++; !slices.Equal(trace.Output(), m.Infer(wide, x).Output()) {
				t.Fatalf("seed %d: the output differs from that without a range", seed)
			}
			oneWitness(t, f, m, p, r, 20, x)
		}
	}
	if inside < 40 || outside < 10 || fewer < 20 {
		t.Errorf("%d inputs inside, %d outside, %d circuits with fewer look-ups: too few to say anything", inside, outside, fewer)
	}
}

// The same for an argument of a function beyond the end of its table.
func TestArgumentsOutsideOfAnAssertedRangeAreRefused(t *testing.T) {
	one := [2]int{1, 1}
	g := network.Geometry{In: network.Shape{1, 1, 1}, Out: network.Shape{1, 1, 1}, Group: 1, Kernel: one, Stride: one, Dilation: one}
	net := &network.Network{InputDims: []int{1, 1}, OutputDims: []int{1, 1}, Stages: []network.Stage{
		{Name: "Gelu", Function: &network.Function{Name: "Gelu"}, Linear: network.Linear{Geometry: g, Weights: []float64{60}, Bias: []float64{0}}}}}
	m, wide, err := quant.Quantize(net, quant.Options{ScaleBits: 6, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	p := narrowed(t, m, 1)
	if high := wide.Stages[0].High; !m.Tables[0].Ends || high[0] != 2 || high[1] != 2 || p.Stages[0].High[1] != 1 {
		t.Fatalf("this is no test of fewer limbs beyond the ends of a table: %+v", wide.Stages[0])
	}
	system := compileCounted(t, m, p)
	inside := 0
	lo, hi := m.InputBounds()
	for v := lo; v <= hi; v++ {
		values, public := valuesOf(t, m, wide, []int64{v})
		// values: index, two limbs each of left and right, and others; the narrower circuit has one limb each
		at := public + 1
		left, right := values[at+1].Int64()+values[at+2].Int64()<<m.TableBits, values[at+3].Int64()+values[at+4].Int64()<<m.TableBits
		claim := append(append(slices.Clone(values[:at+1]), big.NewInt(left), big.NewInt(right)), values[at+5:]...)
		_, refusal := Assign(m, p, m.Infer(p, []int64{v}))
		accepted := newTabled(t, m, system).accepts(t, public, claim)
		if max(left, right) < 1<<m.TableBits {
			if inside++; !accepted || refusal != nil {
				t.Fatalf("input %d, %d and %d beyond the ends, is refused: %v", v, left, right, refusal)
			}
			continue
		}
		if accepted || fault.Code(refusal) != fault.ValueOutOfRange {
			t.Fatalf("input %d, %d and %d beyond the ends, is accepted or refused as %v", v, left, right, refusal)
		}
		if v != lo && v != hi {
			continue
		}
		lookup := set(1) // of left, after that of the input
		if right > 0 {
			lookup = set(2)
		}
		if !newTabled(t, m, compileMutant(t, m, p, lookup, nil)).accepts(t, public, claim) {
			t.Errorf("input %d: the mutant refuses it, too", v)
		}
	}
	if inside == 0 {
		t.Error("no input stays inside")
	}
}
