package network

import (
	"math"
	"slices"
	"strings"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// More operators that only move elements, and Einsum.

func init() {
	lowerings["Pad"] = one((*builder).pad)
	unary := func(f func(c *calc, x *tensor) *tensor) func(*builder, *onnx.Node) ([]*tensor, error) {
		return composed(func(c *calc) *tensor { return f(c, c.once(0)) })
	}
	lowerings["Tile"] = unary(func(c *calc, x *tensor) *tensor {
		repeats := c.ints(1)
		if len(repeats) != len(x.dims) || slices.ContainsFunc(repeats, func(r int) bool { return r < 0 }) {
			return c.refuse(fault.ShapeMismatch, "repeats dimensions %v %v times, expected a number for each", x.dims, repeats)
		}
		var wide, open, out []int
		for i, d := range x.dims {
			open, wide, out = append(open, 1, d), append(wide, repeats[i], d), append(out, repeats[i]*d)
		}
		if c.checked(nil, countable(c.n, out)); c.err != nil {
			return c.zero()
		}
		return c.moved(x, out, broadcastIndex(open, wide))
	})
	lowerings["DepthToSpace"] = unary(func(c *calc, x *tensor) *tensor {
		b := int(c.n.Int("blocksize", 0))
		if len(x.dims) != 4 || b < 1 || x.dims[1]%(b*b) != 0 {
			return c.refuse(fault.ShapeMismatch, "has blocks of %d for dimensions %v, expected N x C x H x W with blocks that fit", b, x.dims)
		}
		n, d, h, w := x.dims[0], x.dims[1]/b/b, x.dims[2], x.dims[3]
		split, perm := []int{n, b, b, d, h, w}, []int{0, 3, 4, 1, 5, 2}
		if c.n.String("mode", "DCR") == "CRD" {
			split, perm = []int{n, d, b, b, h, w}, []int{0, 1, 4, 2, 5, 3}
		}
		return c.moved(x, []int{n, d, h * b, w * b}, permutation(split, perm))
	})
	lowerings["SpaceToDepth"] = unary(func(c *calc, x *tensor) *tensor {
		b := int(c.n.Int("blocksize", 0))
		if len(x.dims) != 4 || b < 1 || x.dims[2]%b != 0 || x.dims[3]%b != 0 {
			return c.refuse(fault.ShapeMismatch, "has blocks of %d for dimensions %v, expected N x C x H x W with blocks that fit", b, x.dims)
		}
		n, d, h, w := x.dims[0], x.dims[1], x.dims[2]/b, x.dims[3]/b
		split, perm := []int{n, d, h, b, w, b}, []int{0, 3, 5, 1, 2, 4}
		if c.n.String("mode", "DCR") == "CRD" {
			perm = []int{0, 1, 3, 5, 2, 4}
		}
		return c.moved(x, []int{n, d * b * b, h, w}, permutation(split, perm))
	})
	lowerings["Trilu"] = unary(func(c *calc, x *tensor) *tensor {
		k := 0
		if given(c.n, 1) {
			if v := c.ints(1); len(v) == 1 {
				k = v[0]
			}
		}
		rank := len(x.dims)
		if rank < 2 {
			return c.refuse(fault.ShapeMismatch, "reads dimensions %v, expected at least two", x.dims)
		}
		rows, cols := x.dims[rank-2], x.dims[rank-1]
		index := upTo(x.size())
		for i := range index {
			r, q := i/cols%rows, i%cols
			if upper := c.n.Int("upper", 1) != 0; upper && q-r < k || !upper && q-r > k {
				index[i] = -1
			}
		}
		return c.moved(x, x.dims, index)
	})
	lowerings["EyeLike"] = unary(func(c *calc, x *tensor) *tensor {
		if len(x.dims) != 2 {
			return c.refuse(fault.ShapeMismatch, "reads dimensions %v, expected two", x.dims)
		}
		eye := &tensor{dims: x.dims, constant: true, integer: true, v: make([]float64, x.size())}
		for i := range eye.v {
			if i%x.dims[1]-i/x.dims[1] == int(c.n.Int("k", 0)) {
				eye.v[i] = 1
			}
		}
		return eye
	})
	lowerings["CenterCropPad"] = unary(func(c *calc, x *tensor) *tensor {
		want := c.ints(1)
		axes := intsOf(c.n.Ints("axes"))
		if c.n.Ints("axes") == nil {
			axes = upTo(len(x.dims))
		}
		if len(axes) != len(want) {
			return c.refuse(fault.ShapeMismatch, "has sizes %v for axes %v, expected as many of each", want, axes)
		}
		pads := make([]int, 2*len(x.dims))
		for i, a := range axes {
			if a += len(x.dims) * b2i(a < 0); a < 0 || a >= len(x.dims) {
				return c.refuse(fault.UnsupportedValue, "has axes %v for dimensions %v, expected its own", axes, x.dims)
			}
			more := want[i] - x.dims[a]
			before := more / 2
			if more < 0 { // Go rounds towards zero, as the crop does
				before = -((-more) / 2)
			}
			pads[a], pads[len(x.dims)+a] = before, more-before
		}
		return c.op("Pad", attrs{"pads": pads}, x)
	})
	lowerings["ReverseSequence"] = unary(func(c *calc, x *tensor) *tensor {
		time, batch := int(c.n.Int("time_axis", 0)), int(c.n.Int("batch_axis", 1))
		lengths := c.ints(1)
		if len(x.dims) < 2 || time == batch || min(time, batch) != 0 || max(time, batch) != 1 || len(lengths) != x.dims[batch] {
			return c.refuse(fault.UnsupportedValue, "has axes %d and %d and lengths %v for dimensions %v, expected the first two axes", time, batch, lengths, x.dims)
		}
		strides := stridesOf(x.dims)
		index := upTo(x.size())
		for i := range index {
			t, b := i/strides[time]%x.dims[time], i/strides[batch]%x.dims[batch]
			if t < lengths[b] {
				index[i] += (lengths[b] - 1 - 2*t) * strides[time]
			}
		}
		return c.moved(x, x.dims, index)
	})
	lowerings["Compress"] = unary(func(c *calc, x *tensor) *tensor {
		keep := c.constant(1).v
		if _, is := c.n.Attrs["axis"]; !is {
			x = x.reshaped([]int{x.size()})
		}
		axis := c.axis(0, len(x.dims))
		var which []float64
		for i, k := range keep {
			if k != 0 && i < x.dims[axis] {
				which = append(which, float64(i))
			}
		}
		return c.op("Gather", attrs{"axis": axis}, x, &tensor{dims: []int{len(which)}, constant: true, integer: true, v: which})
	})
	lowerings["GatherElements"] = unary(func(c *calc, x *tensor) *tensor {
		which := c.in(1)
		axis := c.axis(0, len(x.dims))
		if c.err != nil || len(which.dims) != len(x.dims) || !which.integer {
			return c.refuse(fault.ShapeMismatch, "has indices of dimensions %v for %v, expected integers along an axis", which.dims, x.dims)
		}
		if !which.constant {
			hot, side := c.hot(which, x.dims[axis])
			if c.err != nil {
				return c.zero()
			}
			var index []int // for each entry of the axis, the elements that the indices would take
			for k := range side {
				at := &tensor{dims: which.dims, v: same(float64(k), which.size())}
				index = append(index, c.along(x.dims, at, axis)...)
			}
			all := c.moved(kept(x), []int{side, which.size()}, index)
			return c.op("ReduceSum", attrs{"axes": []int{0}, "keepdims": 0}, c.mul(hot, all)).reshaped(which.dims)
		}
		return c.moved(x, which.dims, c.along(x.dims, which, axis))
	})
	lowerings["GatherND"] = unary(func(c *calc, x *tensor) *tensor {
		places, dims := c.places(x.dims, c.constant(1), int(c.n.Int("batch_dims", 0)))
		return c.moved(x, dims, places)
	})
	lowerings["ScatterElements"] = composed(func(c *calc) *tensor {
		x, which, updates := c.in(0), c.in(1), c.in(2)
		axis := c.axis(0, len(x.dims))
		if !which.constant && c.err == nil && len(which.dims) == len(x.dims) && which.integer && c.n.String("reduction", "none") == "none" {
			return c.scatteredAt(x, which, updates, axis)
		}
		if which = c.constant(1); c.err != nil {
			return c.zero()
		}
		if c.err != nil || len(which.dims) != len(x.dims) || updates.size() != which.size() {
			return c.refuse(fault.ShapeMismatch, "has indices %v and updates %v for %v, expected indices for each update", which.dims, updates.dims, x.dims)
		}
		return c.scattered(x, c.along(x.dims, which, axis), updates)
	})
	lowerings["Scatter"] = lowerings["ScatterElements"]
	lowerings["ScatterND"] = composed(func(c *calc) *tensor {
		x, updates := c.in(0), c.in(2)
		places, _ := c.places(x.dims, c.constant(1), 0)
		if c.err == nil && len(places) != updates.size() {
			return c.refuse(fault.ShapeMismatch, "has updates of dimensions %v for %d places, expected as many", updates.dims, len(places))
		}
		return c.scattered(x, places, updates)
	})
	lowerings["OneHot"] = composed(func(c *calc) *tensor {
		which, depth, values := c.in(0), c.constant(1), c.in(2)
		rank := len(which.dims) + 1
		axis := c.axis(-1, rank)
		if c.err != nil || len(depth.v) != 1 || depth.v[0] < 1 || depth.v[0] > maxActivations || values.size() != 2 {
			return c.refuse(fault.UnsupportedValue, "has depth %v, expected one number from 1 and two values", depth.v)
		}
		n := int(depth.v[0])
		if which.constant {
			at := &tensor{dims: []int{n, which.size()}, constant: true, integer: true, boolean: true, v: make([]float64, n*which.size())}
			for i, v := range which.v {
				if v < 0 {
					v += float64(n)
				}
				if v >= 0 && v < float64(n) && v == math.Trunc(v) {
					at.v[int(v)*which.size()+i] = 1
				}
			}
			return c.choose(c.fromRows(at, slices.Insert(slices.Clone(which.dims), axis, n), axis), c.moved(values, []int{}, []int{1}), c.moved(values, []int{}, []int{0}))
		}
		row := c.op("Reshape", nil, which, integersOf([]int{1, which.size()}))
		is := c.oneHot(row, -n, n) // a negative index counts from the end
		hot := boolean(c.matrix(is, n, func(i, j int) float64 { return float64(b2i(i == j || i == j-n)) }, nil))
		dims := slices.Insert(slices.Clone(which.dims), axis, n)
		hot = kept(c.fromRows(hot, dims, axis))
		off, on := c.moved(values, []int{}, []int{0}), c.moved(values, []int{}, []int{1})
		return c.choose(hot, on, off)
	})
	lowerings["Einsum"] = composed((*calc).einsum)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// ints are the integers of operand i.
func (c *calc) ints(i int) []int {
	v, err := c.integers(c.n, i)
	c.checked(nil, err)
	return v
}

// along gives, for every index, the element of dims at its own place but with that index along the axis.
func (c *calc) along(dims []int, which *tensor, axis int) []int {
	index := make([]int, which.size())
	strides := stridesOf(dims)
	for i := range index {
		at, rest := 0, i
		for k := len(dims) - 1; k >= 0; k-- {
			p := rest % which.dims[k]
			if rest /= which.dims[k]; k == axis {
				if p = int(which.v[i]); p < 0 {
					p += dims[k]
				}
			}
			if p < 0 || p >= dims[k] {
				c.refuse(fault.UnsupportedValue, "has the index %v, expected each within dimensions %v", which.v[i], dims)
				p = 0
			}
			at += p * strides[k]
		}
		index[i] = at
	}
	return index
}

// places lists the elements that tuples of indices name, and their dimensions.
func (c *calc) places(dims []int, tuples *tensor, batch int) (index, out []int) {
	rank := len(tuples.dims)
	if c.err != nil || rank == 0 || batch < 0 || batch >= rank || batch+tuples.dims[rank-1] > len(dims) || !slices.Equal(tuples.dims[:batch], dims[:batch]) {
		c.refuse(fault.ShapeMismatch, "has indices of dimensions %v for %v, expected tuples of its axes", tuples.dims, dims)
		return nil, nil
	}
	deep := tuples.dims[rank-1]
	inner := product(dims[batch+deep:])
	strides := stridesOf(dims)
	count := tuples.size() / max(deep, 1)
	perBatch := count / max(product(dims[:batch]), 1)
	for t := range count {
		at := 0
		if batch > 0 {
			at = t / perBatch * strides[batch-1]
		}
		for k := range deep {
			p, side := int(tuples.v[t*deep+k]), dims[batch+k]
			if p < 0 {
				p += side
			}
			if p < 0 || p >= side {
				c.refuse(fault.UnsupportedValue, "has the index %v, expected each within dimensions %v", tuples.v[t*deep+k], dims)
				p = 0
			}
			at += p * strides[batch+k]
		}
		for i := range inner {
			index = append(index, at+i)
		}
	}
	return index, append(slices.Clone(tuples.dims[:rank-1]), dims[batch+deep:]...)
}

// scattered puts updates into places of x, or combines them with what is there.
func (c *calc) scattered(x *tensor, places []int, updates *tensor) *tensor {
	if c.err != nil {
		return c.zero()
	}
	op := map[string]string{"none": "", "add": "Add", "mul": "Mul", "max": "Max", "min": "Min"}
	how, known := op[c.n.String("reduction", "none")]
	if !known {
		return c.refuse(fault.UnsupportedValue, "has reduction %q, expected none, add, mul, max or min", c.n.String("reduction", "none"))
	}
	left := upTo(len(places)) // updates still to be done; of several for one place, one at a time
	for len(left) > 0 && c.err == nil {
		from, later := map[int]int{}, []int{}
		for _, u := range left {
			if _, taken := from[places[u]]; taken && how != "" {
				later = append(later, u)
				continue
			}
			from[places[u]] = u
		}
		value := kept(updates)
		if how != "" {
			var at, which []int
			for i := range x.size() {
				if u, ok := from[i]; ok {
					at, which = append(at, i), append(which, u)
				}
			}
			n := []int{len(at)}
			value = c.op(how, nil, kept(x).picked(n, at), value.picked(n, which))
			for k, i := range at {
				from[i] = k
			}
		}
		n := x.size()
		both := c.op("Concat", attrs{"axis": 0}, kept(x).reshaped([]int{n}), kept(value).reshaped([]int{value.size()}))
		index := upTo(n)
		for i, u := range from {
			index[i] = n + u
		}
		dims := x.dims
		x = kept(c.moved(both, dims, index))
		left = later
	}
	return x
}

// hot has, for each index that depends on the input, a column of one 1 among zeros.
func (c *calc) hot(which *tensor, side int) (*tensor, int) {
	if c.checked(nil, countable(c.n, []int{side, which.size()})); c.err != nil {
		return c.zero(), side
	}
	c.limitIndices(which, side)
	return kept(c.builder.oneHot(c.n, which, side)), side
}

// scatteredAt puts updates where indices that depend on the input say, one after another.
func (c *calc) scatteredAt(x, which, updates *tensor, axis int) *tensor {
	hot, side := c.hot(which, x.dims[axis])
	out := kept(x)
	for u := range which.size() {
		if c.err != nil {
			return c.zero()
		}
		at := make([]int, side) // the elements that the update may replace
		for k := range side {
			one := &tensor{dims: which.dims, v: same(float64(k), which.size())}
			at[k] = c.along(x.dims, one, axis)[u]
		}
		column := make([]int, side)
		for k := range column {
			column[k] = k*which.size() + u
		}
		old := kept(c.moved(out, []int{side}, at))
		fresh := c.sum(1, old, 1, c.mul(hot.picked([]int{side}, column), c.sum(1, updates.picked([]int{1}, []int{u}), -1, old)))
		out = c.scattered(out, at, fresh)
	}
	return out
}

// einsum multiplies operands along their common axes, one after another, and sums over the axes that the result lacks.
func (c *calc) einsum() *tensor {
	equation := strings.ReplaceAll(c.n.String("equation", ""), " ", "")
	left, right, explicit := strings.Cut(equation, "->")
	terms := strings.Split(left, ",")
	if len(terms) != len(c.n.Inputs) {
		return c.refuse(fault.UnsupportedValue, "has equation %q for %d inputs, expected a term for each", equation, len(c.n.Inputs))
	}
	// an ellipsis stands for axes that no letter names: digits here, counted from the last
	var parts []*tensor
	most := 0
	for i, term := range terms {
		t := c.in(i)
		parts = append(parts, t)
		if strings.Contains(term, "...") {
			most = max(most, len(t.dims)-(len(term)-3))
		}
	}
	const digits = "0123456789"
	if most > len(digits) || c.err != nil {
		return c.refuse(fault.UnsupportedValue, "has equation %q, expected an ellipsis of at most %d axes", equation, len(digits))
	}
	open := digits[:most]
	count, sides := map[rune]int{}, map[rune]int{}
	for i, term := range terms {
		if rest, rank := len(term)-3, len(parts[i].dims); strings.Contains(term, "...") {
			if rank < rest {
				return c.refuse(fault.ShapeMismatch, "has the term %q for dimensions %v", term, parts[i].dims)
			}
			terms[i] = strings.Replace(term, "...", open[most-(rank-rest):], 1)
		}
		if len(terms[i]) != len(parts[i].dims) {
			return c.refuse(fault.ShapeMismatch, "has the term %q for dimensions %v, expected a letter for each", term, parts[i].dims)
		}
		for k, letter := range terms[i] {
			count[letter]++
			sides[letter] = max(sides[letter], parts[i].dims[k])
		}
	}
	if !explicit {
		right = open
		var once []string
		for letter, n := range count {
			if n == 1 && !strings.ContainsRune(digits, letter) {
				once = append(once, string(letter))
			}
		}
		slices.Sort(once)
		right += strings.Join(once, "")
	}
	right = strings.Replace(right, "...", open, 1)
	letters := right // of the product: the result's, then those that are added up
	for _, term := range terms {
		for _, letter := range term {
			if !strings.ContainsRune(letters, letter) {
				letters += string(letter)
			}
		}
	}
	var full []int
	for _, letter := range letters {
		full = append(full, sides[letter])
	}
	if c.checked(nil, countable(c.n, full)); c.err != nil {
		return c.zero()
	}
	var total *tensor
	for i, term := range terms { // each operand under all letters: a letter that it lacks has side 1, one twice its diagonal
		dims, strides, own := slices.Clone(full), make([]int, len(full)), stridesOf(parts[i].dims)
		for k, letter := range letters {
			if !strings.ContainsRune(term, letter) {
				dims[k] = 1
			}
			for j, l := range term {
				if l == letter && parts[i].dims[j] > 1 {
					strides[k] += own[j]
				}
			}
		}
		part := kept(c.moved(parts[i], dims, strided(dims, strides, 0)))
		if total == nil {
			total = part
		} else {
			total = c.mul(total, part)
		}
	}
	if added := len(letters) - len(right); added > 0 && c.err == nil {
		axes := upTo(len(letters))[len(right):]
		total = c.op("ReduceSum", attrs{"axes": axes, "keepdims": 0}, total)
	}
	return total
}
