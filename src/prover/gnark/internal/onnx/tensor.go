package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Element types of TensorProto that weights and shapes come in.
const (
	typeFloat  = 1
	typeInt32  = 6
	typeInt64  = 7
	typeDouble = 11
)

// MaxElements caps one tensor (2^27 floats are 512 MB): dimensions are not trusted before allocation.
const MaxElements = 1 << 27

// Tensor is a constant. Its data stay encoded until they are asked for.
type Tensor struct {
	Name     string
	Dims     []int64
	dataType int
	raw      []byte
	floats   []float64
	ints     []int64
	external map[string]string
	dir      string
}

// Count is the number of elements, or an error where the dimensions are negative or too many.
func (t *Tensor) Count() (int, error) {
	n := int64(1)
	for _, d := range t.Dims {
		if d < 0 || d > MaxElements || n*d > MaxElements {
			return 0, fmt.Errorf("tensor %q has dimensions %v: each must be 0 or more, %d elements at most",
				t.Name, t.Dims, MaxElements)
		}
		n *= d
	}
	return int(n), nil
}

// Floats decodes the values of a FLOAT or DOUBLE tensor; every value must be finite.
func (t *Tensor) Floats() ([]float64, error) {
	size := map[int]int{typeFloat: 4, typeDouble: 8}[t.dataType]
	if size == 0 {
		return nil, fmt.Errorf("tensor %q has element type %d, expected FLOAT (1) or DOUBLE (11)", t.Name, t.dataType)
	}
	n, raw, err := t.payload(size, len(t.floats))
	if err != nil {
		return nil, err
	}
	out := t.floats
	if raw != nil {
		out = make([]float64, n)
		for i := range out {
			if size == 4 {
				out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
			} else {
				out[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
			}
		}
	}
	for i, v := range out {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("tensor %q has %v at element %d, expected finite numbers", t.Name, v, i)
		}
	}
	return out, nil
}

// Ints decodes the values of an INT32 or INT64 tensor.
func (t *Tensor) Ints() ([]int64, error) {
	size := map[int]int{typeInt32: 4, typeInt64: 8}[t.dataType]
	if size == 0 {
		return nil, fmt.Errorf("tensor %q has element type %d, expected INT32 (6) or INT64 (7)", t.Name, t.dataType)
	}
	n, raw, err := t.payload(size, len(t.ints))
	if err != nil || raw == nil {
		return t.ints, err
	}
	out := make([]int64, n)
	for i := range out {
		if size == 4 {
			out[i] = int64(int32(binary.LittleEndian.Uint32(raw[4*i:])))
		} else {
			out[i] = int64(binary.LittleEndian.Uint64(raw[8*i:]))
		}
	}
	return out, nil
}

// payload checks the amount of data against the dimensions before anything is allocated for them; raw
// is nil where the values stand in a typed field.
func (t *Tensor) payload(size, typed int) (n int, raw []byte, err error) {
	if n, err = t.Count(); err != nil {
		return 0, nil, err
	}
	raw = t.raw
	if t.external != nil {
		if raw, err = t.readExternal(int64(n) * int64(size)); err != nil {
			return 0, nil, err
		}
	}
	if raw == nil && typed == n {
		return n, nil, nil
	}
	if len(raw) != n*size || typed != 0 {
		return 0, nil, fmt.Errorf("tensor %q has dimensions %v, expected %d bytes of data, found %d bytes and %d typed values",
			t.Name, t.Dims, n*size, len(raw), typed)
	}
	return n, raw, nil
}
