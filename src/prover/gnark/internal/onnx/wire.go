package onnx

import (
	"errors"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

var errTruncated = errors.New("the protobuf data ends in the middle of a field or is not protobuf")

// field is one field of a message: u for varint and fixed kinds, b for length-delimited ones.
type field struct {
	num  protowire.Number
	kind protowire.Type
	u    uint64
	b    []byte
}

// eachField calls f for every field of a message, in file order.
func eachField(msg []byte, f func(field) error) error {
	for len(msg) > 0 {
		num, kind, n := protowire.ConsumeTag(msg)
		if n < 0 {
			return errTruncated
		}
		msg = msg[n:]
		fd := field{num: num, kind: kind}
		switch kind {
		case protowire.VarintType:
			fd.u, n = protowire.ConsumeVarint(msg)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(msg)
			fd.u = uint64(v)
		case protowire.Fixed64Type:
			fd.u, n = protowire.ConsumeFixed64(msg)
		case protowire.BytesType:
			fd.b, n = protowire.ConsumeBytes(msg)
		default:
			n = protowire.ConsumeFieldValue(num, kind, msg)
		}
		if n < 0 {
			return errTruncated
		}
		msg = msg[n:]
		if err := f(fd); err != nil {
			return err
		}
	}
	return nil
}

// appendInts adds a repeated integer field, packed or not.
func appendInts(to []int64, fd field) ([]int64, error) {
	if fd.kind == protowire.VarintType {
		return append(to, int64(fd.u)), nil
	}
	for b := fd.b; len(b) > 0; {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return nil, errTruncated
		}
		to, b = append(to, int64(v)), b[n:]
	}
	return to, nil
}

// appendFloats adds a repeated float field, packed or not.
func appendFloats(to []float64, fd field) ([]float64, error) {
	if fd.kind == protowire.Fixed32Type {
		return append(to, float32Of(fd.u)), nil
	}
	for b := fd.b; len(b) > 0; {
		v, n := protowire.ConsumeFixed32(b)
		if n < 0 {
			return nil, errTruncated
		}
		to, b = append(to, float32Of(uint64(v))), b[n:]
	}
	return to, nil
}

// appendDoubles adds a repeated double field, packed or not.
func appendDoubles(to []float64, fd field) ([]float64, error) {
	if fd.kind == protowire.Fixed64Type {
		return append(to, math.Float64frombits(fd.u)), nil
	}
	for b := fd.b; len(b) > 0; {
		v, n := protowire.ConsumeFixed64(b)
		if n < 0 {
			return nil, errTruncated
		}
		to, b = append(to, math.Float64frombits(v)), b[n:]
	}
	return to, nil
}

func float32Of(u uint64) float64 { return float64(math.Float32frombits(uint32(u))) }
