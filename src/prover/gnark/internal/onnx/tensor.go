package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Element types of TensorProto that weights and shapes come in.
const (
	typeFloat    = 1
	typeInt32    = 6
	typeInt64    = 7
	typeFloat16  = 10
	typeDouble   = 11
	typeBfloat16 = 16
)

// floatSizes are the bytes of one value of the types that weights may have.
var floatSizes = map[int]int{typeFloat: 4, typeFloat16: 2, typeDouble: 8, typeBfloat16: 2}

// IsFloat reports whether Floats can read an element type.
func IsFloat(dataType int) bool { return floatSizes[dataType] != 0 }

// integerTypes are those that Ints can read.
var integerTypes = map[int]struct {
	size     int
	unsigned bool
}{2: {1, true}, 3: {1, false}, 4: {2, true}, 5: {2, false}, typeInt32: {4, false}, typeInt64: {8, false}, Boolean: {1, true}, 12: {4, true}, 13: {8, true}}

// Boolean is the element type BOOL.
const Boolean = 9

// IsInteger reports whether Ints can read an element type: integers and booleans.
func IsInteger(dataType int) bool { return integerTypes[dataType].size != 0 }

// DataType is the element type.
func (t *Tensor) DataType() int { return t.dataType }

// Limits are the ends of an integer type; ok is false for other types, and for those of more than 32 bits.
func Limits(dataType int) (lowest, highest float64, ok bool) {
	kind := integerTypes[dataType]
	if kind.size == 0 || kind.size > 4 {
		return 0, 0, false
	}
	all := math.Exp2(float64(8 * kind.size))
	if kind.unsigned {
		return 0, all - 1, true
	}
	return -all / 2, all/2 - 1, true
}

// IsBoolean reports whether the tensor has booleans.
func (t *Tensor) IsBoolean() bool { return t.dataType == Boolean }

// MaxElements caps one tensor (2^27 floats are 512 MB): dimensions are not trusted before allocation.
const MaxElements = 1 << 27

// Tensor is a constant. Its data stay encoded until they are needed.
type Tensor struct {
	Name     string
	Dims     []int64
	dataType int
	raw      []byte
	floats   []float64
	ints     []int64
	external map[string]string
	dir      string
	problem  error // why its values cannot be read; a tensor that nothing reads may be anything
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

// Floats decodes the values of a tensor of floats. Every value must be finite; only minus infinity, which masks what it
// is added to, becomes the lowest float.
func (t *Tensor) Floats() ([]float64, error) {
	if t.problem != nil {
		return nil, t.problem
	}
	size := floatSizes[t.dataType]
	if size == 0 {
		return nil, fmt.Errorf("tensor %q has element type %d, expected FLOAT (1), FLOAT16 (10), DOUBLE (11) or BFLOAT16 (16)", t.Name, t.dataType)
	}
	// The typed field of 16-bit floats holds their bits as integers.
	typed := len(t.floats)
	if size == 2 {
		typed = len(t.ints)
	}
	n, raw, err := t.payload(size, typed)
	if err != nil {
		return nil, err
	}
	out := t.floats
	if raw != nil || size == 2 {
		out = make([]float64, n)
		for i := range out {
			out[i] = t.float(raw, i)
		}
	}
	for i, v := range out {
		if math.IsInf(v, -1) {
			out[i] = -math.MaxFloat32
		} else if math.IsNaN(v) || math.IsInf(v, 1) {
			return nil, fmt.Errorf("tensor %q has %v at element %d, expected finite numbers", t.Name, v, i)
		}
	}
	return out, nil
}

// float is one value, from raw data or, where those are nil, from 16 bits in the integers.
func (t *Tensor) float(raw []byte, i int) float64 {
	switch t.dataType {
	case typeFloat:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
	case typeDouble:
		return math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
	}
	var bits uint16
	if raw == nil {
		bits = uint16(t.ints[i])
	} else {
		bits = binary.LittleEndian.Uint16(raw[2*i:])
	}
	if t.dataType == typeBfloat16 {
		return float64(math.Float32frombits(uint32(bits) << 16))
	}
	return half(bits)
}

// half is the value of the bits of an IEEE 754 half.
func half(bits uint16) float64 {
	exponent, fraction := int(bits>>10&0x1f), float64(bits&0x3ff)
	v := math.Ldexp(1+fraction/1024, exponent-15)
	switch {
	case exponent == 0:
		v = math.Ldexp(fraction, -24)
	case exponent == 0x1f && fraction == 0:
		v = math.Inf(1)
	case exponent == 0x1f:
		v = math.NaN()
	}
	if bits>>15 == 1 {
		return -v
	}
	return v
}

// Ints decodes the values of a tensor of integers or booleans.
func (t *Tensor) Ints() ([]int64, error) {
	if t.problem != nil {
		return nil, t.problem
	}
	kind := integerTypes[t.dataType]
	if kind.size == 0 {
		return nil, fmt.Errorf("tensor %q has element type %d, expected one of integers or booleans", t.Name, t.dataType)
	}
	n, raw, err := t.payload(kind.size, len(t.ints))
	if err != nil || raw == nil {
		return t.ints, err
	}
	out := make([]int64, n)
	for i := range out {
		v := uint64(0)
		for k := range kind.size {
			v |= uint64(raw[kind.size*i+k]) << (8 * k)
		}
		shift := 64 - 8*kind.size
		if out[i] = int64(v<<shift) >> shift; kind.unsigned {
			out[i] = int64(v)
		}
	}
	return out, nil
}

// payload checks the amount of data against the dimensions before anything is allocated; raw is nil if the values are
// in a typed field.
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
