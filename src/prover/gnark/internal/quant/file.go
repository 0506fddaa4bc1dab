package quant

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// The file is one line of JSON (what the model is), then the weights and biases as varints.

// WriteTo writes the model; the bytes depend on nothing but the model.
func (m *Model) WriteTo(w io.Writer) (int64, error) {
	head, err := json.Marshal(m)
	if err != nil {
		return 0, err
	}
	b := append(head, '\n')
	for i := range m.Stages {
		for _, list := range [][]int64{m.Stages[i].Weights, m.Stages[i].Bias} {
			b = binary.AppendUvarint(b, uint64(len(list)))
			for _, v := range list {
				b = binary.AppendVarint(b, v)
			}
		}
	}
	n, err := w.Write(b)
	return int64(n), err
}

// Read reads a model that WriteTo wrote.
func Read(r *bufio.Reader) (*Model, error) {
	head, err := r.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("no header: %w", err)
	}
	m := &Model{}
	if err := json.Unmarshal(head, m); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	for i := range m.Stages {
		s := &m.Stages[i]
		if s.Weights, err = readList(r); err == nil {
			s.Bias, err = readList(r)
		}
		if err != nil {
			return nil, fmt.Errorf("weights of %q: %w", s.Name, err)
		}
	}
	if _, err := r.ReadByte(); err != io.EOF {
		return nil, fmt.Errorf("bytes after the end")
	}
	return m, m.check()
}

func readList(r *bufio.Reader) ([]int64, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return nil, err
	}
	var list []int64 // grown by what is really there, not by what the count claims
	for range n {
		v, err := binary.ReadVarint(r)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// check catches a file that is none of ours before it is indexed.
func (m *Model) check() error {
	if len(m.Stages) == 0 || m.ScaleBits < 1 || m.TableBits < m.ScaleBits || m.TableBits > MaxTableBits || !(m.Lo < m.Hi) {
		return fmt.Errorf("not a quantised model")
	}
	for i := range m.Stages {
		s := &m.Stages[i]
		size := s.Geometry.Out.Size()
		if len(s.Bias) == 0 || size%len(s.Bias) != 0 || len(s.Weights) == 0 || !s.Average && len(s.Weights) != s.Geometry.WeightCount() {
			return fmt.Errorf("stage %q has %d weights and %d biases for its window", s.Name, len(s.Weights), len(s.Bias))
		}
	}
	return nil
}
