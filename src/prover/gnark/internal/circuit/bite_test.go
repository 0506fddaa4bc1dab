package circuit

import (
	"math/big"
	"testing"

	"provemark/gnark/internal/quant"
)

// Each dishonest claim is refused by the circuit, and accepted by a mutant without the one kind of constraint that it
// violates. So every kind is needed, and the soundness tests can fail.
func TestEveryConstraintIsNeeded(t *testing.T) {
	m, p := oneWindow(t, true)
	system, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	x := []int64{7, 20, -3, 11}
	trace := m.Infer(p, x)
	sums, y := trace.Sums[0], trace.Output()[0]
	negative := []int64{-9, -30, -12, -31}
	// one element above zero: only its high limb, which would be negative, contradicts the output 0
	peak := []int64{-20, 20, -13, -11}
	zero := claimOf(m, p, peak, m.Infer(p, peak).Sums[0], 0)
	// Look-ups come in this order: inputs, limbs of y, limbs of each element's difference.
	outLimbs, highLimbs := int(p.Stages[0].Out[0]), p.Stages[0].High
	atY, atElement := len(x), func(i int) int {
		at := len(x) + outLimbs
		for _, h := range highLimbs[:i] {
			at += 1 + int(h)
		}
		return at
	}
	topOfY, topOfElement1 := atY+outLimbs-1, atElement(1)+int(highLimbs[1])
	const scaleEquality, outputEquality, productEquality, tableEquality = 0, 1, 2, 3
	for _, test := range []struct {
		name                string
		claim               claim
		lookups, equalities map[int]bool
	}{
		{"a maximum that is no element", claimOf(m, p, x, sums, y+3), nil, set(productEquality)},
		{"a maximum that is smaller than an element", zero, set(topOfElement1), nil},
		{"a negative output after ReLU", negativeOutput(m, p, negative), set(topOfY), nil},
		{"a quotient that is no integer", fractional(m, p, x, 5), set(atY, atElement(0)+1, atElement(2)+1, atElement(3)+1), nil},
		{"a quotient off by one with a low limb out of range", offByOne(m, p, x, 1), set(atElement(1)), nil},
		{"limbs out of range", zero, nil, set(tableEquality)},
		{"an input out of range", outOfRange(m, p), set(0), nil},
		{"another scale", withScale(honest(m, p, x)), nil, set(scaleEquality)},
		{"another output", withOutput(honest(m, p, x)), nil, set(outputEquality)},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := Solve(system, test.claim.witness(t, m, p)); err == nil {
				t.Fatal("the circuit accepts it")
			}
			test.claim.uncounted = test.lookups
			weak := compileMutant(t, m, p, test.lookups, test.equalities)
			if err := Solve(weak, test.claim.witness(t, m, p)); err != nil {
				t.Fatalf("the mutant refuses it, too: %v", err)
			}
		})
	}
}

func set(at ...int) map[int]bool {
	m := map[int]bool{}
	for _, i := range at {
		m[i] = true
	}
	return m
}

// negativeOutput claims the greatest element, as if there were no ReLU.
func negativeOutput(m *quant.Model, p *quant.Plan, x []int64) claim {
	sums := m.Infer(p, x).Sums[0]
	top := sums[0]
	for _, l := range sums {
		top = max(top, l)
	}
	return claimOf(m, p, x, sums, top>>m.TableBits)
}

// offByOne claims one more than the maximum, and that the maximal element's difference has no high limb.
func offByOne(m *quant.Model, p *quant.Plan, x []int64, element int) claim {
	trace := m.Infer(p, x)
	c := claimOf(m, p, x, trace.Sums[0], trace.Output()[0]+1)
	c.high[element][0].SetInt64(0)
	return c
}

func outOfRange(m *quant.Model, p *quant.Plan) claim {
	_, hi := m.InputBounds()
	return honest(m, p, []int64{hi + 1, 0, 0, 0})
}

func withScale(c claim) claim {
	c.scale++
	return c
}

func withOutput(c claim) claim {
	c.out = new(big.Int).Add(c.y, big.NewInt(1))
	return c
}
