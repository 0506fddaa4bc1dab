package network

import (
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// Recurrent cells, one step after the other, with constant weights.

func init() {
	for op, gates := range map[string]int{"RNN": 1, "GRU": 3, "LSTM": 4} {
		lowerings[op] = func(b *builder, n *onnx.Node) ([]*tensor, error) {
			c := &calc{builder: b, n: n}
			out := c.recurrent(gates)
			return out, c.err
		}
	}
}

// cell is one direction of a recurrent layer.
type cell struct {
	*calc
	gates, hidden int
	w, r          *tensor // inputs and states to gates
	wb, rb        *tensor // their biases
	peep          []*tensor
	functions     []string
}

func (c *calc) recurrent(gates int) []*tensor {
	x, w, r := c.in(0), c.constant(1), c.constant(2)
	if c.err != nil || len(x.dims) != 3 || len(w.dims) != 3 || len(r.dims) != 3 {
		return []*tensor{c.refuse(fault.ShapeMismatch, "has dimensions %v, %v and %v, expected three each", x.dims, w.dims, r.dims)}
	}
	if c.n.Int("layout", 0) != 0 {
		x = c.op("Transpose", attrs{"perm": []int{1, 0, 2}}, x)
	}
	steps, batch, directions, hidden := x.dims[0], x.dims[1], w.dims[0], r.dims[2]
	if _, clips := c.n.Attrs["clip"]; clips || w.dims[1] != gates*hidden || r.dims[1] != gates*hidden || w.dims[2] != x.dims[2] || r.dims[0] != directions {
		return []*tensor{c.refuse(fault.UnsupportedValue, "has weights %v and %v for an input %v, expected %d gates of each state and no clip", w.dims, r.dims, x.dims, gates)}
	}
	if given(c.n, 4) {
		for _, length := range c.ints(4) {
			if length != steps {
				return []*tensor{c.refuse(fault.UnsupportedValue, "has sequences of %d steps, expected all %d", length, steps)}
			}
		}
	}
	functions := c.n.Attrs["activations"].Strings
	defaults := map[int][]string{1: {"Tanh"}, 3: {"Sigmoid", "Tanh"}, 4: {"Sigmoid", "Tanh", "Tanh"}}[gates]
	if len(functions) == 0 {
		functions = slices.Repeat(defaults, directions)
	}
	if len(functions) != directions*len(defaults) {
		return []*tensor{c.refuse(fault.UnsupportedValue, "has activations %v, expected %d", functions, directions*len(defaults))}
	}
	// one is the slice of a tensor at a place of an axis, without that axis
	one := func(t *tensor, axis, at int) *tensor {
		return c.op("Gather", attrs{"axis": axis}, t, &tensor{dims: []int{}, constant: true, integer: true, v: []float64{float64(at)}})
	}
	state := func(i, direction int) *tensor {
		if !given(c.n, i) {
			return &tensor{dims: []int{batch, hidden}, constant: true, v: make([]float64, batch*hidden)}
		}
		axis := 0
		if c.n.Int("layout", 0) != 0 {
			axis = 1
		}
		return kept(one(c.in(i), axis, direction))
	}
	kind := c.n.String("direction", "forward")
	sequences, last, cells := make([][]*tensor, directions), []*tensor{}, []*tensor{}
	for d := range directions {
		one0 := func(t *tensor) *tensor { return one(t, 0, d) }
		turned := func(t *tensor) *tensor { return c.op("Transpose", nil, one0(t)) }
		k := &cell{calc: c, gates: gates, hidden: hidden, w: turned(w), r: turned(r), functions: functions[d*len(defaults):][:len(defaults)]}
		bias := &tensor{dims: []int{2 * gates * hidden}, constant: true, v: make([]float64, 2*gates*hidden)}
		if given(c.n, 3) {
			bias = one0(c.constant(3))
		}
		if c.err != nil {
			return []*tensor{c.zero()}
		}
		k.wb, k.rb = c.moved(bias, []int{gates * hidden}, upTo(gates*hidden)), c.moved(bias, []int{gates * hidden}, upTo(2 * gates * hidden)[gates*hidden:])
		if gates == 4 && given(c.n, 7) {
			p := one0(c.constant(7))
			for i := range 3 {
				k.peep = append(k.peep, c.moved(p, []int{hidden}, upTo(3 * hidden)[i*hidden:(i+1)*hidden]))
			}
		}
		h, s := state(5, d), (*tensor)(nil)
		if gates == 4 {
			s = state(6, d)
		}
		sequences[d] = make([]*tensor, steps)
		for i := range steps {
			at := i
			if kind == "reverse" || d == 1 {
				at = steps - 1 - i
			}
			h, s = k.step(kept(one(x, 0, at)), h, s)
			sequences[d][at] = h
			if c.err != nil {
				return []*tensor{c.zero()}
			}
		}
		last, cells = append(last, h), append(cells, s)
	}
	joined := func(parts []*tensor, axis int) *tensor {
		var open []*tensor
		for _, p := range parts {
			dims := slices.Insert(slices.Clone(p.dims), axis, 1)
			open = append(open, kept(p).reshaped(dims))
		}
		return c.op("Concat", attrs{"axis": axis}, open...)
	}
	var all []*tensor // each step's directions
	for i := range steps {
		var both []*tensor
		for d := range directions {
			both = append(both, sequences[d][i])
		}
		all = append(all, joined(both, 0))
	}
	out := []*tensor{joined(all, 0), joined(last, 0)}
	if gates == 4 {
		out = append(out, joined(cells, 0))
	}
	if c.n.Int("layout", 0) != 0 {
		out[0] = c.op("Transpose", attrs{"perm": []int{2, 0, 1, 3}}, out[0])
		for i := range out[1:] {
			out[1+i] = c.op("Transpose", attrs{"perm": []int{1, 0, 2}}, out[1+i])
		}
	}
	return out
}

// step is the next state, and for LSTM the next memory.
func (k *cell) step(x, h, s *tensor) (*tensor, *tensor) {
	fromInput := kept(k.sum(1, k.op("MatMul", nil, x, k.w), 1, k.wb))
	fromState := kept(k.sum(1, k.op("MatMul", nil, h, k.r), 1, k.rb))
	gate := func(t *tensor, i int) *tensor {
		if k.err != nil {
			return k.zero()
		}
		n := len(t.dims)
		index := []int{}
		for row := range t.dims[0] {
			index = append(index, upTo(t.dims[n-1] * (row + 1))[row*t.dims[n-1]+i*k.hidden:][:k.hidden]...)
		}
		return t.picked([]int{t.dims[0], k.hidden}, index)
	}
	both := func(i int) *tensor { return k.sum(1, gate(fromInput, i), 1, gate(fromState, i)) }
	f := func(i int, t *tensor) *tensor { return k.activation(k.functions[i], t) }
	switch k.gates {
	case 1:
		return kept(f(0, both(0))), nil
	case 3: // update, reset, new state
		z, r := kept(f(0, both(0))), kept(f(0, both(1)))
		var fresh *tensor
		if k.n.Int("linear_before_reset", 0) != 0 {
			fresh = k.sum(1, gate(fromInput, 2), 1, k.mul(r, gate(fromState, 2)))
		} else {
			again := k.sum(1, k.op("MatMul", nil, kept(k.mul(r, h)), k.r), 1, k.rb)
			fresh = k.sum(1, gate(fromInput, 2), 1, gate(kept(again), 2))
		}
		fresh = kept(f(1, fresh))
		return kept(k.sum(1, fresh, 1, k.mul(z, k.sum(1, h, -1, fresh)))), nil
	}
	peeped := func(i, p int, s *tensor) *tensor {
		t := both(i)
		if k.peep != nil {
			t = k.sum(1, t, 1, k.mul(s, k.peep[p]))
		}
		return t
	}
	in := kept(f(0, peeped(0, 0, s)))
	var forget *tensor
	if k.n.Int("input_forget", 0) != 0 {
		forget = k.linear(in, -1, 1)
	} else {
		forget = kept(f(0, peeped(2, 2, s)))
	}
	s = kept(k.sum(1, k.mul(forget, s), 1, k.mul(in, kept(f(1, both(3))))))
	out := kept(f(0, peeped(1, 1, s)))
	return kept(k.mul(out, kept(f(2, s)))), s
}

func (k *cell) activation(name string, t *tensor) *tensor {
	if lowerings[name] == nil || name == "Affine" || name == "ScaledTanh" {
		return k.refuse(fault.UnsupportedValue, "has the activation %q, expected one without parameters", name)
	}
	return k.op(name, nil, t)
}
