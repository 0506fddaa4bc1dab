// Package quant turns the float network into one of integers, bounds every value it can take, and runs it.
//
// Activations stand at scale 2^ScaleBits, weights and the rescaling shift at 2^TableBits, so that the
// sums of a linear layer stand at 2^(ScaleBits+TableBits) and the remainder of a rescaling is exactly
// one look-up in the range table. The input has a step of its own, chosen so that any number in the
// declared range is one look-up, too; the first weights take up the difference.
package quant

import (
	"math"

	"provemark/gnark/internal/network"
)

// Model is the quantised network.
type Model struct {
	ScaleBits int             `json:"scale_bits"`
	TableBits int             `json:"table_bits"`
	Lo        float64         `json:"input_lo"`
	Hi        float64         `json:"input_hi"`
	InputDims []int           `json:"input_dims"`
	Inputs    []network.Input `json:"inputs,omitempty"` // where there are several, or one that is not of floats
	// Limbs, if not 0, is the most that the circuit gives a value, see rangeOf.
	Limbs int `json:"limbs,omitempty"`
	// Even: the input's step is a power of two, so that numbers such as 1 or 0.5 are on its grid exactly.
	Even       bool    `json:"even,omitempty"`
	OutputDims []int   `json:"output_dims"`
	Stages     []Stage `json:"stages"`
	Tables     []Table `json:"tables,omitempty"`
	Outputs    []int64 `json:"-"` // elements that are the output, see network.Element; none: all of the last stage
}

// Stage computes relu(maxpool(floor((linear(x) + half) / 2^TableBits))) in integers; a raw stage (read only by the
// output, if none of those has a pool or a ReLU) leaves the sums unchanged.
type Stage struct {
	Name     string            `json:"name"`
	Geometry network.Geometry  `json:"geometry"`
	Pool     *network.Geometry `json:"pool,omitempty"`
	Relu     bool              `json:"relu"`
	// Function, if set, is looked up in a table for the sum divided by 2^(TableBits + Coarse), rounded.
	Function *network.Function `json:"function,omitempty"`
	Coarse   int               `json:"coarse,omitempty"`
	Table    int               `json:"table,omitempty"` // its index in Model.Tables
	Raw      bool              `json:"raw"`
	// Jump, if set, is applied to the sum divided by 2^TableBits, rounded.
	Jump network.Jump `json:"jump,omitempty"`
	// Exact: its weights and biases were not rounded.
	Exact bool `json:"exact,omitempty"`
	// Average: Weights has one value per number of taps from 1, or a single one for any number.
	Average bool    `json:"average"`
	Weights []int64 `json:"-"`
	Bias    []int64 `json:"-"` // one per channel or per output element
	// Start is the first element that the stage reads, and the others follow; or Reads lists them all.
	Start int     `json:"start,omitempty"`
	Reads []int64 `json:"-"`
	// Added are elements that are added to the sums, one each, times AddedWeight; nil where there are none.
	Added       []int64 `json:"-"`
	AddedWeight int64   `json:"added_weight,omitempty"`
	// Product: the linear layer reads, instead of elements, the products of the first half of Reads with the second.
	Product bool `json:"product,omitempty"`
	// Matrices, if set: the values are the products of matrices, exact, of all elements of Reads.
	Matrices *network.Matrices `json:"matrices,omitempty"`
	// Norm, if set: the values are normalised rows of what it reads, see NormRow.
	Norm *network.Norm `json:"norm,omitempty"`
	// Quotient: the values are the quotients of the first half of Reads and the second.
	Quotient bool `json:"quotient,omitempty"`
	// OneHot, if not 0: the values are 1 at each of the indices of Reads, of so many, and 0 elsewhere.
	OneHot int `json:"one_hot,omitempty"`
	// Softmax, if set: the values are those of rows of Reads, see SoftmaxRow.
	Softmax    *network.Softmax `json:"softmax,omitempty"`
	Multiplier int64            `json:"multiplier,omitempty"`
	// Step is the distance between neighbouring values; 0 where it is the common one.
	Step float64 `json:"step,omitempty"`
}

// Term is one product of a linear sum.
type Term struct {
	Input  int // the element, see network.Element
	Weight int64
}

// Out is the shape of the stage's output.
func (s *Stage) Out() network.Shape {
	if s.Pool != nil {
		return s.Pool.Out
	}
	return s.Geometry.Out
}

// Window appends the elements (positions of the linear layer) that output o is the maximum of.
func (s *Stage) Window(o int, to []network.Tap) []network.Tap {
	if s.Pool == nil {
		return append(to, network.Tap{Input: o})
	}
	return s.Pool.Taps(o, to)
}

// InputSize is the number of input values.
func (m *Model) InputSize() int {
	n := 1
	for _, d := range m.InputDims {
		n *= d
	}
	return n
}

// OutputSize is the number of output values.
func (m *Model) OutputSize() int {
	if len(m.Outputs) > 0 {
		return len(m.Outputs)
	}
	return m.last().Out().Size()
}

func (m *Model) last() *Stage { return &m.Stages[len(m.Stages)-1] }

// EachOutput calls f for every output value, in order, with its stage and the place in that stage's output.
func (m *Model) EachOutput(f func(i, stage, at int)) {
	stage, start := 0, m.InputSize()
	for i := range m.OutputSize() {
		e := m.OutputElement(i)
		if e < start { // outputs may go back; most continue
			stage, start = 0, m.InputSize()
		}
		for e >= start+m.Stages[stage].Out().Size() {
			start += m.Stages[stage].Out().Size()
			stage++
		}
		f(i, stage, e-start)
	}
}

// OutputElement is the element of output i.
func (m *Model) OutputElement(i int) int {
	if len(m.Outputs) > 0 {
		return int(m.Outputs[i])
	}
	return m.size() - m.last().Out().Size() + i
}

// size is the number of elements: the input's and all stages'.
func (m *Model) size() int {
	n := m.InputSize()
	for i := range m.Stages {
		n += m.Stages[i].Out().Size()
	}
	return n
}

// inputKind is the kind of an input value.
func (m *Model) inputKind(element int64) network.Kind { return m.inputOf(element).Kind }

// inputOf is the input that a value belongs to.
func (m *Model) inputOf(element int64) network.Input {
	for i := range m.Inputs {
		if element -= int64(m.Inputs[i].Size); element < 0 {
			return m.Inputs[i]
		}
	}
	return network.Input{}
}

// step is the distance between neighbouring values of what a stage reads: that of the input, or the common one.
func (m *Model) step(s *Stage) float64 {
	first := int64(s.Start)
	for _, e := range s.Reads {
		if first = e; e >= 0 {
			break
		}
	}
	if s.Product {
		return math.Exp2(-2 * float64(m.ScaleBits))
	}
	return m.stepAt(first)
}

// stepAt is the distance between neighbouring values of an element.
func (m *Model) stepAt(element int64) float64 {
	if element < int64(m.InputSize()) {
		return m.inputStep(element)
	}
	end := int64(m.InputSize())
	for i := range m.Stages {
		if end += int64(m.Stages[i].Out().Size()); element < end {
			if m.Stages[i].Step != 0 {
				return m.Stages[i].Step
			}
			break
		}
	}
	return math.Exp2(-float64(m.ScaleBits))
}

// OutputBits is the scale of the output: floats are integers / 2^OutputBits.
func (m *Model) OutputBits() int {
	if m.Stages[m.outputStage()].Raw {
		return m.ScaleBits + m.TableBits
	}
	return m.ScaleBits
}

// outputStage is a stage that gives an output value; since all of those are raw or none is, any one will do.
func (m *Model) outputStage() int {
	if len(m.Outputs) == 0 {
		return len(m.Stages) - 1
	}
	at := 0
	for start := m.InputSize() + m.Stages[0].Out().Size(); int(m.Outputs[0]) >= start; start += m.Stages[at].Out().Size() {
		at++
	}
	return at
}
