package circuit

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/backend/witness"
	"github.com/consensys/gnark/constraint"
	bn254cs "github.com/consensys/gnark/constraint/bn254"

	"provemark/gnark/internal/network"
	"provemark/gnark/internal/quant"
)

// lookup is one looked-up value in the compiled constraints: a sum over wires.
type lookup struct {
	wires  []int
	coeffs []*big.Int
}

// lookupsOf finds them in the system itself: constraints (challenge - value) * wire = 1.
func lookupsOf(t *testing.T, system constraint.ConstraintSystem) []lookup {
	t.Helper()
	r1cs := system.(*bn254cs.R1CS)
	challenge := r1cs.CommitmentInfo.(constraint.Groth16Commitments)[0].CommitmentIndex
	var all []lookup
	for _, r := range r1cs.GetR1Cs() {
		if len(r.O) != 1 || r.O[0].WireID() != 0 {
			continue
		}
		for _, side := range []constraint.LinearExpression{r.L, r.R} {
			l, found := lookup{}, false
			for _, term := range side {
				if term.WireID() == challenge {
					found = true
					continue
				}
				c := new(big.Int)
				r1cs.Coefficients[term.CoeffID()].BigInt(c)
				l.wires, l.coeffs = append(l.wires, term.WireID()), append(l.coeffs, c.Sub(field, c))
			}
			if found {
				all = append(all, l)
			}
		}
	}
	return all
}

// forger fills a system with any values for output, input and auxiliaries, and counts each look-up that is in the
// table. Nobody can do better, because only the counts are left to choose.
type forger struct {
	system  constraint.ConstraintSystem
	lookups []lookup
	entries int
}

// accepts says whether the constraints hold; values are all public and secret wires except the counts.
func (f *forger) accepts(t *testing.T, public int, values []*big.Int) bool {
	t.Helper()
	return Solve(f.system, f.counted(t, public, values)) == nil
}

// counted is the witness with the best counts.
func (f *forger) counted(t *testing.T, public int, values []*big.Int) witness.Witness {
	t.Helper()
	counts := make([]int64, f.entries)
	one := big.NewInt(1)
	for _, l := range f.lookups {
		v := new(big.Int)
		for i, w := range l.wires {
			value := one // wire 0
			if w > 0 {
				value = values[w-1]
			}
			v.Add(v, new(big.Int).Mul(l.coeffs[i], value))
		}
		if v.Mod(v, field); v.Cmp(big.NewInt(int64(f.entries))) < 0 {
			counts[v.Int64()]++
		}
	}
	all := append([]*big.Int{}, values...)
	for _, c := range counts {
		all = append(all, big.NewInt(c))
	}
	return fill(t, public, all)
}

// fill is a witness of all public and secret values.
func fill(t *testing.T, public int, values []*big.Int) witness.Witness {
	t.Helper()
	ch := make(chan any, len(values))
	for _, v := range values {
		ch <- new(big.Int).Mod(v, field)
	}
	close(ch)
	w, err := witness.New(ecc.BN254.ScalarField())
	if err == nil {
		err = w.Fill(public, len(values)-public, ch)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// accepter says whether the constraints hold; values are all public and secret wires except the counts.
type accepter interface {
	accepts(t *testing.T, public int, values []*big.Int) bool
}

// compileCounted compiles a model with one table of ranges, and holds the plan to the number of its constraints.
func compileCounted(t *testing.T, m *quant.Model, p *quant.Plan) *bn254cs.R1CS {
	t.Helper()
	system, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	const fixed = 3 // the scale, the commitment's mask, the table
	if got := system.GetNbConstraints(); got != p.Constraints+fixed {
		t.Errorf("%d constraints, the plan expects %d", got, p.Constraints+fixed)
	}
	return system
}

// newForger compiles the model of a seed, and holds the plan to the number of its look-ups.
func newForger(t *testing.T, seed uint64, m *quant.Model, p *quant.Plan) *forger {
	t.Helper()
	system, err := Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	f := &forger{system, lookupsOf(t, system), 1 << m.TableBits}
	if len(f.lookups) != p.Lookups {
		t.Fatalf("seed %d: %d look-ups found, expected %d", seed, len(f.lookups), p.Lookups)
	}
	return f
}

// oneWitness checks for each input that the honest witness is accepted, and no random change of it.
func oneWitness(t *testing.T, f accepter, m *quant.Model, p *quant.Plan, r *rand.Rand, changes int, inputs ...[]int64) {
	t.Helper()
	for _, x := range inputs {
		values, public := valuesOf(t, m, p, x)
		if !f.accepts(t, public, values) {
			t.Fatalf("the honest witness for %v is refused", x)
		}
		for range changes {
			forged, what := change(r, m, public, len(x), values)
			if f.accepts(t, public, forged) {
				t.Fatalf("accepted with %s", what)
			}
		}
	}
}

// someInput draws an input within the model's bounds.
func someInput(m *quant.Model, seed uint64) []int64 {
	r := rand.New(rand.NewPCG(seed, 7))
	x := make([]int64, m.InputSize())
	lo, hi := m.InputBounds()
	for i := range x {
		x[i] = lo + r.Int64N(hi-lo+1)
	}
	return x
}

// someInputs draws n inputs, of the seeds from 0.
func someInputs(m *quant.Model, n int) (inputs [][]int64) {
	for seed := range n {
		inputs = append(inputs, someInput(m, uint64(seed)))
	}
	return inputs
}

// randomNet is a small network of random shape, with all features that windows can have.
func randomNet(r *rand.Rand) *network.Network {
	one := [2]int{1, 1}
	in := network.Shape{1 + r.IntN(2), 3 + r.IntN(3), 3 + r.IntN(3)}
	net := &network.Network{InputDims: []int{1, in[0], in[1], in[2]}}
	for range 1 + r.IntN(3) {
		kernel := [2]int{1 + r.IntN(min(2, in[1])), 1 + r.IntN(min(2, in[2]))}
		conv := network.Geometry{In: in, Group: 1, Kernel: kernel, Stride: one, Dilation: one,
			Out: network.Shape{1 + r.IntN(2), in[1] - kernel[0] + 1, in[2] - kernel[1] + 1}}
		s := network.Stage{Name: "s", Relu: r.IntN(2) == 0}
		spread := []float64{0.2, 1, 4}[r.IntN(3)]
		weights := make([]float64, conv.WeightCount())
		for i := range weights {
			weights[i] = (r.Float64()*2 - 1) * spread
		}
		bias := make([]float64, conv.Out[0])
		for i := range bias {
			bias[i] = (r.Float64()*2 - 1) * spread
		}
		s.Linear = network.Linear{Geometry: conv, Weights: weights, Bias: bias}
		in = conv.Out
		if r.IntN(2) == 0 {
			size, step := [2]int{1 + r.IntN(min(2, in[1])), 1 + r.IntN(min(3, in[2]))}, 1+r.IntN(2)
			pool := network.Geometry{In: in, Group: in[0], Kernel: size, Stride: [2]int{step, step}, Dilation: one,
				Out: network.Shape{in[0], (in[1]-size[0])/step + 1, (in[2]-size[1])/step + 1}}
			s.Pool, in = &pool, pool.Out
		}
		if r.IntN(2) == 0 { // any earlier elements, repeated or not at all, and zeros
			first, end := 0, net.InputSize()
			if len(net.Stages) > 0 && r.IntN(3) > 0 { // at the scale of all stages
				first = end
				for i := range net.Stages {
					end += net.Stages[i].Out().Size()
				}
			}
			for range conv.In.Size() {
				s.Reads = append(s.Reads, network.Element(first+r.IntN(end-first)))
			}
			s.Reads[r.IntN(len(s.Reads))] = network.None
		}
		common := s.Reads == nil && len(net.Stages) > 0 || s.Reads != nil && !slices.ContainsFunc(s.Reads, func(e network.Element) bool { return e >= 0 && int(e) < net.InputSize() })
		if common && len(net.Stages) > 0 && r.IntN(2) == 0 { // a residual
			size := 0
			for i := range net.Stages {
				size += net.Stages[i].Out().Size()
			}
			s.AddedWeight = []float64{1, -1, 0.5}[r.IntN(3)]
			for range conv.Out.Size() {
				s.Added = append(s.Added, network.Element(net.InputSize()+r.IntN(size)))
			}
			s.Added[r.IntN(len(s.Added))] = network.None
		}
		net.Stages = append(net.Stages, s)
	}
	if r.IntN(2) == 0 { // steps or floors of any elements
		in = network.Shape{1 + r.IntN(3), 1, 1}
		s := network.Stage{Name: "j", Jump: []network.Jump{network.Step, network.Floor}[r.IntN(2)], Linear: network.Linear{Weights: []float64{2, 0.5, 0.3}[:in[0]], Bias: []float64{0.1, 0, 0}[:in[0]],
			Geometry: network.Geometry{In: in, Out: in, Group: in[0], Kernel: one, Stride: one, Dilation: one}}}
		size := 0
		for i := range net.Stages {
			size += net.Stages[i].Out().Size()
		}
		for range in[0] {
			s.Reads = append(s.Reads, network.Element(net.InputSize()+r.IntN(size)))
		}
		net.Stages = append(net.Stages, s)
	}
	if r.IntN(2) == 0 { // products of any elements, at the scale of all stages
		in = network.Shape{1 + r.IntN(3), 1, 1}
		s := network.Stage{Name: "p", Product: true, Relu: r.IntN(2) == 0, Linear: network.Linear{Weights: []float64{1, 1, 1}[:in[0]], Bias: make([]float64, in[0]),
			Geometry: network.Geometry{In: in, Out: in, Group: in[0], Kernel: one, Stride: one, Dilation: one}}}
		size := 0
		for i := range net.Stages {
			size += net.Stages[i].Out().Size()
		}
		for range 2 * in[0] {
			s.Reads = append(s.Reads, network.Element(net.InputSize()+r.IntN(size)))
		}
		if r.IntN(4) == 0 {
			s.Reads[0] = network.None
		}
		net.Stages = append(net.Stages, s)
	}
	if r.IntN(2) == 0 {
		size := 0
		for i := range net.Stages {
			size += net.Stages[i].Out().Size()
		}
		for range 1 + r.IntN(6) {
			net.Outputs = append(net.Outputs, network.Element(net.InputSize()+r.IntN(size)))
		}
	}
	net.OutputDims = []int{1, in[0], in[1], in[2]}
	return net
}

// An input has one witness: whatever is changed in the honest one, the constraints refuse it, even if the counts are
// chosen again each time. So only the true output can be proved. Networks are random; the look-ups are read from the
// compiled constraints, not from the plan.
func TestWitnessIsUnique(t *testing.T) {
	refused := 0
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 3))
		m, p, err := quant.Quantize(randomNet(r), quant.Options{ScaleBits: 4 + r.IntN(3), Lo: -1, Hi: 1})
		if err != nil {
			t.Fatal(err)
		}
		f := newForger(t, seed, m, p)
		x := make([]int64, m.InputSize())
		lo, hi := m.InputBounds()
		for i := range x {
			x[i] = lo + r.Int64N(hi-lo+1)
		}
		values, public := valuesOf(t, m, p, x)
		if !f.accepts(t, public, values) {
			t.Fatalf("seed %d: the honest witness is refused", seed)
		}
		for range 60 {
			forged, what := change(r, m, public, len(x), values)
			if f.accepts(t, public, forged) {
				t.Fatalf("seed %d: accepted with %s", seed, what)
			}
			refused++
		}
	}
	if refused < 1000 {
		t.Fatalf("only %d changes were tried", refused)
	}
}

// change alters one, two or three values, never those of the input: by a little, by whole limbs, by what a field
// makes possible, or one limb against its neighbour.
func change(r *rand.Rand, m *quant.Model, public, inputs int, values []*big.Int) (forged []*big.Int, what string) {
	forged = append(forged, values...)
	step := big.NewInt(1 << m.TableBits)
	inverse := new(big.Int).ModInverse(step, field)
	deltas := []*big.Int{big.NewInt(1), big.NewInt(-1), step, new(big.Int).Neg(step), inverse, new(big.Int).Neg(inverse)}
	at := func() int { // an output or an auxiliary value
		if i := 1 + r.IntN(len(values)-1-inputs); i < public {
			return i
		} else {
			return i + inputs
		}
	}
	add := func(i int, d *big.Int) {
		forged[i] = new(big.Int).Add(forged[i], d)
		what += fmt.Sprintf(" value %d changed by %v,", i, d)
	}
	i := at()
	switch r.IntN(3) {
	case 0:
		add(i, deltas[r.IntN(len(deltas))])
	case 1: // what one limb gives, the next one takes
		add(i, deltas[r.IntN(2)])
		if i+1 < len(values) && i+1 != public {
			add(i+1, deltas[2+r.IntN(4)])
		}
	default:
		add(i, deltas[r.IntN(len(deltas))])
		if j := at(); j != i {
			add(j, deltas[r.IntN(len(deltas))])
		}
	}
	return forged, what
}
