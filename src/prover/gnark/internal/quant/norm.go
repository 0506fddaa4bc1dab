package quant

import (
	"fmt"
	"math"
	"math/big"

	"provemark/gnark/internal/fault"
)

// Normalisation of a row x of d values: with meanBits more bits than x, mean is their mean, rounded, and c = x - mean;
// square is the sum of c^2, plus epsilon at its scale and at least 1; root = floor(sqrt(d 2^(2 NormBits) / square)),
// so that c root is the normalised value at scale 2^NormBits. Its product with a weight has 2 TableBits more than
// ScaleBits, and is rounded to that. For rows that are not centred, mean is 0.

const meanBits = 3

// NormRow is what one row goes through. Below and Above are what is missing from root^2 square to d 2^(2 NormBits),
// and from one more than that to (root + 1)^2 square.
type NormRow struct {
	Mean, Rest   int64 // Rest is the remainder of the mean's division
	Root         int64
	Below, Above *big.Int
	C, Scaled, Y []int64 // Scaled is c root
	Sums         []int64
}

// NormBits is the number of fractional bits of the normalised values before the weights.
func (m *Model) NormBits() int { return m.ScaleBits + m.TableBits + meanBits + 1 }

// normWeightBits is that of the weights.
func (m *Model) normWeightBits() int { return m.ScaleBits + 2*m.TableBits - m.NormBits() }

// NormMeanBits is how many bits the mean has beyond the values.
func (m *Model) NormMeanBits() int { return meanBits }

// NormTarget is d 2^(2 NormBits).
func (m *Model) NormTarget(s *Stage) *big.Int {
	t := big.NewInt(int64(s.Norm.Size))
	return t.Lsh(t, uint(2*m.NormBits()))
}

// NormEpsilon is epsilon at the scale of the sum of squares.
func (m *Model) NormEpsilon(s *Stage) int64 {
	return max(1, int64(math.Round(math.Ldexp(s.Norm.Epsilon*float64(s.Norm.Size), 2*(m.ScaleBits+meanBits)))))
}

// NormRows calls f for every row with its first element.
func (m *Model) NormRows(s *Stage, x []int64, f func(first int, r *NormRow)) {
	n := s.Norm.Size
	row := make([]int64, n)
	for first := 0; first < s.Out().Size(); first += n {
		for i := range row {
			row[i] = value(x, s.read(first+i))
		}
		f(first, m.normRow(s, first, row))
	}
}

// read is the element that a stage reads in a place.
func (s *Stage) read(i int) int64 {
	if s.Reads == nil {
		return int64(s.Start + i)
	}
	return s.Reads[i]
}

func (m *Model) normRow(s *Stage, first int, x []int64) *NormRow {
	d, r := int64(len(x)), &NormRow{}
	if !s.Norm.Uncentred {
		for _, v := range x {
			r.Mean += v << meanBits
		}
		r.Mean += d / 2
		r.Rest = ((r.Mean % d) + d) % d
		r.Mean = (r.Mean - r.Rest) / d
	}
	square := big.NewInt(m.NormEpsilon(s))
	for _, v := range x {
		c := v<<meanBits - r.Mean
		r.C = append(r.C, c)
		square.Add(square, new(big.Int).Mul(big.NewInt(c), big.NewInt(c)))
	}
	target := m.NormTarget(s)
	root := new(big.Int).Sqrt(new(big.Int).Quo(target, square))
	r.Root = root.Int64()
	used := new(big.Int).Mul(new(big.Int).Mul(root, root), square)
	r.Below = new(big.Int).Sub(target, used)
	next := new(big.Int).Add(root, big.NewInt(1))
	r.Above = next.Mul(next.Mul(next, next), square)
	r.Above.Sub(r.Above, target).Sub(r.Above, big.NewInt(1))
	shift := 2 * m.TableBits
	for i, c := range r.C {
		scaled := c * r.Root
		sum := s.Weights[first+i]*scaled + s.Bias[first+i] + int64(1)<<(shift-1)
		r.Scaled, r.Sums, r.Y = append(r.Scaled, scaled), append(r.Sums, sum), append(r.Y, sum>>shift)
	}
	return r
}

func (m *Model) norm(s *Stage, x []int64) []int64 {
	y := make([]int64, 0, s.Out().Size())
	m.NormRows(s, x, func(_ int, r *NormRow) { y = append(y, r.Y...) })
	return y
}

// NormPlan is what a row needs: limbs of its values, and the offset of its mean.
type NormPlan struct {
	Mean, Rest, Root, Below, Above int
	Offset                         int64
}

// planNorm bounds a normalisation and counts its constraints.
func (m *Model) planNorm(s *Stage, p *Plan, lo, hi []int64) (nlo, nhi []int64, err error) {
	sp, d := StagePlan{}, s.Norm.Size
	target, epsilon := m.NormTarget(s), big.NewInt(m.NormEpsilon(s))
	most := new(big.Int).Sqrt(new(big.Int).Quo(target, epsilon)) // root
	largest := new(big.Int).Sqrt(target)                         // c root, since c^2 is at most square
	for first := 0; first < s.Out().Size(); first += d {
		var least, greatest, reach int64
		for i := range d {
			e := s.read(first + i)
			a, b := value(lo, e), value(hi, e)
			least, greatest, reach = least+a, greatest+b, max(reach, b, -a)
		}
		if float64(reach) > 1<<40 {
			return nil, nil, fault.New(fault.BoundOverflow, "node %q can reach values above 2^40 steps at this scale, expected smaller values or fewer scale bits, given %d", s.Name, m.ScaleBits)
		}
		row := NormPlan{Root: m.bigLimbs(most), Below: m.bigLimbs(target)}
		if !s.Norm.Uncentred {
			row.Rest = int(m.limbs(int64(d - 1)))
			bottom, top := (least<<meanBits-int64(d))/int64(d)-1, (greatest<<meanBits+int64(d))/int64(d)+1
			row.Offset = -bottom
			row.Mean = max(1, int(m.limbs(top-bottom)))
			p.Aux += row.Mean + 2*(row.Rest-1)
			p.Lookups += row.Mean + 2*row.Rest
		}
		square := big.NewInt(2 * reach << meanBits) // c is at most that, and one for the rounding of the mean
		square.Add(square, big.NewInt(1))
		square.Mul(square, square).Mul(square, big.NewInt(int64(d))).Add(square, epsilon)
		// (2 root + 1) square, with root^2 square at most target
		above := new(big.Int).Sqrt(new(big.Int).Mul(target, square))
		row.Above = m.bigLimbs(above.Lsh(above.Add(above, big.NewInt(1)), 1).Add(above, square))
		sp.Rows = append(sp.Rows, row)
		p.Aux += row.Root + row.Below + row.Above
		p.Lookups += row.Root + row.Below + row.Above
		p.Constraints += d + 3 // squares; the root's square, and two relations
		for i := range d {
			w, bias := s.Weights[first+i], s.Bias[first+i]
			if math.Abs(float64(w))*float64(largest.Int64())+math.Abs(float64(bias)) > maxSum {
				return nil, nil, fault.New(fault.BoundOverflow, "node %q can reach sums above 2^61 at this scale, expected smaller weights or fewer scale bits, given %d", s.Name, m.ScaleBits)
			}
			far := max(w, -w) * largest.Int64()
			half := int64(1) << (2*m.TableBits - 1)
			nlo, nhi = append(nlo, (bias-far+half)>>(2*m.TableBits)), append(nhi, (bias+far+half)>>(2*m.TableBits))
			offset, out := m.offsetAndLimbs(nlo[first+i], nhi[first+i])
			sp.Offset, sp.Out = append(sp.Offset, offset), append(sp.Out, out)
			p.Aux += 2 + int(out) // scaled, the upper limb of what is left, y and its upper limbs
			p.Lookups += 2 + int(out)
			p.Constraints++
		}
	}
	p.Stages = append(p.Stages, sp)
	return nlo, nhi, nil
}

// normStages are the elements of all normalisations.
type normStages []normElements

type normElements struct {
	stage *Stage
	start int
}

func (m *Model) normStages() (all normStages) {
	at := m.InputSize()
	for i := range m.Stages {
		if m.Stages[i].Norm != nil {
			all = append(all, normElements{&m.Stages[i], at})
		}
		at += m.Stages[i].Out().Size()
	}
	return all
}

// rowOf is the normalisation if all elements of a sum are different ones of one of its rows, in order; else nil.
func (all normStages) rowOf(ts []Term) *normElements {
	for i := range all {
		n := &all[i]
		if len(ts) == 0 || ts[0].Input < n.start || ts[0].Input >= n.start+n.stage.Out().Size() {
			continue
		}
		row := (ts[0].Input - n.start) / n.stage.Norm.Size
		for k, t := range ts {
			if t.Input < n.start || (t.Input-n.start)/n.stage.Norm.Size != row || k > 0 && t.Input <= ts[k-1].Input {
				return nil
			}
		}
		return n
	}
	return nil
}

// sumBounds bound a sum over normalised values of one row, by the inequality of Cauchy and Schwarz: the circuit shows
// that the squares of c root add up to at most the target. Each value is weight c root + bias, rounded to within a half.
func (n *normElements) sumBounds(m *Model, bias int64, ts []Term) (lo, hi int64) {
	target, _ := new(big.Float).SetInt(m.NormTarget(n.stage)).Float64()
	unit := math.Exp2(-float64(2 * m.TableBits))
	centre, squares, rounding := float64(bias), 0.0, 0.0
	for _, t := range ts {
		w, at := float64(t.Weight), t.Input-n.start
		centre += w * float64(n.stage.Bias[at]) * unit
		squares += square(w * float64(n.stage.Weights[at]) * unit)
		rounding += math.Abs(w)
	}
	reach := (math.Sqrt(squares*target)+rounding)*(1+1e-9) + 1e-9*math.Abs(centre) + 1 // and for the rounding of these sums themselves
	if math.Abs(centre)+reach > maxSum {
		return -maxSum, maxSum
	}
	return int64(math.Floor(centre - reach)), int64(math.Ceil(centre + reach))
}

func (m *Model) bigLimbs(v *big.Int) int { return max(1, (v.BitLen()+m.TableBits-1)/m.TableBits) }

// normErrors propagates the errors of what a normalisation reads. If a row is off by e, its mean is off by at most the
// mean of |e|, its deviation by at most the root of the mean of e^2; and no normalised value can exceed sqrt(d).
func (e *tracker) normErrors(s *Stage, x []int64, bound, variance []float64) {
	step, d := math.Exp2(-float64(e.m.ScaleBits)), float64(s.Norm.Size)
	weight := math.Exp2(-float64(e.m.normWeightBits()))
	unit := math.Exp2(-float64(e.m.ScaleBits + 2*e.m.TableBits)) // of biases
	e.m.NormRows(s, x, func(first int, r *NormRow) {
		mean, squares, spread, projected := 0.0, 0.0, 0.0, 0.0
		centred, errors, variances := make([]float64, len(r.Y)), make([]float64, len(r.Y)), make([]float64, len(r.Y))
		average := 0.0
		for i := range r.Y {
			if !s.Norm.Uncentred {
				average += step * float64(value(x, s.read(first+i))) / d
			}
		}
		deviation := 0.0
		for i := range r.Y {
			at := s.read(first + i)
			centred[i] = step*float64(value(x, at)) - average
			deviation += square(centred[i]) / d
			if at >= 0 {
				errors[i], variances[i] = e.bound[at], e.variance[at]
			}
			squares += errors[i] * errors[i] / d
			if !s.Norm.Uncentred {
				mean, spread = mean+errors[i]/d, spread+variances[i]/(d*d)
			}
		}
		deviation = math.Sqrt(deviation + s.Norm.Epsilon)
		for i, c := range centred {
			projected += square(c/deviation) * variances[i] / (d * d)
		}
		far := math.Sqrt(squares)
		floor := max(deviation-far, math.Sqrt(s.Norm.Epsilon))
		for i, y := range r.Y {
			w, n := weight*float64(s.Weights[first+i]), centred[i]/deviation
			off := math.Abs(step*float64(y) - (w*n + unit*float64(s.Bias[first+i])))
			moved := min((errors[i]+mean+math.Abs(n)*far)/floor, math.Sqrt(d)+math.Abs(n))
			bound[first+i] = math.Abs(w)*moved + off + weight/2*(math.Abs(n)+moved) + unit/2
			variance[first+i] = square(w)*(variances[i]+spread+n*n*projected)/square(deviation) + off*off + square(weight*n)/12 + square(step)/12
		}
	})
}

// checkNorm refuses a file whose rows do not fit their stage.
func (m *Model) checkNorm(s *Stage) error {
	size := s.Out().Size()
	if s.Norm.Size < 2 || size%s.Norm.Size != 0 || !(s.Norm.Epsilon > 0) || len(s.Weights) != size || len(s.Bias) != size || m.normWeightBits() < 0 ||
		s.Raw || s.Pool != nil || s.Relu || s.Product || s.Function != nil || s.Matrices != nil || s.Softmax != nil || s.Average {
		return fmt.Errorf("stage %q is no normalisation", s.Name)
	}
	return nil
}
