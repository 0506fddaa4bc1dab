package circuit

import (
	"slices"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// stage states one stage of the network; aux holds the remaining secret values.
type stage struct {
	*builder
	gates gates
	table *table
	model *quant.Model
	stage *quant.Stage
	plan  *quant.StagePlan
	aux   []int

	negative, limbs sum // buffers
}

// equalSum states that y is linear sum o over the elements x, for a stage that is not rescaled.
func (s *stage) equalSum(y, o int, x []int) {
	bias, ts := s.model.Terms(s.stage).At(o, false)
	var out sum
	if bias != 0 || len(ts) == 0 {
		out = sum{s.term(bias, 0)}
	}
	s.gates.equal(s.wire(y), s.products(x, ts, out))
}

// windows states the outputs of a stage that is rescaled.
func (s *stage) windows(x []int) []int {
	terms := s.model.Terms(s.stage)
	if s.stage.Product {
		x = s.multiply(x)
	}
	out := make([]int, s.stage.Out().Size())
	var window []network.Tap
	high := s.plan.High
	for o := range out {
		window = s.stage.Window(o, window[:0])
		out[o] = s.window(x, terms, window, o, high[:len(window)])
		high = high[len(window):]
	}
	return out
}

// multiply proves products of elements, each a separate secret value, so that later look-ups of it are committed to.
func (s *stage) multiply(x []int) []int {
	n := len(s.stage.Reads) / 2
	products := s.take(n)
	for i, p := range products {
		a, b := s.stage.Reads[i], s.stage.Reads[n+i]
		if a < 0 || b < 0 {
			s.gates.equal(s.wire(p), nil)
		} else {
			s.gates.multiply(s.wire(x[a]), s.wire(x[b]), s.wire(p))
		}
	}
	return products
}

// window proves that y = max over its elements l of floor(l / 2^bits), or with ReLU the larger of that and 0. For
// every l, y 2^bits + 2^bits - 1 - l = low + 2^bits high, with low and high in range, shows that y is at least
// floor(l / 2^bits). A zero among the highs (and y, for ReLU) shows that y is one of them. The range of y shows that
// it is an integer at all, and with ReLU that it is not negative.
func (s *stage) window(x []int, terms *quant.Terms, window []network.Tap, o int, high []uint8) int {
	bits := s.table.bits
	y := s.take(1)[0]
	limbs := int(s.plan.Out[o])
	s.negative = append(s.negative[:0], s.term(-1, y))
	s.lookUpLimbs(-s.plan.Offset[o], s.take(limbs-1))

	var product sum
	productBits := 0
	if s.stage.Relu {
		product, productBits = s.wire(y), limbs*bits
	}
	// an element without high limbs is within one step of the maximum for every input
	mayDiffer := !slices.Contains(high, 0)
	for i, e := range window {
		bias, ts := terms.At(e.Input, false)
		upper := s.take(int(high[i]))
		s.negative = append(s.products(x, ts, s.negative[:0]), s.term(int64(-1)<<bits, y))
		s.lookUpLimbs(bias-int64(1)<<bits+1, upper)
		if mayDiffer {
			factor := s.shifted(upper, 0)
			if product == nil {
				product = slices.Clone(factor)
			} else {
				product = s.gates.product(product, factor)
			}
			productBits += len(upper) * bits
		}
	}
	if mayDiffer {
		s.table.mustBeZero(product, productBits)
	}
	return y
}

// take returns the next n secret values.
func (s *stage) take(n int) []int {
	v := s.aux[:n]
	s.aux = s.aux[n:]
	return v
}

// products appends weight * x for every term.
func (s *stage) products(x []int, ts []quant.Term, to sum) sum {
	for _, t := range ts {
		to = append(to, s.term(t.Weight, x[t.Input]))
	}
	return to
}

// lookUpLimbs proves that a value is in [0, 2^(bits (1 + len(upper)))); the constant and s.negative are the negated
// value. The upper limbs are given; the lowest is the rest of the value, an expression that needs no wire.
func (s *stage) lookUpLimbs(constant int64, upper []int) {
	s.table.lookUp(constant, append(s.negative, s.shifted(upper, 1)...)...)
	for _, limb := range upper {
		s.table.lookUp(0, s.term(-1, limb))
	}
}

// shifted is limb_j * 2^(bits (j + from)) for each limb; it is valid until the next call.
func (s *stage) shifted(limbs []int, from int) sum {
	s.limbs = s.limbs[:0]
	for j, limb := range limbs {
		s.limbs = append(s.limbs, s.powerTerm(s.table.bits*(j+from), limb))
	}
	return s.limbs
}
