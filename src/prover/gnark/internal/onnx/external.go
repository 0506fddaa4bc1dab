package onnx

import (
	"fmt"
	"io"
	"os"
	"strconv"
)

// readExternal reads a tensor's bytes from an external file. os.Root keeps the read inside the model's folder: the
// system refuses '..', absolute paths and links that lead out of it.
func (t *Tensor) readExternal(want int64) ([]byte, error) {
	at := t.external["location"]
	offset, err := parseSize(t.external["offset"], 0)
	if err != nil {
		return nil, fmt.Errorf("tensor %q: offset of external data: %w", t.Name, err)
	}
	length, err := parseSize(t.external["length"], want)
	if err != nil || length != want {
		return nil, fmt.Errorf("tensor %q: external data has length %q, expected %d bytes", t.Name, t.external["length"], want)
	}
	root, err := os.OpenRoot(t.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.Open(at)
	if err != nil {
		return nil, fmt.Errorf("tensor %q: external data %q must be a file inside the model's folder: %w", t.Name, at, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if offset > info.Size() || info.Size()-offset < want {
		return nil, fmt.Errorf("tensor %q: external data %q has %d bytes, expected %d from offset %d",
			t.Name, at, info.Size(), want, offset)
	}
	b := make([]byte, want)
	_, err = f.ReadAt(b, offset)
	if err == io.EOF {
		err = nil
	}
	return b, err
}

func parseSize(s string, def int64) (int64, error) {
	if s == "" {
		return def, nil
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err == nil && v < 0 {
		err = fmt.Errorf("expected 0 or more, given %d", v)
	}
	return v, err
}
