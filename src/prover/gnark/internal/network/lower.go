package network

import (
	"maps"
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// Limits that keep a hostile or mistaken model from filling the memory before it is refused.
const (
	maxActivations = 1 << 24
	maxTaps        = 1 << 30
)

// builder lowers one node after the other; dims is the shape of the activation that the next one reads.
type builder struct {
	model  *onnx.Model
	dims   []int
	stages []Stage
	taps   float64 // of all windows so far, see admit
}

var lowerings = map[string]func(*builder, *onnx.Node) error{
	"Add":                (*builder).add,
	"AveragePool":        (*builder).averagePool,
	"BatchNormalization": (*builder).batchNorm,
	"Conv":               (*builder).conv,
	"Dropout":            (*builder).dropout,
	"Flatten":            (*builder).flatten,
	"Gemm":               (*builder).gemm,
	"GlobalAveragePool":  (*builder).globalAveragePool,
	"Identity":           (*builder).pass,
	"MatMul":             (*builder).matMul,
	"MaxPool":            (*builder).maxPool,
	"Relu":               (*builder).relu,
	"Reshape":            (*builder).reshape,
}

// Operators lists the supported operators, sorted. Constant is read before lowering.
func Operators() []string {
	return slices.Sorted(slices.Values(append(slices.Collect(maps.Keys(lowerings)), "Constant")))
}

// Lower turns the model into a chain of stages, or says by node what it does not support.
func Lower(m *onnx.Model) (*Network, error) {
	for i := range m.Nodes {
		if n := &m.Nodes[i]; lowerings[n.Op] == nil {
			return nil, fault.New(fault.UnsupportedOperator,
				"operator %s of node %q is not supported, expected one of %v, given %s", n.Op, n.Name, Operators(), n.Op)
		}
	}
	nodes, in, err := chain(m)
	if err != nil {
		return nil, err
	}
	b := &builder{model: m}
	if b.dims, err = inputDims(in); err != nil {
		return nil, err
	}
	net := &Network{InputDims: b.dims}
	for _, n := range nodes {
		if len(n.Outputs) != 1 && n.Op != "Dropout" {
			return nil, nodeFault(fault.UnsupportedGraph, n, "has %d outputs, expected 1", len(n.Outputs))
		}
		if err := lowerings[n.Op](b, n); err != nil {
			return nil, err
		}
	}
	if len(b.stages) == 0 { // only shapes change: the circuit still needs something to compute
		if err := b.beginIdentity(&onnx.Node{Name: "input", Op: "Identity"}); err != nil {
			return nil, err
		}
	}
	net.Stages, net.OutputDims = b.stages, b.dims
	return net, nil
}

// begin appends a stage, after checking that its size is one that a circuit can have.
func (b *builder) begin(n *onnx.Node, l Linear, dims []int) error {
	if err := b.admit(n, &l.Geometry); err != nil {
		return err
	}
	b.stages = append(b.stages, Stage{Name: n.Name, Linear: l})
	b.dims = dims
	return nil
}

// admit refuses a window that is too large for a circuit. It counts in floats: what a file asks for may
// be more than an integer holds.
func (b *builder) admit(n *onnx.Node, g *Geometry) error {
	outputs := float64(g.Out[0]) * float64(g.Out[1]) * float64(g.Out[2])
	b.taps += outputs * float64(g.In[0]/g.Group) * float64(g.Kernel[0]) * float64(g.Kernel[1])
	if outputs > maxActivations || b.taps > maxTaps {
		return nodeFault(fault.ModelTooLarge, n, "brings the model to %.0f products and has %.0f outputs, expected at most %d and %d",
			b.taps, outputs, maxTaps, maxActivations)
	}
	return nil
}

// beginIdentity appends a stage that passes the activation on, for what follows to join.
func (b *builder) beginIdentity(n *onnx.Node) error {
	s := b.shape()
	l := Linear{Geometry: identity(s), Weights: make([]float64, s[0]), Bias: make([]float64, s[0])}
	for i := range l.Weights {
		l.Weights[i] = 1
	}
	return b.begin(n, l, b.dims)
}

// last is the stage that an activation may still join; open says whether a linear layer may, too.
func (b *builder) last() (s *Stage, open bool) {
	if len(b.stages) == 0 {
		return nil, false
	}
	s = &b.stages[len(b.stages)-1]
	return s, s.Pool == nil && !s.Relu
}

// shape is the present activation as channels, height, width; other ranks are taken as flat.
func (b *builder) shape() Shape {
	if len(b.dims) == 4 {
		return Shape{b.dims[1], b.dims[2], b.dims[3]}
	}
	return Shape{product(b.dims), 1, 1}
}

func product(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}
