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
	Uses      [][]int64 // how often each entry of a function's table is looked up
}

// Assign reads every secret value from the integer inference.
func Assign(m *quant.Model, p *quant.Plan, t *quant.Trace) (*Assignment, error) {
	a := &Assignment{ScaleBits: m.OutputBits(), X: t.Values[:m.InputSize()], Y: t.Output(), Aux: make([]int64, 0, p.Aux), Counts: make([]int64, 1<<m.TableBits)}
	if t.Undefined != "" {
		return nil, fault.New(fault.NoValidWitness, "node %q has no value for this input: its function is not defined there", t.Undefined)
	}
	if t.Outside != nil {
		return nil, t.Outside
	}
	for i := range m.Tables {
		a.Uses = append(a.Uses, make([]int64, len(m.Tables[i].Values)))
	}
	w := &assigner{Assignment: a, bits: m.TableBits, mask: int64(1)<<m.TableBits - 1}
	m.EachInput(func(i int, lo, hi int64, narrow bool) {
		if w.limbs(a.X[i]-lo, 1, true); narrow {
			w.limbs(hi-a.X[i], 1, true)
		}
	})
	for i := range m.Stages {
		if s := &m.Stages[i]; s.Matrices != nil || s.OneHot > 0 {
			a.Aux = append(a.Aux, t.Outputs[i]...)
		} else if s.Quotient {
			w.quotients(m, s, &p.Stages[i], t.Values)
		} else if s.Norm != nil {
			w.norm(m, s, &p.Stages[i], t.Values)
		} else if s.Softmax != nil {
			w.softmax(m, s, &p.Stages[i], t.Values)
		} else if s.Function != nil {
			w.function(m, s, &p.Stages[i], t.Sums[i], t.Outputs[i])
		} else if s.Jump != network.NoJump {
			w.jumps(m, s, &p.Stages[i], t.Sums[i], t.Outputs[i])
		} else if !s.Raw {
			if s.Product {
				a.Aux = append(a.Aux, s.Products(t.Values)...)
			}
			w.stage(s, &p.Stages[i], t.Sums[i], t.Outputs[i])
		}
	}
	for i := range m.Tables {
		a.Uses[i] = defined(&m.Tables[i], a.Uses[i])
	}
	if w.bad > 0 || len(a.Aux) != p.Aux {
		return nil, fault.New(fault.NoValidWitness, "the input leads to values that the circuit has no room for, expected none, given %d", w.bad)
	}
	return a, nil
}

// assigner appends limbs and counts look-ups, in the order of the circuit.
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

func (w *assigner) function(m *quant.Model, s *quant.Stage, p *quant.StagePlan, sums, out []int64) {
	table, shift := &m.Tables[s.Table], w.bits+s.Coarse
	least := table.Least()
	for o, y := range out {
		i := int(sums[o]>>shift - table.Start)
		var sides [2]int64
		if table.Ends {
			var inside int64
			inside, sides[0], sides[1] = table.Beyond(int64(i))
			i = int(inside)
		}
		w.Uses[s.Table][i]++
		rest := int64(1)<<shift - 1 - sums[o]&(int64(1)<<shift-1)
		w.Aux = append(w.Aux, int64(i))
		for side, v := range sides {
			if table.Ends {
				w.limbs(v, int(p.High[2*o+side]), false)
			}
		}
		w.limbs(rest&w.mask, 1, true)
		if s.Coarse > 0 {
			w.limbs(rest>>w.bits, 1, false)
			w.limbs(rest>>w.bits<<(w.bits-s.Coarse), 1, true)
		}
		w.Aux = append(w.Aux, y)
		down, up := m.Slopes(s)
		w.limbs(y+down*sides[0]-up*sides[1]-least, int(p.Value), true)
	}
}

func (w *assigner) jumps(m *quant.Model, s *quant.Stage, p *quant.StagePlan, sums, out []int64) {
	for o, y := range out {
		w.Aux = append(w.Aux, y)
		if s.Jump == network.Step {
			distance := sums[o] - (w.mask + 1)
			if y == 0 {
				distance = -1 - distance
			}
			w.limbs(distance, int(p.Out[o]), false)
			continue
		}
		w.limbs(y>>m.ScaleBits+p.Offset[o], int(p.Out[o]), true)
		shift := w.bits + m.ScaleBits
		rest := int64(1)<<shift - 1 - sums[o]&(int64(1)<<shift-1)
		w.limbs(rest&w.mask, 1, true)
		w.limbs(rest>>w.bits, 1, false)
		if m.ScaleBits < w.bits {
			w.limbs(rest>>w.bits<<(w.bits-m.ScaleBits), 1, true)
		}
	}
}

// limbs counts the n limbs of v as looked up and stores all of them, or all but the lowest, which is an expression in
// the circuit.
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

func (a *Assignment) secrets() [][]int64 {
	return append([][]int64{a.X, a.Aux, a.Counts}, a.Uses...)
}

// Secrets is the number of secret values.
func (a *Assignment) Secrets() (n int) {
	for _, list := range a.secrets() {
		n += len(list)
	}
	return n
}

// defined returns the counts of the entries that the table has.
func defined(t *quant.Table, uses []int64) (kept []int64) {
	for i, v := range t.Values {
		if v != quant.Undefined {
			kept = append(kept, uses[i])
		}
	}
	return kept
}

// Witness is the assignment in gnark's form.
func (a *Assignment) Witness() (witness.Witness, error) {
	public := append([]int64{int64(a.ScaleBits)}, a.Y...)
	secret := a.secrets()
	values := make(chan any, 1024)
	go func() {
		defer close(values)
		for _, list := range append([][]int64{public}, secret...) {
			for _, v := range list {
				values <- v
			}
		}
	}()
	w, err := witness.New(ecc.BN254.ScalarField())
	if err != nil {
		return nil, err
	}
	return w, w.Fill(len(public), a.Secrets(), values)
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
