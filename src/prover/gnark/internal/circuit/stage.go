package circuit

import (
	"math/big"
	"slices"

	"github.com/consensys/gnark/frontend"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// stage states one stage of the network; aux is what is left of the secret values.
type stage struct {
	api   frontend.API
	table *table
	model *quant.Model
	stage *quant.Stage
	plan  *quant.StagePlan
	aux   []frontend.Variable

	negative []frontend.Variable // buffer
}

func (s *stage) define(x []frontend.Variable) []frontend.Variable {
	terms := s.model.Terms(s.stage)
	out := make([]frontend.Variable, s.stage.Out().Size())
	if s.stage.Raw {
		for o := range out {
			bias, ts := terms.At(o, false)
			out[o] = s.api.Add(bias, 0, s.products(x, ts, nil)...)
		}
		return out
	}
	var window []network.Tap
	high := s.plan.High
	for o := range out {
		window = s.stage.Window(o, window[:0])
		out[o] = s.window(x, terms, window, o, high[:len(window)])
		high = high[len(window):]
	}
	return out
}

// window proves that y = max over its elements l of floor(l / 2^bits), and 0 where ReLU is there, too:
// for every l, y 2^bits + 2^bits - 1 - l = low + 2^bits high with low and high in range says that y is
// no less than floor(l / 2^bits); a zero among the highs (and y, for ReLU) says that y is one of them.
// The range of y says that it is an integer at all, and with ReLU that it is not negative.
func (s *stage) window(x []frontend.Variable, terms *quant.Terms, window []network.Tap, o int, high []uint8) frontend.Variable {
	api, bits := s.api, s.table.bits
	y := s.take(1)[0]
	limbs := int(s.plan.Out[o])
	s.lookUpLimbs([]frontend.Variable{api.Neg(y), -s.plan.Offset[o]}, s.take(limbs-1))
	minusY := api.Mul(y, int64(-1)<<bits)

	var product frontend.Variable = 1
	productBits := 0
	if s.stage.Relu {
		product, productBits = y, limbs*bits
	}
	// an element that needs no high limbs is within one step of the maximum whatever the input
	mayDiffer := !slices.Contains(high, 0)
	for i, e := range window {
		bias, ts := terms.At(e.Input, false)
		upper := s.take(int(high[i]))
		s.negative = append(s.negative[:0], minusY, bias-int64(1)<<bits+1)
		s.negative = s.products(x, ts, s.negative)
		s.lookUpLimbs(s.negative, upper)
		if mayDiffer {
			product = api.Mul(product, sum(api, s.shifted(upper, 0)))
			productBits += len(upper) * bits
		}
	}
	if mayDiffer {
		s.table.mustBeZero(product, productBits)
	}
	return y
}

// take is the next n secret values.
func (s *stage) take(n int) []frontend.Variable {
	v := s.aux[:n]
	s.aux = s.aux[n:]
	return v
}

// products appends weight * x for every term.
func (s *stage) products(x []frontend.Variable, ts []quant.Term, to []frontend.Variable) []frontend.Variable {
	for _, t := range ts {
		to = append(to, s.api.Mul(x[t.Input], t.Weight))
	}
	return to
}

// lookUpLimbs proves that a value is in [0, 2^(bits (1 + len(upper)))). It takes terms of which the sum
// is the value's negative. The upper limbs are given; the lowest is what they leave of the value, an
// expression that costs no wire.
func (s *stage) lookUpLimbs(negative, upper []frontend.Variable) {
	s.table.lookUp(append(negative, s.shifted(upper, 1)...)...)
	for _, limb := range upper {
		s.table.lookUp(s.api.Neg(limb))
	}
}

// shifted is limb_j * 2^(bits (j + from)) for each limb.
func (s *stage) shifted(limbs []frontend.Variable, from int) []frontend.Variable {
	out := make([]frontend.Variable, len(limbs))
	for j, limb := range limbs {
		out[j] = s.api.Mul(limb, new(big.Int).Lsh(big.NewInt(1), uint(s.table.bits*(j+from))))
	}
	return out
}
