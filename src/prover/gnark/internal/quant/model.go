// Package quant turns the float network into one of integers, bounds every value it can take, and runs it.
//
// Activations stand at scale 2^ScaleBits, weights and the rescaling shift at 2^TableBits, so that the
// sums of a linear layer stand at 2^(ScaleBits+TableBits) and the remainder of a rescaling is exactly
// one look-up in the range table. The input has a step of its own, chosen so that any number in the
// declared range is one look-up, too; the first weights take up the difference.
package quant

import (
	"provemark/gnark/internal/network"
)

// Model is the quantised network.
type Model struct {
	ScaleBits  int     `json:"scale_bits"`
	TableBits  int     `json:"table_bits"`
	Lo         float64 `json:"input_lo"`
	Hi         float64 `json:"input_hi"`
	InputDims  []int   `json:"input_dims"`
	OutputDims []int   `json:"output_dims"`
	Stages     []Stage `json:"stages"`
}

// Stage computes relu(maxpool(floor((linear(x) + half) / 2^TableBits))) in integers; a raw stage (the
// last one, where it has neither pool nor ReLU) leaves the sums as they are.
type Stage struct {
	Name     string            `json:"name"`
	Geometry network.Geometry  `json:"geometry"`
	Pool     *network.Geometry `json:"pool,omitempty"`
	Relu     bool              `json:"relu"`
	Raw      bool              `json:"raw"`
	// Average: Weights has one value for every number of taps from 1, or a single one for any number.
	Average bool    `json:"average"`
	Weights []int64 `json:"-"`
	Bias    []int64 `json:"-"` // one per channel or per output element
}

// Term is one product of a linear sum.
type Term struct {
	Input  int
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
func (m *Model) InputSize() int { return m.Stages[0].Geometry.In.Size() }

// OutputSize is the number of output values.
func (m *Model) OutputSize() int { return m.Stages[len(m.Stages)-1].Out().Size() }

// OutputBits is the scale of the output: floats are integers / 2^OutputBits.
func (m *Model) OutputBits() int {
	if m.Stages[len(m.Stages)-1].Raw {
		return m.ScaleBits + m.TableBits
	}
	return m.ScaleBits
}
