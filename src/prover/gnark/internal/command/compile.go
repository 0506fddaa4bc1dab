package command

import (
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	bn254cs "github.com/consensys/gnark/constraint/bn254"

	"provemark/gnark/internal/circuit"
	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/network"
	"provemark/gnark/internal/onnx"
	"provemark/gnark/internal/quant"
	"provemark/gnark/internal/setup"
)

// compile reads an ONNX model and writes the circuit, its keys and the quantised model.
func compile(c *context) error {
	collectOften()
	start := time.Now()
	model, plan, system, err := c.circuitOf()
	if err != nil {
		return err
	}
	if err := writeSealed("quantised model", c.flag("quantized"), to(model.WriteTo)); err != nil {
		return err
	}
	if err := writeSealed("circuit", c.flag("circuit"), to(system.WriteTo)); err != nil {
		return err
	}
	c.describe(model, plan, system)
	c.printf("compile_s=%.6f\n", time.Since(start).Seconds())

	c.printf("note: the keys come from a local set-up, whose secrets this machine could have kept: insecure, for measuring only\n")
	start = time.Now()
	pk, vk, err := setup.Run(system)
	if err != nil {
		return err
	}
	if err := writeSealed("proving key", c.flag("pk"), func(w io.Writer) error { return pk.WriteDump(w) }); err != nil {
		return err
	}
	if err := writeSealed("verification key", c.flag("vk"), to(vk.WriteTo)); err != nil {
		return err
	}
	c.printf("setup_s=%.6f\n", time.Since(start).Seconds())
	return nil
}

// circuitOf makes the circuit of a model.
func (c *context) circuitOf() (model *quant.Model, plan *quant.Plan, system *bn254cs.R1CS, err error) {
	opt, err := quantOptions(c)
	if err != nil {
		return nil, nil, nil, err
	}
	onnxModel, err := onnx.Read(c.flag("model"))
	if err != nil {
		return nil, nil, nil, err
	}
	net, err := network.Lower(onnxModel)
	if err != nil {
		return nil, nil, nil, err
	}
	model, plan, err = quant.Quantize(net, opt)
	if fault.Code(err) == fault.BoundOverflow {
		model, plan, err = quantizeDeep(onnxModel, opt, err)
	}
	if err != nil {
		return nil, nil, nil, err
	}
	system, err = circuit.Compile(model, plan)
	return model, plan, system, err
}

// quantizeDeep is for models whose bounds grow too wide. If nothing helps, the refusal stays what it was.
func quantizeDeep(m *onnx.Model, opt quant.Options, refusal error) (*quant.Model, *quant.Plan, error) {
	net, err := network.LowerDeep(m)
	if err != nil {
		return nil, nil, refusal
	}
	model, plan, err := quant.Quantize(net, opt)
	if err != nil {
		model, plan, err = quant.QuantizeInRange(net, opt)
	}
	if err != nil {
		return nil, nil, refusal
	}
	return model, plan, nil
}

func (c *context) describe(model *quant.Model, plan *quant.Plan, system *bn254cs.R1CS) {
	c.printf("%s\n", circuit.Count(system, plan))
	c.printf("scale_bits=%d table_bits=%d output_scale_bits=%d input_range=%v,%v\n",
		model.ScaleBits, model.TableBits, model.OutputBits(), model.Lo, model.Hi)
	if lo, hi, positive, ok := model.AssertedRange(); ok {
		c.printf("note: worst-case bounds grow beyond what this circuit holds, so it asserts that values are from %v to %v, or from 0 to %v: an input that leads outside is refused by witness\n", lo, hi, positive)
	}
}

func quantOptions(c *context) (o quant.Options, err error) {
	bits := c.flag("scale-bits")
	if o.ScaleBits, err = strconv.Atoi(bits); err != nil || o.ScaleBits < 4 || o.ScaleBits > quant.MaxTableBits {
		return o, fault.New(fault.Usage, "flag --scale-bits, expected a number from 4 to %d, given %q", quant.MaxTableBits, bits)
	}
	text := c.flag("input-range")
	lo, hi, _ := strings.Cut(text, ",")
	var errLo, errHi error
	o.Lo, errLo = strconv.ParseFloat(lo, 64)
	o.Hi, errHi = strconv.ParseFloat(hi, 64)
	if errLo != nil || errHi != nil || !(o.Lo < o.Hi) || math.Abs(o.Lo) > 1e6 || math.Abs(o.Hi) > 1e6 {
		return o, fault.New(fault.Usage, "flag --input-range, expected LO,HI with LO < HI, each within a million, given %q", text)
	}
	return o, nil
}
