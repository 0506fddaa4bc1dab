package network

import (
	"math"
	"slices"

	"provemark/gnark/internal/onnx"
)

// fuse finds what exporters write as many operators and what one stage states better and cheaper: LayerNormalization
// up to its scale and bias, and Gelu in both forms; in deep models also RMSNormalization. It replaces the last node of
// each; those before it are dropped with everything else that no output depends on.
func fuse(m *onnx.Model, deep bool) *onnx.Model {
	f := &fuser{Model: m, makers: map[string]*onnx.Node{}}
	fused := *m
	fused.Nodes = slices.Clone(m.Nodes)
	for i := range m.Nodes {
		for _, out := range m.Nodes[i].Outputs {
			f.makers[out] = &m.Nodes[i]
		}
	}
	for i := range fused.Nodes {
		n := &fused.Nodes[i]
		if n.Op == "Div" && len(n.Inputs) == 2 && !f.dividesByNumber(n) {
			f.layerNorm(n)
		} else if n.Op == "Mul" || n.Op == "Div" {
			f.gelu(n)
		}
		if deep && (n.Op == "Mul" || n.Op == "Div") && len(n.Inputs) == 2 {
			f.rmsNorm(n)
		}
	}
	return &fused
}

type fuser struct {
	*onnx.Model
	makers map[string]*onnx.Node
}

// made is the node that gives a value, if it is that operator with as many inputs.
func (f *fuser) made(name, op string, inputs int) *onnx.Node {
	if n := f.makers[name]; n != nil && n.Op == op && len(n.Inputs) >= inputs {
		return n
	}
	return nil
}

// number is a value that is one constant number.
func (f *fuser) number(name string) (float64, bool) {
	c := f.Consts[name]
	if c == nil {
		return 0, false
	}
	t, err := stored(&onnx.Node{}, c)
	if err != nil || len(t.v) != 1 {
		return 0, false
	}
	return t.v[0], true
}

// withNumber is what an operator of two operands combines with a number; the number may come first.
func (f *fuser) withNumber(name, op string) (other string, number float64, ok bool) {
	n := f.made(name, op, 2)
	if n == nil {
		return "", 0, false
	}
	for i, in := range n.Inputs[:2] {
		if v, is := f.number(in); is {
			return n.Inputs[1-i], v, true
		}
	}
	return "", 0, false
}

// meanOfLast is what a mean along the last axis, which is kept, is of.
func (f *fuser) meanOfLast(name string) (string, bool) {
	n := f.made(name, "ReduceMean", 1)
	if n == nil || n.Int("keepdims", 1) == 0 {
		return "", false
	}
	axes := n.Ints("axes")
	if len(n.Inputs) > 1 {
		if c := f.Consts[n.Inputs[1]]; c != nil {
			axes, _ = c.Ints()
		}
	}
	return n.Inputs[0], len(axes) == 1 && axes[0] == -1
}

// layerNorm is (x - mean) / sqrt(mean of (x - mean)^2 + epsilon).
func (f *fuser) layerNorm(n *onnx.Node) {
	centred := f.made(n.Inputs[0], "Sub", 2)
	root := f.made(n.Inputs[1], "Sqrt", 1)
	if centred == nil || root == nil {
		return
	}
	x := centred.Inputs[0]
	if of, ok := f.meanOfLast(centred.Inputs[1]); !ok || of != x {
		return
	}
	variance, epsilon, ok := f.withNumber(root.Inputs[0], "Add")
	if !ok || !(epsilon > 0) {
		return
	}
	square, ok := f.meanOfLast(variance)
	if !ok {
		return
	}
	if base, power, ok := f.power(square); !ok || power != 2 || f.makers[base] != centred {
		return
	}
	*n = onnx.Node{Name: n.Name, Op: "LayerNormalization", Inputs: []string{x}, Outputs: n.Outputs,
		Attrs: map[string]onnx.Attr{"axis": {Int: -1}, "epsilon": {Float: epsilon}}}
}

// rmsNorm is x / sqrt(mean of x^2 + epsilon), or x times the reciprocal of that root.
func (f *fuser) rmsNorm(n *onnx.Node) {
	for i, x := range n.Inputs {
		root := n.Inputs[1-i]
		if n.Op == "Mul" {
			root = f.inverted(root)
		} else if i > 0 {
			continue
		}
		r := f.made(root, "Sqrt", 1)
		if r == nil {
			continue
		}
		mean, epsilon, ok := f.withNumber(r.Inputs[0], "Add")
		if !ok || !(epsilon > 0) {
			continue
		}
		if square, ok := f.meanOfLast(mean); ok {
			if base, power, ok := f.power(square); ok && power == 2 && base == x {
				*n = onnx.Node{Name: n.Name, Op: "RMSNormalization", Inputs: []string{x}, Outputs: n.Outputs,
					Attrs: map[string]onnx.Attr{"axis": {Int: -1}, "epsilon": {Float: epsilon}}}
				return
			}
		}
	}
}

// inverted is what a value is the reciprocal of, or nothing.
func (f *fuser) inverted(name string) string {
	if n := f.made(name, "Reciprocal", 1); n != nil {
		return n.Inputs[0]
	}
	if n := f.made(name, "Div", 2); n != nil {
		if one, ok := f.number(n.Inputs[0]); ok && one == 1 {
			return n.Inputs[1]
		}
	}
	return ""
}

// power is a value as a power of another, by Pow or by products.
func (f *fuser) power(name string) (base string, power float64, ok bool) {
	if n := f.made(name, "Pow", 2); n != nil {
		exponent, ok := f.number(n.Inputs[1])
		return n.Inputs[0], exponent, ok
	}
	n := f.made(name, "Mul", 2)
	if n == nil {
		return "", 0, false
	}
	for i, in := range n.Inputs[:2] {
		if other := n.Inputs[1-i]; in == other {
			return in, 2, true
		} else if base, power, ok := f.power(in); ok && base == other {
			return base, power + 1, true
		}
	}
	return "", 0, false
}

// gelu is x / 2 (1 + erf(x / sqrt 2)), or with tanh(sqrt(2 / pi) (x + 0.044715 x^3)) for erf, its factors in any order.
func (f *fuser) gelu(n *onnx.Node) {
	number, factors := f.factors(n, 3)
	if len(factors) != 2 || !near(number, 0.5) {
		return
	}
	for i, x := range factors {
		bend, one, ok := f.withNumber(factors[1-i], "Add")
		if !ok || one != 1 {
			continue
		}
		form := ""
		if erf := f.made(bend, "Erf", 1); erf != nil {
			if of, by, ok := f.multiple(erf.Inputs[0]); ok && of == x && near(by, math.Sqrt(0.5)) {
				form = "none"
			}
		} else if tanh := f.made(bend, "Tanh", 1); tanh != nil && f.isCubic(tanh.Inputs[0], x) {
			form = "tanh"
		}
		if form != "" {
			*n = onnx.Node{Name: n.Name, Op: "Gelu", Inputs: []string{x}, Outputs: n.Outputs,
				Attrs: map[string]onnx.Attr{"approximate": {Bytes: []byte(form)}}}
			return
		}
	}
}

// factors are those of a product of at most this many levels: all numbers as one, and the others.
func (f *fuser) factors(n *onnx.Node, levels int) (number float64, others []string) {
	number = 1
	if len(n.Inputs) != 2 {
		return number, nil
	}
	for i, in := range n.Inputs {
		if v, is := f.number(in); is && n.Op == "Div" && i == 1 {
			number /= v
		} else if is {
			number *= v
		} else if maker := f.makers[in]; levels > 0 && maker != nil && (maker.Op == "Mul" || maker.Op == "Div" && f.dividesByNumber(maker)) {
			inner, more := f.factors(maker, levels-1)
			number, others = number*inner, append(others, more...)
		} else {
			others = append(others, in)
		}
	}
	return number, others
}

func (f *fuser) dividesByNumber(n *onnx.Node) bool {
	_, is := f.number(n.Inputs[len(n.Inputs)-1])
	return is
}

// multiple is a value as a number times another.
func (f *fuser) multiple(name string) (of string, by float64, ok bool) {
	if of, by, ok = f.withNumber(name, "Mul"); ok {
		return of, by, true
	}
	if n := f.made(name, "Div", 2); n != nil {
		v, is := f.number(n.Inputs[1])
		return n.Inputs[0], 1 / v, is
	}
	return "", 0, false
}

// isCubic says whether a value is sqrt(2 / pi) (x + 0.044715 x^3).
func (f *fuser) isCubic(name, x string) bool {
	sum, by, ok := f.multiple(name)
	add := f.made(sum, "Add", 2)
	if !ok || add == nil || !near(by, math.Sqrt(2/math.Pi)) {
		return false
	}
	for i, in := range add.Inputs[:2] {
		if in != x {
			continue
		}
		cube := f.made(add.Inputs[1-i], "Mul", 2)
		if cube == nil {
			continue
		}
		by, factors := f.factors(cube, 3)
		power := 0.0
		for _, factor := range factors {
			if base, exponent, ok := f.power(factor); ok && base == x {
				power += exponent
			} else if factor == x {
				power++
			} else {
				return false
			}
		}
		if power == 3 && near(by, 0.044715) {
			return true
		}
	}
	return false
}

// near: exporters round the numbers of these formulas to floats.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6*math.Abs(b) }
