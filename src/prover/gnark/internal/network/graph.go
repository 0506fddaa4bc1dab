package network

import (
	"fmt"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// needed are the nodes that the outputs depend on, each after those that it reads.
func needed(m *onnx.Model) ([]*onnx.Node, error) {
	makers := map[string]*onnx.Node{}
	for i := range m.Nodes {
		for _, out := range m.Nodes[i].Outputs {
			if out != "" {
				makers[out] = &m.Nodes[i]
			}
		}
	}
	known := map[string]bool{"": true}
	for name := range m.Consts {
		known[name] = true
	}
	for _, in := range m.Inputs {
		known[in.Name] = true
	}
	w := &walk{makers: makers, known: known, state: map[*onnx.Node]int{}}
	for _, out := range m.Outputs {
		if err := w.visit(out.Name, nil); err != nil {
			return nil, err
		}
	}
	return w.nodes, nil
}

// walk goes from outputs to inputs with an explicit stack, because a file may nest nodes by the million.
type walk struct {
	makers map[string]*onnx.Node
	known  map[string]bool
	state  map[*onnx.Node]int // 0 not seen, 1 waiting for what it reads, 2 done
	nodes  []*onnx.Node
}

func (w *walk) visit(name string, reader *onnx.Node) error {
	maker, err := w.maker(name, reader)
	if err != nil || maker == nil {
		return err
	}
	stack := []*onnx.Node{maker}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		if w.state[n] == 0 {
			w.state[n] = 1
			for _, in := range n.Inputs {
				m, err := w.maker(in, n)
				if err != nil {
					return err
				}
				if m != nil && w.state[m] == 1 {
					return nodeFault(fault.UnsupportedGraph, n, "reads %q, which depends on it, expected a graph without loops", in)
				}
				if m != nil && w.state[m] == 0 {
					stack = append(stack, m)
				}
			}
			continue
		}
		stack = stack[:len(stack)-1]
		if w.state[n] == 1 {
			w.state[n] = 2
			w.nodes = append(w.nodes, n)
		}
	}
	return nil
}

// maker is the node that produces a value, nil if it is an input or a constant.
func (w *walk) maker(name string, reader *onnx.Node) (*onnx.Node, error) {
	if n := w.makers[name]; n != nil {
		if w.known[name] {
			return nil, nodeFault(fault.UnsupportedGraph, n, "gives %q, which is an input or a constant of the graph, expected each value to be given once", name)
		}
		return n, nil
	}
	if w.known[name] {
		return nil, nil
	}
	if reader != nil {
		return nil, nodeFault(fault.UnsupportedGraph, reader, "reads %q, which nothing gives, expected an input, a constant or a node's output", name)
	}
	return nil, fault.New(fault.UnsupportedGraph, "output %q is given by nothing, expected a node that gives it", name)
}

// inputs are the graph's inputs that are not initializers (old exporters list those, too).
func inputs(m *onnx.Model) []*onnx.Value {
	var found []*onnx.Value
	for i := range m.Inputs {
		if _, constant := m.Consts[m.Inputs[i].Name]; !constant {
			found = append(found, &m.Inputs[i])
		}
	}
	return found
}

func nodeFault(code string, n *onnx.Node, format string, args ...any) error {
	return fault.New(code, "node %q (%s) %s", n.Name, n.Op, fmt.Sprintf(format, args...))
}

func kindOf(dataType int) Kind {
	switch {
	case dataType == onnx.Boolean:
		return Boolean
	case onnx.IsInteger(dataType):
		return Integer
	}
	return Float
}

// inputDims checks an input's declared shape; a batch that is left open is 1.
func inputDims(v *onnx.Value) ([]int, error) {
	if !onnx.IsFloat(v.DataType) && !onnx.IsInteger(v.DataType) {
		return nil, fault.New(fault.UnsupportedValue, "input %q has element type %d, expected one of floats, integers or booleans", v.Name, v.DataType)
	}
	if !v.HasShape {
		return nil, fault.New(fault.ShapeMismatch, "input %q has no shape, expected its dimensions", v.Name)
	}
	dims := make([]int, len(v.Dims))
	size := 1
	for i, d := range v.Dims {
		if i == 0 && d == 0 {
			d = 1
		}
		if d < 1 || d > maxActivations || size*int(d) > maxActivations {
			return nil, fault.New(fault.ShapeMismatch,
				"input %q has dimensions %v (0 is one left open), expected all known but the batch, and at most %d elements",
				v.Name, v.Dims, maxActivations)
		}
		dims[i] = int(d)
		size *= int(d)
	}
	return dims, nil
}
