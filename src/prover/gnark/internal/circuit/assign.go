package circuit

import (
	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/backend/witness"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// Assignment is the values of all public and secret wires, in the circuit's order.
type Assignment struct {
	ScaleBits int
	Y, X      []int64
	Aux       []int64
	Counts    []int64
}

// Assign reads every secret value off the integer inference.
func Assign(m *quant.Model, p *quant.Plan, t *quant.Trace) (*Assignment, error) {
	a := &Assignment{ScaleBits: m.OutputBits(), X: t.Values[:m.InputSize()], Y: t.Output(), Aux: make([]int64, 0, p.Aux), Counts: make([]int64, 1<<m.TableBits)}
	w := &assigner{Assignment: a, bits: m.TableBits, mask: int64(1)<<m.TableBits - 1}
	least, _ := m.InputBounds()
	for _, v := range a.X {
		w.limbs(v-least, 1, true)
	}
	for i := range m.Stages {
		if s := &m.Stages[i]; !s.Raw {
			w.stage(s, &p.Stages[i], t.Sums[i], t.Outputs[i])
		}
	}
	if w.bad > 0 || len(a.Aux) != p.Aux {
		return nil, fault.New(fault.NoValidWitness, "the input leads to values that the circuit has no room for, expected none, given %d", w.bad)
	}
	return a, nil
}

// assigner appends limbs and counts look-ups, in the order in which the circuit takes them.
type assigner struct {
	*Assignment
	bits, bad int
	mask      int64
}

func (w *assigner) stage(s *quant.Stage, p *quant.StagePlan, sums, out []int64) {
	var window []network.Tap
	high := p.High
	for o, y := range out {
		w.Aux = append(w.Aux, y)
		w.limbs(y+p.Offset[o], int(p.Out[o]), true)
		window = s.Window(o, window[:0])
		for i, e := range window {
			l := sums[e.Input]
			w.limbs(w.mask-l&w.mask, 1, true)
			w.limbs(y-l>>w.bits, int(high[i]), false)
		}
		high = high[len(window):]
	}
}

// limbs counts the n limbs of v as looked up and stores all of them, or all but the lowest, which the
// circuit takes as an expression.
func (w *assigner) limbs(v int64, n int, lowestIsExpression bool) {
	for j := range n {
		limb := v & w.mask
		v >>= w.bits
		w.Counts[limb]++
		if j > 0 || !lowestIsExpression {
			w.Aux = append(w.Aux, limb)
		}
	}
	if v != 0 {
		w.bad++
	}
}

// Witness is the assignment in gnark's form.
func (a *Assignment) Witness() (witness.Witness, error) {
	public := append([]int64{int64(a.ScaleBits)}, a.Y...)
	values := make(chan any, 1024)
	go func() {
		defer close(values)
		for _, list := range [][]int64{public, a.X, a.Aux, a.Counts} {
			for _, v := range list {
				values <- v
			}
		}
	}()
	w, err := witness.New(ecc.BN254.ScalarField())
	if err != nil {
		return nil, err
	}
	return w, w.Fill(len(public), len(a.X)+len(a.Aux)+len(a.Counts), values)
}

// PublicWitness is what a verifier knows: the output and its scale.
func PublicWitness(scaleBits int, y []int64) (witness.Witness, error) {
	values := make(chan any, len(y)+1)
	values <- int64(scaleBits)
	for _, v := range y {
		values <- v
	}
	close(values)
	w, err := witness.New(ecc.BN254.ScalarField())
	if err != nil {
		return nil, err
	}
	return w, w.Fill(len(y)+1, 0, values)
}
