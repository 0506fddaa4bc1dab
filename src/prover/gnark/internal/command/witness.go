package command

import (
	"bufio"
	"encoding/json"
	"io"

	"github.com/consensys/gnark/backend/witness"
	bn254cs "github.com/consensys/gnark/constraint/bn254"

	"provemark/gnark/internal/circuit"
	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/quant"
)

// makeWitness runs the quantised model on an input, solves the circuit, and writes the output and the
// values of all public and secret wires.
func makeWitness(c *context) error {
	var model *quant.Model
	err := readSealed("quantised model", c.flag("quantized"), func(r *bufio.Reader) (err error) {
		model, err = quant.Read(r)
		return err
	})
	if err != nil {
		return err
	}
	values, err := readInput(c.flag("input"), model.Inputs)
	if err != nil {
		return err
	}
	solved, err := solve(model, values)
	if err != nil {
		return err
	}
	system := &bn254cs.R1CS{}
	if err := readSealed("circuit", c.flag("circuit"), from(system.ReadFrom)); err != nil {
		return err
	}
	if _, secret, public := system.GetNbVariables(); public != 2+len(solved.Y) || secret != solved.Secrets() {
		return fault.New(fault.FilesMismatch, "circuit and quantised model are not from the same compile, expected a circuit of %d secret values, given one of %d",
			solved.Secrets(), secret)
	}
	if err := solved.in(system); err != nil {
		return err
	}
	if err := writeSealed("witness", c.flag("witness"), to(solved.witness.WriteTo)); err != nil {
		return err
	}
	return c.writeOutput(solved)
}

// solution is the witness of an input.
type solution struct {
	*circuit.Assignment
	witness witness.Witness
	errors  quant.Errors
}

// solve runs the quantised model on an input.
func solve(model *quant.Model, input []float64) (*solution, error) {
	x, err := model.QuantizeInput(input)
	if err != nil {
		return nil, err
	}
	plan, err := model.Plan()
	if err != nil {
		return nil, err
	}
	trace := model.Infer(plan, x)
	a, err := circuit.Assign(model, plan, trace)
	if err != nil {
		return nil, err
	}
	w, err := a.Witness()
	return &solution{a, w, model.ErrorsOf(trace, input)}, err
}

// in checks all constraints.
func (s *solution) in(system *bn254cs.R1CS) error {
	if err := circuit.Solve(system, s.witness); err != nil {
		return fault.New(fault.NoValidWitness, "the input has no valid witness in this circuit: %v", err)
	}
	return nil
}

func (c *context) writeOutput(s *solution) error {
	out := output{Floats: quant.Floats(s.Y, s.ScaleBits), Ints: s.Y, ScaleBits: s.ScaleBits}
	err := writeFile(c.flag("output"), func(w io.Writer) error { return json.NewEncoder(w).Encode(out) })
	if err != nil {
		return err
	}
	c.printf("output_error_bound=%.6g\noutput_error_estimate=%.6g\n", s.errors.Bound, s.errors.Estimate)
	return nil
}

// check makes a model's circuit and, for an input, its witness, without keys: it says what compile and witness would
// refuse, and what would be proved.
func check(c *context) error {
	collectOften()
	if (c.flag("input") == "") != (c.flag("output") == "") {
		return fault.New(fault.Usage, "check: expected --input and --output together, given only one")
	}
	model, plan, system, err := c.circuitOf()
	if err != nil {
		return err
	}
	c.describe(model, plan, system)
	if c.flag("input") == "" {
		return nil
	}
	values, err := readInput(c.flag("input"), model.Inputs)
	if err != nil {
		return err
	}
	solved, err := solve(model, values)
	if err == nil {
		err = solved.in(system)
	}
	if err != nil {
		return err
	}
	return c.writeOutput(solved)
}
