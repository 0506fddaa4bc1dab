package onnx

import (
	"os"
	"path/filepath"

	"provemark/gnark/internal/fault"
)

// MaxModelBytes is protobuf's own limit of one message.
const MaxModelBytes = 2 << 30

// minOpset is the first in which the supported operators mean what they mean today.
const minOpset = 9

// Read reads a model; tensors in external files are read when their values are asked for.
func Read(path string) (*Model, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fault.New(fault.ModelUnreadable, "cannot open the model %s: %v", path, err)
	}
	if info.IsDir() || info.Size() > MaxModelBytes {
		return nil, fault.New(fault.ModelUnreadable, "%s is not a readable model, expected a file of at most %d bytes, given %d",
			path, MaxModelBytes, info.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.New(fault.ModelUnreadable, "cannot read the model %s: %v", path, err)
	}
	m, err := decodeModel(b, filepath.Dir(path))
	if err != nil {
		return nil, fault.New(fault.ModelUnreadable, "%s is not a readable ONNX model: %v", path, err)
	}
	if m.Opset < minOpset {
		return nil, fault.New(fault.UnsupportedValue, "%s uses opset %d, expected %d or newer: export it again", path, m.Opset, minOpset)
	}
	m.foldConstants()
	return m, nil
}

// foldConstants moves Constant nodes, and Identity nodes on constants (exporters share weights that
// way), from the nodes to the constants.
func (m *Model) foldConstants() {
	kept := m.Nodes[:0]
	for _, n := range m.Nodes {
		if n.Op == "Constant" && len(n.Outputs) == 1 {
			m.Consts[n.Outputs[0]] = constantOf(&n)
			continue
		}
		if n.Op == "Identity" && len(n.Inputs) == 1 && len(n.Outputs) == 1 {
			if t, ok := m.Consts[n.Inputs[0]]; ok {
				m.Consts[n.Outputs[0]] = t
				continue
			}
		}
		kept = append(kept, n)
	}
	m.Nodes = kept
}

func constantOf(n *Node) *Tensor {
	for name, a := range n.Attrs {
		switch name {
		case "value":
			if a.Tensor != nil {
				return a.Tensor
			}
		case "value_float":
			return &Tensor{Name: n.Name, dataType: typeFloat, floats: []float64{a.Float}}
		case "value_floats":
			return &Tensor{Name: n.Name, dataType: typeFloat, floats: a.Floats, Dims: []int64{int64(len(a.Floats))}}
		case "value_int":
			return &Tensor{Name: n.Name, dataType: typeInt64, ints: []int64{a.Int}}
		case "value_ints":
			return &Tensor{Name: n.Name, dataType: typeInt64, ints: a.Ints, Dims: []int64{int64(len(a.Ints))}}
		}
	}
	return &Tensor{Name: n.Name, problem: fault.New(fault.UnsupportedValue, "node %q (Constant) has no tensor, number or list of numbers as its value", n.Name)}
}
