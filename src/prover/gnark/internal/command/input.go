package command

import (
	"bytes"
	"encoding/json"
	"os"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/network"
)

// readInput takes {"input": ...}, {"input_data": ...} or a bare list, and for several inputs also one member per
// input name. Lists may be nested; their numbers are taken in order (row-major).
func readInput(path string, inputs []network.Input) ([]float64, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.New(fault.InputUnreadable, "cannot read the input %s: %v", path, err)
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	var list json.RawMessage = bytes.TrimSpace(b)
	if len(list) > 0 && list[0] == '{' {
		var o map[string]json.RawMessage
		if err := json.Unmarshal(b, &o); err != nil {
			return nil, fault.New(fault.InputUnreadable, "%s is not JSON: %v", path, err)
		}
		if values, err := readNamed(path, o, inputs); values != nil || err != nil {
			return values, err
		}
		list = o["input"]
		if list == nil {
			list = o["input_data"]
		}
	}
	return readList(path, list)
}

// readNamed takes the inputs by their names, nil unless all are present.
func readNamed(path string, members map[string]json.RawMessage, inputs []network.Input) (values []float64, err error) {
	for _, in := range inputs {
		if members[in.Name] == nil {
			return nil, nil
		}
		list, err := readList(path, members[in.Name])
		if err != nil {
			return nil, err
		}
		if len(list) != in.Size {
			return nil, fault.New(fault.InputShape, "input %q has the wrong number of values, expected %d, given %d", in.Name, in.Size, len(list))
		}
		values = append(values, list...)
	}
	return values, nil
}

func readList(path string, list json.RawMessage) ([]float64, error) {
	var nested any
	if err := json.Unmarshal(list, &nested); err != nil {
		return nil, fault.New(fault.InputUnreadable, "%s holds no input, expected {\"input\": [...]}, {\"input_data\": [...]} or a list of numbers: %v", path, err)
	}
	if _, ok := nested.([]any); !ok {
		return nil, fault.New(fault.InputUnreadable, "%s holds no input, expected a list of numbers, given %T", path, nested)
	}
	var values []float64
	if bad := flatten(nested, &values); bad != nil {
		return nil, fault.New(fault.InputUnreadable, "%s has an element that is no number, expected numbers and lists only, given %v after %d numbers", path, bad, len(values))
	}
	return values, nil
}

// flatten appends the numbers of a nested list and returns the first element that is not a number.
func flatten(v any, to *[]float64) (bad any) {
	switch v := v.(type) {
	case float64:
		*to = append(*to, v)
	case bool: // of an input of booleans
		if v {
			*to = append(*to, 1)
		} else {
			*to = append(*to, 0)
		}
	case []any:
		for _, e := range v {
			if bad := flatten(e, to); bad != nil {
				return bad
			}
		}
	case nil:
		return "null"
	default:
		return v
	}
	return nil
}
