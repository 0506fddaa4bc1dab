// Package onnxtest writes ONNX models for tests: the few messages they need, field by field.
package onnxtest

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// Model is a graph under construction. Zero dimensions of the input are left open.
type Model struct {
	graph []byte
}

// New begins a graph with one float input of the given dimensions.
func New(input string, dims ...int64) *Model {
	m := &Model{}
	m.graph = appendBytes(m.graph, 11, valueInfo(input, dims))
	return m
}

// Output names the graph's output.
func (m *Model) Output(name string) *Model {
	m.graph = appendBytes(m.graph, 12, valueInfo(name, nil))
	return m
}

// Input adds a further input.
func (m *Model) Input(name string, dims ...int64) *Model {
	m.graph = appendBytes(m.graph, 11, valueInfo(name, dims))
	return m
}

// IntegerInput adds a further input, of int64.
func (m *Model) IntegerInput(name string, dims ...int64) *Model {
	m.graph = appendBytes(m.graph, 11, typedInfo(name, 7, dims))
	return m
}

// Node adds a node. Attributes are int, float64, string, []int64 or []byte (an encoded tensor).
func (m *Model) Node(op, name string, inputs, outputs []string, attrs map[string]any) *Model {
	var b []byte
	for _, s := range inputs {
		b = appendBytes(b, 1, []byte(s))
	}
	for _, s := range outputs {
		b = appendBytes(b, 2, []byte(s))
	}
	b = appendBytes(b, 3, []byte(name))
	b = appendBytes(b, 4, []byte(op))
	for k, v := range attrs {
		b = appendBytes(b, 5, attribute(k, v))
	}
	m.graph = appendBytes(m.graph, 1, b)
	return m
}

// Op adds a node that reads one activation and constants, and writes the activation out.
func (m *Model) Op(op, in, out string, attrs map[string]any, consts ...string) *Model {
	return m.Node(op, "node_"+out, append([]string{in}, consts...), []string{out}, attrs)
}

// Floats adds a float initializer with its values in raw_data.
func (m *Model) Floats(name string, v []float32, dims ...int64) *Model {
	return m.Tensor(FloatTensor(name, v, dims...))
}

// Ints adds an int64 initializer with its values in int64_data, packed.
func (m *Model) Ints(name string, v []int64) *Model {
	var packed []byte
	for _, x := range v {
		packed = protowire.AppendVarint(packed, uint64(x))
	}
	b := appendVarint(nil, 1, uint64(len(v)))
	b = appendVarint(b, 2, 7)
	b = appendBytes(b, 7, packed)
	return m.Tensor(appendBytes(b, 8, []byte(name)))
}

// Tensor adds an encoded TensorProto as an initializer.
func (m *Model) Tensor(b []byte) *Model {
	m.graph = appendBytes(m.graph, 5, b)
	return m
}

// FloatTensor is an encoded TensorProto of floats in raw_data.
func FloatTensor(name string, v []float32, dims ...int64) []byte {
	var raw []byte
	for _, x := range v {
		raw = protowire.AppendFixed32(raw, math.Float32bits(x))
	}
	return appendBytes(tensorHead(name, dims), 9, raw)
}

// TypedTensor is the same with its values in float_data, not packed.
func TypedTensor(name string, v []float32, dims ...int64) []byte {
	b := tensorHead(name, dims)
	for _, x := range v {
		b = protowire.AppendTag(b, 4, protowire.Fixed32Type)
		b = protowire.AppendFixed32(b, math.Float32bits(x))
	}
	return b
}

// ExternalTensor is one whose values are in an external file; offset and length may be empty.
func ExternalTensor(name, location, offset, length string, dims ...int64) []byte {
	b := appendVarint(tensorHead(name, dims), 14, 1)
	for _, kv := range [][2]string{{"location", location}, {"offset", offset}, {"length", length}} {
		if kv[1] != "" {
			b = appendBytes(b, 13, appendBytes(appendBytes(nil, 1, []byte(kv[0])), 2, []byte(kv[1])))
		}
	}
	return b
}

func tensorHead(name string, dims []int64) []byte {
	var b []byte
	for _, d := range dims {
		b = appendVarint(b, 1, uint64(d))
	}
	b = appendVarint(b, 2, 1)
	return appendBytes(b, 8, []byte(name))
}

// Bytes is the encoded ModelProto.
func (m *Model) Bytes() []byte {
	return m.WithOpset(17)
}

// WithOpset is the same at another version of the operators.
func (m *Model) WithOpset(version uint64) []byte {
	b := appendVarint(nil, 1, 8) // ir_version
	b = appendBytes(b, 8, appendVarint(nil, 2, version))
	return appendBytes(b, 7, m.graph)
}

// Write puts the model into a file of the test's own folder.
func (m *Model) Write(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.onnx")
	if err := os.WriteFile(path, m.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func valueInfo(name string, dims []int64) []byte { return typedInfo(name, 1, dims) }

func typedInfo(name string, dataType uint64, dims []int64) []byte {
	var shape []byte
	for _, d := range dims {
		var dim []byte
		if d != 0 {
			dim = appendVarint(nil, 1, uint64(d))
		} else {
			dim = appendBytes(nil, 2, []byte("N"))
		}
		shape = appendBytes(shape, 1, dim)
	}
	tensor := appendBytes(appendVarint(nil, 1, dataType), 2, shape)
	return appendBytes(appendBytes(nil, 1, []byte(name)), 2, appendBytes(nil, 1, tensor))
}

func attribute(name string, v any) []byte {
	b := appendBytes(nil, 1, []byte(name))
	switch v := v.(type) {
	case int:
		b = appendVarint(b, 3, uint64(v))
	case float64:
		b = protowire.AppendTag(b, 2, protowire.Fixed32Type)
		b = protowire.AppendFixed32(b, math.Float32bits(float32(v)))
	case string:
		b = appendBytes(b, 4, []byte(v))
	case []byte:
		b = appendBytes(b, 5, v)
	case []int64:
		for _, x := range v {
			b = appendVarint(b, 8, uint64(x))
		}
	}
	return b
}

func appendVarint(b []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
}

func appendBytes(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}
