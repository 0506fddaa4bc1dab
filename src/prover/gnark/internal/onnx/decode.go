package onnx

import (
	"fmt"
	"math"
)

// Field numbers are those of onnx.proto (ModelProto, GraphProto, NodeProto, ...).

func decodeModel(b []byte, dir string) (*Model, error) {
	m := &Model{Consts: map[string]*Tensor{}}
	graphs := 0
	err := eachField(b, func(f field) error {
		switch f.num {
		case 7:
			graphs++
			return m.decodeGraph(f.b, dir)
		case 8:
			return m.decodeOpset(f.b)
		}
		return nil
	})
	if err == nil && graphs != 1 {
		err = fmt.Errorf("expected one graph, found %d", graphs)
	}
	return m, err
}

func (m *Model) decodeOpset(b []byte) error {
	domain, version := "", int64(0)
	err := eachField(b, func(f field) error {
		switch f.num {
		case 1:
			domain = string(f.b)
		case 2:
			version = int64(f.u)
		}
		return nil
	})
	if isStandard(domain) {
		m.Opset = version
	}
	return err
}

// isStandard reports ONNX's own operators, whose domain is empty or spelt out.
func isStandard(domain string) bool { return domain == "" || domain == "ai.onnx" }

func (m *Model) decodeGraph(b []byte, dir string) error {
	return eachField(b, func(f field) error {
		switch f.num {
		case 1:
			n, err := decodeNode(f.b, dir)
			if err != nil {
				return err
			}
			m.Nodes = append(m.Nodes, n)
		case 5:
			t, err := decodeTensor(f.b, dir)
			if err != nil {
				return err
			}
			m.Consts[t.Name] = t
		case 11, 12:
			v, err := decodeValue(f.b)
			if err != nil {
				return err
			}
			if f.num == 11 {
				m.Inputs = append(m.Inputs, v)
			} else {
				m.Outputs = append(m.Outputs, v)
			}
		case 15:
			name, err := sparseName(f.b)
			m.Consts[name] = &Tensor{Name: name, problem: fmt.Errorf("tensor %q is sparse, expected a dense one", name)}
			return err
		}
		return nil
	})
}

// sparseName is the name of a SparseTensorProto: that of its values.
func sparseName(b []byte) (name string, err error) {
	err = eachField(b, func(f field) error {
		if f.num != 1 {
			return nil
		}
		return eachField(f.b, func(f field) error {
			if f.num == 8 {
				name = string(f.b)
			}
			return nil
		})
	})
	return name, err
}

func decodeNode(b []byte, dir string) (Node, error) {
	n := Node{Attrs: map[string]Attr{}}
	domain := ""
	err := eachField(b, func(f field) error {
		switch f.num {
		case 1:
			n.Inputs = append(n.Inputs, string(f.b))
		case 2:
			n.Outputs = append(n.Outputs, string(f.b))
		case 3:
			n.Name = string(f.b)
		case 4:
			n.Op = string(f.b)
		case 5:
			name, a, err := decodeAttr(f.b, dir)
			n.Attrs[name] = a
			return err
		case 7:
			domain = string(f.b)
		}
		return nil
	})
	if !isStandard(domain) {
		n.Op = domain + "." + n.Op
	}
	if n.Name == "" && len(n.Outputs) > 0 {
		n.Name = n.Outputs[0]
	}
	return n, err
}

func decodeAttr(b []byte, dir string) (name string, a Attr, err error) {
	err = eachField(b, func(f field) (err error) {
		switch f.num {
		case 1:
			name = string(f.b)
		case 2:
			a.Float = float32Of(f.u)
		case 3:
			a.Int = int64(f.u)
		case 4:
			a.Bytes = f.b
		case 5:
			a.Tensor, err = decodeTensor(f.b, dir)
		case 7:
			a.Floats, err = appendFloats(a.Floats, f)
		case 8:
			a.Ints, err = appendInts(a.Ints, f)
		case 9:
			a.Strings = append(a.Strings, string(f.b))
		}
		return err
	})
	return name, a, err
}

func decodeTensor(b []byte, dir string) (*Tensor, error) {
	t := &Tensor{dir: dir}
	entries, isExternal := map[string]string{}, false
	err := eachField(b, func(f field) (err error) {
		switch f.num {
		case 1:
			t.Dims, err = appendInts(t.Dims, f)
		case 2:
			t.dataType = int(f.u)
		case 4:
			t.floats, err = appendFloats(t.floats, f)
		case 5, 7, 11:
			t.ints, err = appendInts(t.ints, f)
		case 8:
			t.Name = string(f.b)
		case 9:
			t.raw = f.b
		case 10:
			t.floats, err = appendDoubles(t.floats, f)
		case 13:
			err = decodeEntry(f.b, entries)
		case 14:
			isExternal = f.u == 1
		}
		return err
	})
	if isExternal {
		t.external = entries
	}
	return t, err
}

func decodeEntry(b []byte, to map[string]string) error {
	var key, value string
	err := eachField(b, func(f field) error {
		switch f.num {
		case 1:
			key = string(f.b)
		case 2:
			value = string(f.b)
		}
		return nil
	})
	to[key] = value
	return err
}

func decodeValue(b []byte) (v Value, err error) {
	err = eachField(b, func(f field) error {
		switch f.num {
		case 1:
			v.Name = string(f.b)
		case 2: // TypeProto
			return eachField(f.b, func(f field) error {
				if f.num != 1 {
					return nil
				}
				return v.decodeTensorType(f.b)
			})
		}
		return nil
	})
	return v, err
}

func (v *Value) decodeTensorType(b []byte) error {
	return eachField(b, func(f field) error {
		switch f.num {
		case 1:
			v.DataType = int(f.u)
		case 2:
			v.HasShape = true
			return eachField(f.b, func(dim field) error {
				size := int64(0)
				err := eachField(dim.b, func(f field) error {
					if f.num == 1 && int64(f.u) > 0 && f.u <= math.MaxInt64 {
						size = int64(f.u)
					}
					return nil
				})
				v.Dims = append(v.Dims, size)
				return err
			})
		}
		return nil
	})
}
