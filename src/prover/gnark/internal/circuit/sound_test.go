package circuit

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"provemark/gnark/internal/quant"
)

// randomInputs are a few inputs that the circuit admits, including both signs and both ends.
func randomInputs(m *quant.Model, n int) [][]int64 {
	r := rand.New(rand.NewPCG(1, 2))
	lo, hi := m.InputBounds()
	all := [][]int64{{lo, lo, lo, lo}, {hi, hi, hi, hi}, {lo, hi, lo, hi}, {-9, -30, -12, -31}, {0, 0, 0, 0}}
	for len(all) < n {
		x := make([]int64, 4)
		for i := range x {
			x[i] = lo + r.Int64N(hi-lo+1)
		}
		all = append(all, x)
	}
	return all
}

// Only the true claim may satisfy the constraints, whatever limbs go with it: not outputs that are off by one or by
// far, other elements of the window, zero, or the negative that ReLU should have cut off.
func TestFalseOutputsAreRefused(t *testing.T) {
	for _, relu := range []bool{true, false} {
		m, p := oneWindow(t, relu)
		system, err := Compile(m, p)
		if err != nil {
			t.Fatal(err)
		}
		refused := 0
		for _, x := range randomInputs(m, 14) {
			trace := m.Infer(p, x)
			sums, y := trace.Sums[0], trace.Output()[0]
			candidates := []int64{0, y + 1, y - 1, y + 2, y - 7, y + 1<<m.TableBits, y - 1<<m.TableBits, -y, 1 << 40, -(1 << 40)}
			for _, l := range sums {
				candidates = append(candidates, l>>m.TableBits, l>>m.TableBits+1)
			}
			for _, v := range candidates {
				for _, twist := range twists {
					c := claimOf(m, p, x, sums, v)
					twist.apply(&c)
					err := Solve(system, c.witness(t, m, p))
					if v == y && twist.name == "best limbs" && err != nil {
						t.Fatalf("relu %v, x %v: the true output %d is refused: %v", relu, x, y, err)
					}
					if v != y && err == nil {
						t.Fatalf("relu %v, x %v: output %d with %s is accepted, the true one is %d", relu, x, v, twist.name, y)
					}
					if v != y {
						refused++
					}
				}
			}
		}
		if refused < 500 {
			t.Fatalf("relu %v: only %d false claims were tried", relu, refused)
		}
	}
}

// twists are ways to choose the limbs that go with a claimed output.
var twists = []struct {
	name  string
	apply func(*claim)
}{
	{"best limbs", func(*claim) {}},
	{"zero high limbs", func(c *claim) { c.eachHigh(func(h *big.Int) { h.SetInt64(0) }) }},
	{"one zero high limb", func(c *claim) { c.high[0][0].SetInt64(0) }},
	{"high limbs one more", func(c *claim) { c.eachHigh(func(h *big.Int) { h.Add(h, big.NewInt(1)) }) }},
	{"high limbs one less", func(c *claim) { c.eachHigh(func(h *big.Int) { h.Sub(h, big.NewInt(1)) }) }},
}

func (c *claim) eachHigh(f func(*big.Int)) {
	for _, limbs := range c.high {
		f(limbs[0])
	}
}

// A quotient that is not an integer, (l - r) / 2^bits in the field, satisfies every equation except its range check.
func TestFractionalQuotientIsRefused(t *testing.T) {
	for _, relu := range []bool{true, false} {
		m, p := oneWindow(t, relu)
		system, err := Compile(m, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, low := range []int64{0, 1, 5, 1<<m.TableBits - 1} {
			c := fractional(m, p, []int64{7, 20, -3, 11}, low)
			if err := Solve(system, c.witness(t, m, p)); err == nil {
				t.Fatalf("relu %v: the quotient for a remainder %d is accepted", relu, low)
			}
		}
	}
}

// fractional claims the y for which the second element's low limb is low and its high limbs are zero.
func fractional(m *quant.Model, p *quant.Plan, x []int64, low int64) claim {
	trace := m.Infer(p, x)
	c := claimOf(m, p, x, trace.Sums[0], trace.Output()[0])
	l := trace.Sums[0][1]
	if low == (int64(1)<<m.TableBits-1)-l&(int64(1)<<m.TableBits-1) {
		low++ // the true one would make y an integer
	}
	y := new(big.Int).ModInverse(big.NewInt(int64(1)<<m.TableBits), field)
	y.Mul(y, big.NewInt(l+low-(int64(1)<<m.TableBits-1))).Mod(y, field)
	c.y = y
	for i, limbs := range c.high { // for the others, anything that makes their low limb zero
		for j := range limbs {
			limbs[j].SetInt64(0)
		}
		if i != 1 {
			d := new(big.Int).SetInt64(l + low - trace.Sums[0][i])
			limbs[0].Mul(d, new(big.Int).ModInverse(big.NewInt(int64(1)<<m.TableBits), field)).Mod(limbs[0], field)
		}
	}
	return c
}

// Counts that do not match the use of each entry are refused, even if their sum is right.
func TestDishonestCountsAreRefused(t *testing.T) {
	m, p := oneWindow(t, true)
	system, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	x := []int64{3, 9, -20, 30}
	for name, adjust := range map[string]func([]*big.Int){
		"one more":  func(c []*big.Int) { c[0].Add(c[0], big.NewInt(1)) },
		"one moved": func(c []*big.Int) { c[1].Add(c[1], big.NewInt(1)); c[2].Sub(c[2], big.NewInt(1)) },
		"all zero": func(c []*big.Int) {
			for i := range c {
				c[i].SetInt64(0)
			}
		},
		"fractions": func(c []*big.Int) {
			half := new(big.Int).ModInverse(big.NewInt(2), field)
			c[1].Add(c[1], half)
			c[2].Sub(c[2], half)
		},
	} {
		c := honest(m, p, x)
		c.adjust = adjust
		if err := Solve(system, c.witness(t, m, p)); err == nil {
			t.Errorf("counts with %s are accepted", name)
		}
	}
}

// Inputs just outside the table, and a scale or an output other than the circuit's.
func TestFalseStatementsAreRefused(t *testing.T) {
	m, p := oneWindow(t, true)
	system, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	lo, hi := m.InputBounds()
	for _, x := range []int64{lo - 1, hi + 1, 1 << 40, -(1 << 40)} {
		c := honest(m, p, []int64{x, 0, 0, 0})
		if err := Solve(system, c.witness(t, m, p)); err == nil {
			t.Errorf("input %d is accepted, the table ends at %d and %d", x, lo, hi)
		}
	}
	c := honest(m, p, []int64{1, 2, 3, 4})
	c.scale++
	if err := Solve(system, c.witness(t, m, p)); err == nil {
		t.Error("another scale is accepted")
	}
	c = honest(m, p, []int64{1, 2, 3, 4})
	c.out = new(big.Int).Add(c.y, big.NewInt(1))
	if err := Solve(system, c.witness(t, m, p)); err == nil {
		t.Error("another output is accepted")
	}
}
