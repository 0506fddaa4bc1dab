package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"provemark/gnark/internal/fault"
)

// output is the statement of a proof. Floats are Ints / 2^ScaleBits.
type output struct {
	Floats    []float64 `json:"output"`
	Ints      []int64   `json:"ints"`
	ScaleBits int       `json:"scale_bits"`
}

// readOutput requires exactly the three members, each once, by its exact name, and without null. encoding/json alone
// would accept "INTS" for "ints", the last of two members and null for zero, and so another reader of the file could
// see other numbers than the verifier.
func readOutput(path string) (o output, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return o, fault.New(fault.FileUnreadable, "cannot read the output %s: %v", path, err)
	}
	members, err := readMembers(b)
	for name, to := range map[string]any{"output": &o.Floats, "ints": &o.Ints, "scale_bits": &o.ScaleBits} {
		if err != nil {
			break
		}
		if members[name] == nil {
			err = fmt.Errorf("member %q is missing", name)
		} else if bytes.Contains(members[name], []byte("null")) {
			err = fmt.Errorf("member %q holds null", name)
		} else if e := json.Unmarshal(members[name], to); e != nil {
			err = fmt.Errorf("member %q: %w", name, e)
		}
	}
	if err == nil && len(members) != 3 {
		err = fmt.Errorf("expected three members, given %d", len(members))
	}
	if err != nil {
		return o, fault.New(fault.FileUnreadable, "%s is not an output: %v", path, err)
	}
	return o, nil
}

// readMembers splits a JSON object; a duplicate name is an error.
func readMembers(b []byte) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return nil, errors.New("it is no JSON object")
	}
	members := map[string]json.RawMessage{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		if members[name.(string)] != nil {
			return nil, fmt.Errorf("member %q is there twice", name)
		}
		members[name.(string)] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("there is more after the object")
	}
	return members, nil
}
