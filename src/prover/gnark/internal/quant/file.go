package quant

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"provemark/gnark/internal/network"
)

// The file is one line of JSON (what the model is), then the weights and biases as varints.

// WriteTo writes the model; the bytes depend only on the model.
func (m *Model) WriteTo(w io.Writer) (int64, error) {
	head, err := json.Marshal(m)
	if err != nil {
		return 0, err
	}
	b := append(head, '\n')
	for i := range m.Stages {
		for _, list := range [][]int64{m.Stages[i].Weights, m.Stages[i].Bias, m.Stages[i].Reads} {
			b = appendList(b, list)
		}
		if m.Stages[i].AddedWeight != 0 {
			b = appendList(b, m.Stages[i].Added)
		}
	}
	for i := range m.Tables {
		b = appendList(b, m.Tables[i].Values)
	}
	b = appendList(b, m.Outputs)
	n, err := w.Write(b)
	return int64(n), err
}

func appendList(b []byte, list []int64) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, v := range list {
		b = binary.AppendVarint(b, v)
	}
	return b
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
		if err == nil {
			s.Reads, err = readList(r)
		}
		if err == nil && s.AddedWeight != 0 {
			s.Added, err = readList(r)
		}
		if err != nil {
			return nil, fmt.Errorf("weights of %q: %w", s.Name, err)
		}
	}
	for i := range m.Tables {
		if m.Tables[i].Values, err = readList(r); err != nil {
			return nil, fmt.Errorf("values of %q: %w", m.Tables[i].Function.Name, err)
		}
	}
	if m.Outputs, err = readList(r); err != nil {
		return nil, fmt.Errorf("outputs: %w", err)
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
	var list []int64 // grows with the actual data, not with the claimed count
	for range n {
		v, err := binary.ReadVarint(r)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// check refuses a file that this program did not write before it is indexed.
func (m *Model) check() error {
	if len(m.Stages) == 0 || m.ScaleBits < 1 || m.TableBits < m.ScaleBits || m.TableBits > MaxTableBits || m.Limbs < 0 || m.Limbs > mostLimbs(m.TableBits) || !(m.Lo < m.Hi) {
		return fmt.Errorf("not a quantised model")
	}
	for _, d := range m.InputDims {
		if d < 1 || d > 1<<24 || m.InputSize() > 1<<24 {
			return fmt.Errorf("an input of dimensions %v", m.InputDims)
		}
	}
	if err := m.checkInputs(); err != nil {
		return err
	}
	known := m.InputSize() // elements so far
	for i := range m.Stages {
		s := &m.Stages[i]
		if err := s.checkReads(known); err != nil {
			return err
		}
		known += s.Out().Size()
		if err := m.checkFunction(s); err != nil {
			return err
		}
		if s.Jump != network.NoJump && (s.Jump != network.Step && s.Jump != network.Floor || s.Raw || s.Pool != nil || s.Relu || s.Function != nil || s.Product) {
			return fmt.Errorf("stage %q has an unknown jump %q", s.Name, s.Jump)
		}
		size := s.Geometry.Out.Size()
		if len(s.Bias) == 0 || size%len(s.Bias) != 0 || len(s.Weights) == 0 || !s.Average && len(s.Weights) != s.Geometry.WeightCount() {
			return fmt.Errorf("stage %q has %d weights and %d biases for its window", s.Name, len(s.Weights), len(s.Bias))
		}
	}
	for _, e := range m.Outputs {
		if e < int64(m.InputSize()) || e >= int64(known) {
			return fmt.Errorf("there is no element %d to be an output", e)
		}
	}
	return nil
}

// checkReads says whether a stage reads only earlier elements.
func (s *Stage) checkReads(known int) error {
	size := s.Geometry.In.Size()
	if s.Softmax != nil && s.Reads == nil {
		return fmt.Errorf("stage %q is a Softmax of nothing", s.Name)
	}
	if s.Quotient {
		size *= 2
	}
	if s.OneHot > 0 {
		size /= s.OneHot
	}
	if x := s.Matrices; x != nil {
		if min(x.Count, x.Rows, x.Inner, x.Cols) < 1 || max(x.Count, x.Rows, x.Inner, x.Cols) > 1<<24 || s.Reads == nil || s.Product || s.Raw || s.Function != nil ||
			s.Pool != nil || s.Relu || x.Count*x.Rows*x.Cols != s.Geometry.Out.Size() {
			return fmt.Errorf("stage %q is no product of matrices", s.Name)
		}
		size = x.Left() + x.Right()
	}
	if s.Product {
		size *= 2
	}
	if s.Product && (s.Reads == nil || s.Average || s.Raw || s.Function != nil) {
		return fmt.Errorf("stage %q is a product of nothing", s.Name)
	}
	if s.Reads == nil && (s.Start < 0 || s.Start+size > known) || s.Reads != nil && len(s.Reads) != size {
		return fmt.Errorf("stage %q reads %d elements from %d of %d", s.Name, size, s.Start, known)
	}
	if s.AddedWeight != 0 && (len(s.Added) != s.Geometry.Out.Size() || s.Product || s.Average || s.Matrices != nil || s.Softmax != nil || s.Norm != nil || s.OneHot > 0) {
		return fmt.Errorf("stage %q adds %d elements to %d", s.Name, len(s.Added), s.Geometry.Out.Size())
	}
	for _, e := range slices.Concat(s.Reads, s.Added) {
		if e < -1 || e >= int64(known) {
			return fmt.Errorf("stage %q reads element %d of %d", s.Name, e, known)
		}
	}
	return nil
}
