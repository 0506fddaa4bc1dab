package command

import (
	"bufio"
	"encoding/json"
	"io"

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
	x, err := model.QuantizeInput(values)
	if err != nil {
		return err
	}
	plan, err := model.Plan()
	if err != nil {
		return err
	}
	trace := model.Infer(x)
	a, err := circuit.Assign(model, plan, trace)
	if err != nil {
		return err
	}
	w, err := a.Witness()
	if err != nil {
		return err
	}
	system := &bn254cs.R1CS{}
	if err := readSealed("circuit", c.flag("circuit"), from(system.ReadFrom)); err != nil {
		return err
	}
	if _, secret, public := system.GetNbVariables(); public != 2+len(a.Y) || secret != a.Secrets() {
		return fault.New(fault.FilesMismatch, "circuit and quantised model are not from the same compile, expected a circuit of %d secret values, given one of %d",
			a.Secrets(), secret)
	}
	if err := circuit.Solve(system, w); err != nil {
		return fault.New(fault.NoValidWitness, "the input has no valid witness in this circuit: %v", err)
	}
	if err := writeSealed("witness", c.flag("witness"), to(w.WriteTo)); err != nil {
		return err
	}
	out := output{Floats: quant.Floats(a.Y, a.ScaleBits), Ints: a.Y, ScaleBits: a.ScaleBits}
	err = writeFile(c.flag("output"), func(w io.Writer) error { return json.NewEncoder(w).Encode(out) })
	if err != nil {
		return err
	}
	e := model.ErrorsOf(trace)
	c.printf("output_error_bound=%.6g\noutput_error_estimate=%.6g\n", e.Bound, e.Estimate)
	return nil
}
