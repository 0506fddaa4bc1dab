// Package onnx reads the part of ONNX that a feed-forward CNN needs, straight from the protobuf wire
// format: the messages are few and their field numbers are fixed by onnx.proto.
package onnx

// Model is one graph, with its constants stored separately.
type Model struct {
	Opset   int64
	Nodes   []Node // in file order, Constant nodes left out
	Inputs  []Value
	Outputs []Value
	Consts  map[string]*Tensor // initializers and Constant nodes, by value name
}

// Node is one operator call. Missing optional inputs are empty names.
type Node struct {
	Name    string // the node's name, or its first output where it has none
	Op      string // with its domain in front where that is not ONNX's own
	Inputs  []string
	Outputs []string
	Attrs   map[string]Attr
}

// Attr holds whichever kind of value the attribute had.
type Attr struct {
	Int     int64
	Float   float64
	Bytes   []byte
	Ints    []int64
	Floats  []float64
	Strings []string
	Tensor  *Tensor
}

// Value is a graph input or output; a dimension that is not a positive number in the file is 0.
type Value struct {
	Name     string
	DataType int
	Dims     []int64
	HasShape bool
}

// Int is the integer attribute of that name, or def.
func (n *Node) Int(name string, def int64) int64 {
	if a, ok := n.Attrs[name]; ok {
		return a.Int
	}
	return def
}

// Float is the float attribute of that name, or def.
func (n *Node) Float(name string, def float64) float64 {
	if a, ok := n.Attrs[name]; ok {
		return a.Float
	}
	return def
}

// Ints is the list attribute of that name, or nil.
func (n *Node) Ints(name string) []int64 { return n.Attrs[name].Ints }

// String is the string attribute of that name, or def.
func (n *Node) String(name, def string) string {
	if a, ok := n.Attrs[name]; ok {
		return string(a.Bytes)
	}
	return def
}
