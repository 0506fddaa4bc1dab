package network

// Network is a chain of stages; the output is the last stage's.
type Network struct {
	InputDims  []int // as the ONNX graph gives them, batch (1) first
	OutputDims []int
	Stages     []Stage
}

// Stage computes relu(maxpool(linear(x))), each of the outer two only where it is there.
type Stage struct {
	Name   string // of the node that began it
	Linear Linear
	Pool   *Geometry // over Linear.Out, one window per channel; nil where there is none
	Relu   bool
}

// Linear is sum(weight * input) + bias. Bias has one value per output channel or per output element.
// An average pool has no Weights: each tap weighs 1/Divisor, or 1/(number of taps) where Divisor is 0.
type Linear struct {
	Geometry
	Average bool
	Divisor int
	Weights []float64
	Bias    []float64
}

// Out is the shape of the stage's output.
func (s *Stage) Out() Shape {
	if s.Pool != nil {
		return s.Pool.Out
	}
	return s.Linear.Out
}
