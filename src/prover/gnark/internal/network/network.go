package network

// Network is a graph of stages in an order in which each reads only the input and stages before it.
type Network struct {
	InputDims  []int // as the ONNX graph gives them; of several inputs the number of all their values
	Inputs     []Input
	OutputDims []int // likewise
	Stages     []Stage
	Outputs    []Element // what the graph gives, in order; nil where that is the last stage's output
}

// Input is one of the graph's inputs, whose values are concatenated.
type Input struct {
	Name string `json:"name"`
	Size int    `json:"size"`
	Kind Kind   `json:"kind,omitempty"`
	// Below, if not 0: its values are indices from 0 to below that.
	Below int `json:"below,omitempty"`
}

// Kind is the kind of number that an element is.
type Kind string

const (
	Float   Kind = ""
	Integer Kind = "integer"
	Boolean Kind = "boolean" // 0 or 1
)

// Element is one value of the network: those of the input come first, then those of each stage. None is a zero.
type Element int

// None is a constant zero, as in padding.
const None Element = -1

// Stage computes relu(maxpool(linear(x))), with optional max-pool and ReLU, or function, step or floor of linear(x).
type Stage struct {
	Name     string // of the node that began it
	Linear   Linear
	Pool     *Geometry // over Linear.Out, one window per channel; nil where there is none
	Relu     bool
	Function *Function // nil where there is none
	Jump     Jump      // of the rounded linear layer, NoJump where there is none
	Reads    []Element // what the linear layer reads; nil where that is all of the stage before, or the input
	// Added are elements that the linear layer adds to its sums, one each, times AddedWeight; nil where there are none.
	Added       []Element
	AddedWeight float64
	// Product: it reads two lists, one after another, and the linear layer reads their element-wise products.
	Product bool
	// Norm, if set, comes before the linear layer, which is one weight per element.
	Norm *Norm
	// Quotient: it reads two lists, one after another, and its values are the first divided by the second.
	Quotient bool
	// OneHot, if not 0, is of how many values: it reads indices, and gives 1 at each index and 0 elsewhere, index by
	// index for value 0, then for value 1, and so on.
	OneHot int
	// Matrices or Softmax, if set, take the place of all that; the linear layer only has the shape of the values.
	Matrices *Matrices
	Softmax  *Softmax
}

// Jump is a function with whole values that jumps from one to the next.
type Jump string

const (
	NoJump Jump = ""
	Step   Jump = "step"  // 1 above zero, otherwise 0
	Floor  Jump = "floor" // the largest integer that is not larger
)

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

// InputSize is the number of input values.
func (n *Network) InputSize() int { return product(n.InputDims) }
