package network

import (
	"math"
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// Reductions other than sums, arg-max and its relatives, sums and products along an axis.

func init() {
	unary := func(f func(c *calc, x *tensor) *tensor) func(*builder, *onnx.Node) ([]*tensor, error) {
		return composed(func(c *calc) *tensor { return f(c, c.in(0)) })
	}
	// reduced applies a reduction to f(x), with the node's own axes.
	reduced := func(op string, c *calc, x *tensor) *tensor {
		return c.op(op, attrs{"axes": c.reducedAxes(x), "keepdims": int(c.n.Int("keepdims", 1)), "noop_with_empty_axes": 1}, x)
	}
	lowerings["ReduceL1"] = unary(func(c *calc, x *tensor) *tensor { return reduced("ReduceSum", c, c.op("Abs", nil, x)) })
	lowerings["ReduceL2"] = unary(func(c *calc, x *tensor) *tensor {
		return c.op("Sqrt", nil, reduced("ReduceSum", c, c.mul(x, x)))
	})
	lowerings["ReduceSumSquare"] = unary(func(c *calc, x *tensor) *tensor { return reduced("ReduceSum", c, c.mul(x, x)) })
	lowerings["ReduceLogSum"] = composed(func(c *calc) *tensor { return c.op("Log", nil, reduced("ReduceSum", c, c.once(0))) })
	lowerings["ReduceLogSumExp"] = unary(func(c *calc, x *tensor) *tensor { // exp of differences to the largest is at most 1
		keep := attrs{"axes": c.reducedAxes(x), "keepdims": 1, "noop_with_empty_axes": 1}
		top := kept(c.op("ReduceMax", keep, x))
		sum := c.op("Log", nil, c.op("ReduceSum", keep, c.op("Exp", nil, c.sum(1, x, -1, top))))
		t := c.sum(1, sum, 1, top)
		if c.n.Int("keepdims", 1) == 0 && c.err == nil {
			return t.reshaped(without(t.dims, keep["axes"].([]int)))
		}
		return t
	})
	lowerings["ReduceMax"] = unary(func(c *calc, x *tensor) *tensor { return c.extreme(x, 1) })
	lowerings["ReduceMin"] = unary(func(c *calc, x *tensor) *tensor { return c.extreme(x, -1) })
	lowerings["ReduceProd"] = unary(func(c *calc, x *tensor) *tensor {
		rows, out := c.rows(x, c.reducedAxes(x), c.n.Int("keepdims", 1) != 0)
		total := c.row(rows, 0)
		for i := 1; i < rows.dims[0]; i++ {
			total = c.mul(total, c.row(rows, i))
		}
		return total.reshaped(out)
	})
	lowerings["ArgMax"] = composed(func(c *calc) *tensor { return c.extremeAt(1) })
	lowerings["ArgMin"] = composed(func(c *calc) *tensor { return c.extremeAt(-1) })
	lowerings["Hardmax"] = unary(func(c *calc, x *tensor) *tensor {
		axis := c.axis(-1, len(x.dims))
		rows, _ := c.rows(x, []int{axis}, true)
		at := c.firstLargest(rows, false)
		return c.fromRows(c.oneHot(at, 0, rows.dims[0]), x.dims, axis)
	})
	lowerings["TopK"] = (*builder).topK
	lowerings["CumSum"] = unary(func(c *calc, x *tensor) *tensor {
		axis := c.axisOperand(len(x.dims))
		rows, _ := c.rows(x, []int{axis}, true)
		n := rows.dims[0]
		return c.fromRows(c.matrix(rows, n, func(i, j int) float64 { return c.within(i, j) }, nil), x.dims, axis)
	})
	lowerings["CumProd"] = unary(func(c *calc, x *tensor) *tensor {
		axis := c.axisOperand(len(x.dims))
		rows, _ := c.rows(x, []int{axis}, true)
		out := make([]*tensor, rows.dims[0])
		one := number(1)
		one = &tensor{dims: []int{1, rows.dims[1]}, constant: true, v: same(1, rows.dims[1])}
		total := one
		for k := range out {
			i := k
			if c.n.Int("reverse", 0) != 0 {
				i = len(out) - 1 - k
			}
			next := c.row(rows, i)
			if k > 0 {
				next = kept(c.mul(total, next))
			}
			if out[i] = next; c.n.Int("exclusive", 0) != 0 {
				out[i] = total
			}
			total = next
		}
		return c.fromRows(c.op("Concat", attrs{"axis": 0}, out...), x.dims, axis)
	})
	lowerings["Mean"] = composed(func(c *calc) *tensor {
		var all []*tensor
		for i := range c.n.Inputs {
			all = append(all, c.in(i))
		}
		return c.linear(c.op("Sum", nil, all...), 1/float64(max(1, len(all))), 0)
	})
}

// within is 1 if a cumulative sum at i includes the element at j.
func (c *calc) within(i, j int) float64 {
	if c.n.Int("reverse", 0) != 0 {
		i, j = j, i
	}
	if j < i || j == i && c.n.Int("exclusive", 0) == 0 {
		return 1
	}
	return 0
}

// axisOperand is the axis that operand 1 names.
func (c *calc) axisOperand(rank int) int {
	axes, err := c.integers(c.n, 1)
	if c.checked(nil, err); c.err != nil {
		return 0
	}
	if len(axes) != 1 || axes[0] < -rank || axes[0] >= rank {
		c.refuse(fault.UnsupportedValue, "has axis %v, expected one of %d", axes, rank)
		return 0
	}
	return (axes[0] + rank) % rank
}

// reducedAxes are all axes that the node reduces.
func (c *calc) reducedAxes(x *tensor) []int {
	axes, err := c.axes(c.n, len(x.dims))
	if c.checked(nil, err); len(axes) == 0 && c.n.Int("noop_with_empty_axes", 0) == 0 {
		return upTo(len(x.dims))
	}
	if axes == nil {
		return []int{}
	}
	return axes
}

func without(dims, axes []int) []int {
	left := []int{}
	for i, d := range dims {
		if !slices.Contains(axes, i) {
			left = append(left, d)
		}
	}
	return left
}

// rows has the elements along some axes as rows, one column for each place of the other axes; out are the dimensions
// of one row.
func (c *calc) rows(x *tensor, axes []int, keep bool) (rows *tensor, out []int) {
	var perm, rest []int
	kept := slices.Clone(x.dims)
	for i := range x.dims {
		if slices.Contains(axes, i) {
			perm, kept[i] = append(perm, i), 1
		} else {
			rest = append(rest, i)
		}
	}
	places := product(without(x.dims, axes))
	if out = without(x.dims, axes); keep {
		out = kept
	}
	if c.err != nil || places == 0 {
		c.refuse(fault.UnsupportedValue, "reads dimensions %v, expected at least one value", x.dims)
		return &tensor{dims: []int{1, product(out)}, constant: true, v: make([]float64, product(out))}, out
	}
	return x.picked([]int{x.size() / places, places}, permutation(x.dims, append(perm, rest...))), out
}

// row is one of the rows.
func (c *calc) row(rows *tensor, i int) *tensor {
	if c.err != nil {
		return &tensor{dims: []int{1, rows.dims[1]}, constant: true, v: make([]float64, rows.dims[1])}
	}
	n := rows.dims[1]
	index := make([]int, n)
	for k := range index {
		index[k] = i*n + k
	}
	return rows.picked([]int{1, n}, index)
}

// fromRows puts rows back as an axis of dims.
func (c *calc) fromRows(rows *tensor, dims []int, axis int) *tensor {
	if c.err != nil {
		return c.zero()
	}
	moved := append([]int{dims[axis]}, without(dims, []int{axis})...)
	moved[0] = rows.dims[0]
	perm := []int{}
	for i := range dims {
		switch {
		case i < axis:
			perm = append(perm, i+1)
		case i == axis:
			perm = append(perm, 0)
		default:
			perm = append(perm, i)
		}
	}
	return c.op("Transpose", attrs{"perm": perm}, rows.reshaped(moved))
}

// matrix multiplies rows by a matrix of constants from the left, and adds a constant to each row.
func (c *calc) matrix(rows *tensor, n int, weight func(i, j int) float64, bias []float64) *tensor {
	if c.err != nil {
		return &tensor{dims: []int{n, 1}, constant: true, v: make([]float64, n)}
	}
	in, places := rows.dims[0], rows.dims[1]
	if bias == nil {
		bias = make([]float64, n)
	}
	weights := make([]float64, 0, n*in)
	for i := range n {
		for j := range in {
			weights = append(weights, weight(i, j))
		}
	}
	if rows.constant {
		y := &tensor{dims: []int{n, places}, constant: true, integer: rows.integer}
		for i := range n {
			for k := range places {
				sum := bias[i]
				for j := range in {
					sum += weights[i*in+j] * rows.v[j*places+k]
				}
				y.v = append(y.v, sum)
				y.integer = y.integer && sum == math.Trunc(sum)
			}
		}
		return y
	}
	g := window(Shape{in, places, 1}, Shape{n, places, 1}, 1)
	y := *c.checked(c.begin(c.n, rows, Linear{Geometry: g, Weights: weights, Bias: bias}, []int{n, places}))
	y.integer = rows.integer && !slices.ContainsFunc(append(weights, bias...), func(v float64) bool { return v != math.Trunc(v) })
	return &y
}

// extreme is the largest value along the node's axes, or with sign -1 the smallest.
func (c *calc) extreme(x *tensor, sign float64) *tensor {
	axes := c.reducedAxes(x)
	if len(axes) == 0 {
		return x
	}
	rows, out := c.rows(x, axes, c.n.Int("keepdims", 1) != 0)
	t := *c.linear(c.largest(c.linear(rows, sign, 0)), sign, 0)
	if c.err != nil {
		return c.zero()
	}
	t.integer, t.boolean = x.integer, x.boolean
	return t.reshaped(out)
}

// largest is the largest of each column, as one row.
func (c *calc) largest(rows *tensor) *tensor {
	n, places := rows.dims[0], rows.dims[1]
	if rows.constant && c.err == nil {
		out := c.row(rows, 0)
		for i := 1; i < n; i++ {
			out = folded(out, c.row(rows, i), math.Max)
		}
		return out
	}
	return c.op("MaxPool", attrs{"kernel_shape": []int{n, 1}}, rows.reshaped([]int{1, 1, n, places})).reshaped([]int{1, places})
}

// extremeAt is the place of the largest value along an axis, or with sign -1 of the smallest.
func (c *calc) extremeAt(sign float64) *tensor {
	x := c.in(0)
	axis := c.axis(0, len(x.dims))
	rows, out := c.rows(x, []int{axis}, c.n.Int("keepdims", 1) != 0)
	at := c.firstLargest(c.linear(rows, sign, 0), c.n.Int("select_last_index", 0) != 0)
	return at.reshaped(out)
}

// firstLargest counts the rows before the first of each column's largest values, or before the last. An element that
// is smaller than the largest gives 1, so a prefix without the largest has as many as it is long.
func (c *calc) firstLargest(rows *tensor, last bool) *tensor {
	n := rows.dims[0]
	rows = c.scaled(kept(rows)) // the pool and the difference read the same elements
	smaller := kept(c.step(c.sum(1, kept(c.largest(rows)), -1, rows)))
	bias := make([]float64, n)
	for i := range bias {
		bias[i] = -float64(i)
	}
	prefix := c.step(c.matrix(smaller, n, func(i, j int) float64 {
		if j <= i && !last || last && n-1-j <= i {
			return 1
		}
		return 0
	}, bias))
	at := c.matrix(prefix, 1, func(int, int) float64 { return 1 }, nil)
	if last {
		at = c.linear(at, -1, float64(n-1))
	}
	whole := *at
	whole.integer = true
	return &whole
}

// oneHot has rows for the integers from first to before end: 1 where the one row at is that integer.
func (c *calc) oneHot(at *tensor, first, end int) *tensor {
	bias := make([]float64, end-first+1)
	for i := range bias {
		bias[i] = float64(1 - first - i)
	}
	above := c.step(c.matrix(at, len(bias), func(int, int) float64 { return 1 }, bias)) // at > first - 1 + i
	t := c.matrix(above, end-first, func(i, j int) float64 {
		switch j {
		case i:
			return 1
		case i + 1:
			return -1
		}
		return 0
	}, nil)
	return boolean(t)
}

// topK ranks values by comparing all pairs; of equal values the first comes first.
func (b *builder) topK(n *onnx.Node) ([]*tensor, error) {
	c := &calc{builder: b, n: n}
	x := c.in(0)
	axis := c.axis(-1, len(x.dims))
	count, err := b.integers(n, 1)
	if c.checked(nil, err); c.err != nil {
		return nil, c.err
	}
	rows, _ := c.rows(x, []int{axis}, true)
	size := rows.dims[0]
	if len(count) != 1 || count[0] < 1 || count[0] > size || size > 256 {
		return nil, nodeFault(fault.UnsupportedValue, n, "takes %v of %d values, expected 1 to all of at most 256", count, size)
	}
	sign := 1.0
	if n.Int("largest", 1) == 0 {
		sign = -1
	}
	var pairs [][2]int
	for i := range size {
		for j := i + 1; j < size; j++ {
			pairs = append(pairs, [2]int{i, j})
		}
	}
	ranks := &tensor{dims: []int{1, rows.dims[1]}, constant: true, integer: true, v: make([]float64, rows.dims[1])}
	if size > 1 {
		later := c.step(c.matrix(rows, len(pairs), func(p, j int) float64 { // the second of the pair is larger
			switch j {
			case pairs[p][0]:
				return -sign
			case pairs[p][1]:
				return sign
			}
			return 0
		}, nil))
		before := make([]float64, size)
		for i := range before {
			before[i] = float64(i)
		}
		ranks = kept(c.matrix(later, size, func(i, p int) float64 {
			switch i {
			case pairs[p][0]:
				return 1
			case pairs[p][1]:
				return -1
			}
			return 0
		}, before))
	}
	var values, places []*tensor
	for r := range count[0] {
		is := kept(c.equalTo(ranks, r))
		values = append(values, c.op("ReduceSum", attrs{"axes": []int{0}}, c.mul(is, rows)))
		places = append(places, c.matrix(is, 1, func(_, j int) float64 { return float64(j) }, nil))
	}
	out := make([]*tensor, 2)
	for i, parts := range [][]*tensor{values, places} {
		t := *c.fromRows(c.op("Concat", attrs{"axis": 0}, parts...), x.dims, axis)
		t.integer = x.integer || i == 1
		out[i] = &t
	}
	return out, c.err
}

// equalTo is 1 where integers are v.
func (c *calc) equalTo(x *tensor, v int) *tensor {
	x = kept(x)
	return c.sum(1, c.step(c.linear(x, 1, float64(1-v))), -1, c.step(c.linear(x, 1, float64(-v))))
}
