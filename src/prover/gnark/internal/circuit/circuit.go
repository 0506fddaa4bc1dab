// Package circuit states a quantised network as a rank-1 constraint system.
//
// The output integers and their scale are public. The input is secret, and so is everything that can be read from the
// plain integer inference: outputs of stages, limbs, and how often each table entry is used. So the challenge is the
// only hint: otherwise the solver only multiplies and divides.
package circuit

import (
	bn254cs "github.com/consensys/gnark/constraint/bn254"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// Compile builds the constraint system; the same model gives the same bytes.
func Compile(m *quant.Model, p *quant.Plan) (*bn254cs.R1CS, error) {
	b := newBuilder(p.Constraints + p.Constraints/8)
	return b.system, state(m, p, b, b)
}

// state says 'y at this scale is the network's output for an x in range'.
func state(m *quant.Model, p *quant.Plan, b *builder, g gates) error {
	scale, y := b.public("scale", 1), b.public("y", m.OutputSize())
	x, aux := b.secret("x", m.InputSize()), b.secret("aux", p.Aux)
	counts, uses := b.secret("count", 1<<m.TableBits), make([][]int, len(m.Tables))
	for i := range m.Tables {
		uses[i] = b.secret("use", m.Tables[i].Entries())
	}
	t, err := newTable(b, g, m.TableBits, counts)
	if err != nil {
		return err
	}
	tables := make([]*pairs, len(m.Tables))
	for i := range m.Tables {
		tables[i] = newPairs(t, &m.Tables[i], uses[i])
	}
	g.equal(b.wire(scale[0]), sum{b.term(int64(m.OutputBits()), 0)})
	m.EachInput(func(i int, lo, hi int64, narrow bool) {
		if t.lookUp(lo, b.term(-1, x[i])); narrow {
			t.lookUp(-hi, b.term(1, x[i]))
		}
	})
	elements := x
	for i := range m.Stages {
		s := stage{builder: b, gates: g, table: t, model: m, stage: &m.Stages[i], plan: &p.Stages[i], aux: aux}
		out := make([]int, s.stage.Out().Size()) // values of a raw stage have no wires: only the output reads them
		switch {
		case s.stage.Function != nil:
			out = s.functions(elements, tables[s.stage.Table])
		case s.stage.Matrices != nil:
			out = s.matrices(elements)
		case s.stage.Quotient:
			out = s.quotients(elements)
		case s.stage.OneHot > 0:
			out = s.oneHot(elements)
		case s.stage.Norm != nil:
			out = s.norm(elements)
		case s.stage.Softmax != nil:
			out = s.softmax(elements, tables[s.stage.Table])
		case s.stage.Jump != network.NoJump:
			out = s.jumps(elements)
		case !s.stage.Raw:
			out = s.windows(elements)
		}
		aux = s.aux
		elements = append(elements, out...)
	}
	m.EachOutput(func(i, at, o int) {
		if s := (stage{builder: b, gates: g, model: m, stage: &m.Stages[at]}); s.stage.Raw {
			s.equalSum(y[i], o, elements)
		} else {
			g.equal(b.wire(y[i]), b.wire(elements[m.OutputElement(i)]))
		}
	})
	t.close()
	for _, p := range tables {
		p.close()
	}
	return nil
}
