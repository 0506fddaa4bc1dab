package network

import (
	"fmt"
	"strings"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// chain puts the nodes in the order in which the one input flows to the one output.
func chain(m *onnx.Model) ([]*onnx.Node, *onnx.Value, error) {
	in, err := onlyInput(m)
	if err != nil {
		return nil, nil, err
	}
	if len(m.Outputs) != 1 {
		return nil, nil, fault.New(fault.UnsupportedGraph, "the graph has %d outputs, expected 1", len(m.Outputs))
	}
	readers := map[string][]*onnx.Node{}
	for i := range m.Nodes {
		for _, name := range m.Nodes[i].Inputs {
			if _, constant := m.Consts[name]; !constant && name != "" {
				readers[name] = append(readers[name], &m.Nodes[i])
			}
		}
	}
	var nodes []*onnx.Node
	value, out := in.Name, m.Outputs[0].Name
	for value != out {
		next := readers[value]
		if len(next) != 1 || len(nodes) == len(m.Nodes) {
			return nil, nil, fault.New(fault.UnsupportedGraph,
				"value %q is read by %d nodes%s, expected a single chain from input %q to output %q",
				value, len(next), names(next), in.Name, out)
		}
		if len(next[0].Outputs) == 0 {
			return nil, nil, nodeFault(fault.UnsupportedGraph, next[0], "has no output, expected 1")
		}
		nodes = append(nodes, next[0])
		value = next[0].Outputs[0]
	}
	if left := readers[out]; len(left) > 0 {
		return nil, nil, nodeFault(fault.UnsupportedGraph, left[0], "reads the graph's output %q, expected a single chain that ends there", out)
	}
	if len(nodes) != len(m.Nodes) {
		return nil, nil, nodeFault(fault.UnsupportedGraph, offChain(m, nodes), "is not on the chain from input %q to output %q", in.Name, out)
	}
	return nodes, in, nil
}

// onlyInput is the graph's input that is no initializer (old exporters list those, too).
func onlyInput(m *onnx.Model) (*onnx.Value, error) {
	var found []*onnx.Value
	for i := range m.Inputs {
		if _, constant := m.Consts[m.Inputs[i].Name]; !constant {
			found = append(found, &m.Inputs[i])
		}
	}
	if len(found) != 1 {
		return nil, fault.New(fault.UnsupportedGraph, "the graph has %d inputs that are no initializers, expected 1", len(found))
	}
	return found[0], nil
}

func offChain(m *onnx.Model, on []*onnx.Node) *onnx.Node {
	seen := map[*onnx.Node]bool{}
	for _, n := range on {
		seen[n] = true
	}
	for i := range m.Nodes {
		if !seen[&m.Nodes[i]] {
			return &m.Nodes[i]
		}
	}
	return on[0]
}

func names(nodes []*onnx.Node) string {
	if len(nodes) == 0 {
		return ""
	}
	var s []string
	for _, n := range nodes {
		s = append(s, fmt.Sprintf("%q (%s)", n.Name, n.Op))
	}
	return " (" + strings.Join(s, ", ") + ")"
}

func nodeFault(code string, n *onnx.Node, format string, args ...any) error {
	return fault.New(code, "node %q (%s) %s", n.Name, n.Op, fmt.Sprintf(format, args...))
}

// inputDims checks the input's declared shape; a batch that is left open is 1.
func inputDims(v *onnx.Value) ([]int, error) {
	if !onnx.IsFloat(v.DataType) {
		return nil, fault.New(fault.UnsupportedValue, "input %q has element type %d, expected FLOAT (1), FLOAT16 (10), DOUBLE (11) or BFLOAT16 (16)", v.Name, v.DataType)
	}
	if len(v.Dims) < 2 {
		return nil, fault.New(fault.ShapeMismatch, "input %q has dimensions %v, expected a batch of 1 and at least one more", v.Name, v.Dims)
	}
	dims := make([]int, len(v.Dims))
	size := 1
	for i, d := range v.Dims {
		if i == 0 && d == 0 {
			d = 1
		}
		if d < 1 || i == 0 && d != 1 || d > maxActivations || size*int(d) > maxActivations {
			return nil, fault.New(fault.ShapeMismatch,
				"input %q has dimensions %v (0 is one left open), expected a batch of 1 (or left open), all others known, and at most %d elements",
				v.Name, v.Dims, maxActivations)
		}
		dims[i] = int(d)
		size *= int(d)
	}
	return dims, nil
}
