// Package circuit states a quantised network as a rank-1 constraint system.
//
// Public are the output integers and their scale; secret are the input, and everything that can be
// read off the plain integer inference: outputs of stages, limbs, and how often each table entry is
// used. So there are no hints to run: the solver only multiplies and divides.
package circuit

import (
	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/constraint"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/r1cs"

	"provemark/gnark/internal/quant"
)

// Circuit is the statement 'Y at scale 2^ScaleBits is what the network gives for an X in range'.
type Circuit struct {
	ScaleBits frontend.Variable   `gnark:",public"`
	Y         []frontend.Variable `gnark:",public"`
	X         []frontend.Variable
	Aux       []frontend.Variable
	Counts    []frontend.Variable

	model *quant.Model
	plan  *quant.Plan
}

// blank is the circuit of a model, without values.
func blank(m *quant.Model, p *quant.Plan) *Circuit {
	return &Circuit{
		Y:      make([]frontend.Variable, m.OutputSize()),
		X:      make([]frontend.Variable, m.InputSize()),
		Aux:    make([]frontend.Variable, p.Aux),
		Counts: make([]frontend.Variable, 1<<m.TableBits),
		model:  m,
		plan:   p,
	}
}

// Compile builds the constraint system; the same model gives the same bytes.
func Compile(m *quant.Model, p *quant.Plan) (constraint.ConstraintSystem, error) {
	// Every long sum is used once: the front end's habit of giving it a wire would only add wires.
	const neverCompress = 0
	return frontend.Compile(ecc.BN254.ScalarField(), r1cs.NewBuilder, blank(m, p),
		frontend.WithCapacity(p.Constraints+p.Constraints/8), frontend.WithCompressThreshold(neverCompress))
}

// Define is called by gnark's front end.
func (c *Circuit) Define(api frontend.API) error {
	t, err := newTable(api, c.model.TableBits, c.Counts, c.X, c.Aux)
	if err != nil {
		return err
	}
	api.AssertIsEqual(c.ScaleBits, c.model.OutputBits())
	least, _ := c.model.InputBounds()
	for _, x := range c.X {
		t.lookUp(api.Neg(x), least)
	}
	x, aux := c.X, c.Aux
	for i := range c.model.Stages {
		s := stage{api: api, table: t, model: c.model, stage: &c.model.Stages[i], plan: &c.plan.Stages[i], aux: aux}
		x = s.define(x)
		aux = s.aux
	}
	for i := range x {
		api.AssertIsEqual(c.Y[i], x[i])
	}
	t.close()
	return nil
}
