package quant

import (
	"bufio"
	"bytes"
	"math"
	"testing"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/network"
)

func denseNet(weights ...float64) *network.Network {
	one := [2]int{1, 1}
	g := network.Geometry{In: network.Shape{len(weights), 1, 1}, Out: network.Shape{1, 1, 1}, Group: 1, Kernel: one, Stride: one, Dilation: one}
	return &network.Network{InputDims: []int{1, len(weights)}, OutputDims: []int{1, 1},
		Stages: []network.Stage{{Name: "fc", Linear: network.Linear{Geometry: g, Weights: weights, Bias: []float64{0.5}}, Relu: true}}}
}

func TestInputsFitTheTableAtAnyRange(t *testing.T) {
	for _, r := range [][2]float64{{-1, 1}, {0, 1}, {0, 255}, {-0.3, 7.9}, {5, 6}, {-1e6, 1e6}, {-1e-3, 0}} {
		for bits := 4; bits <= MaxTableBits; bits++ {
			m, err := quantizeAt(denseNet(1), Options{ScaleBits: bits, Lo: r[0], Hi: r[1]}, bits, 0)
			if err != nil {
				t.Fatal(err)
			}
			least, greatest := m.InputBounds()
			for i := 0; i <= 100; i++ {
				v := r[0] + (r[1]-r[0])*float64(i)/100
				if i == 100 {
					v = r[1]
				}
				q, err := m.QuantizeInput([]float64{v})
				if err != nil {
					t.Fatal(err)
				}
				if q[0] < least || q[0] > greatest || greatest-least != 1<<bits-1 {
					t.Fatalf("range %v, %d bits: %v becomes %d, the table goes from %d to %d", r, bits, v, q[0], least, greatest)
				}
				if d := math.Abs(float64(q[0])*m.Step() - v); d > m.Step()/2*(1+1e-9) {
					t.Fatalf("range %v, %d bits: %v becomes %d, off by %v steps", r, bits, v, q[0], d/m.Step())
				}
			}
		}
	}
}

// A larger table is chosen exactly when it saves more look-ups than it has entries.
func TestTableSizeIsTheCheapest(t *testing.T) {
	net := denseNet(3, -3, 2)
	chosen, plan, err := Quantize(net, Options{ScaleBits: 5, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	for bits := 5; bits <= 12; bits++ {
		m, err := quantizeAt(net, Options{ScaleBits: 5, Lo: -1, Hi: 1}, bits, 0)
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Plan()
		if err != nil {
			t.Fatal(err)
		}
		if p.Constraints < plan.Constraints {
			t.Errorf("%d bits were chosen at %d constraints, %d bits take %d", chosen.TableBits, plan.Constraints, bits, p.Constraints)
		}
	}
}

func TestBoundOverflow(t *testing.T) {
	_, _, err := Quantize(denseNet(1e9, 1e9), Options{ScaleBits: 14, Lo: -1e6, Hi: 1e6})
	if fault.Code(err) != fault.BoundOverflow {
		t.Errorf("expected %s, got %v", fault.BoundOverflow, err)
	}
}

func TestFileKeepsTheModel(t *testing.T) {
	m, p, err := Quantize(denseNet(0.25, -1.5, 0, 3), Options{ScaleBits: 8, Lo: -0.5, Hi: 2})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	again, err := Read(bufio.NewReader(bytes.NewReader(whole)))
	if err != nil {
		t.Fatal(err)
	}
	x := []int64{3, -9, 27, 81}
	if got, want := again.Infer(p, x).Output(), m.Infer(p, x).Output(); got[0] != want[0] || again.Step() != m.Step() {
		t.Errorf("read back, the model gives %v, expected %v", got, want)
	}
	for n := range whole {
		if _, err := Read(bufio.NewReader(bytes.NewReader(whole[:n]))); err == nil {
			t.Errorf("the first %d of %d bytes are read as a model", n, len(whole))
		}
	}
}

// The estimate holds if one rounding comes back on several paths: the error of a sum of copies of one value grows
// with their number, not with its square root.
func TestEstimateOfBranchesThatMeet(t *testing.T) {
	one := [2]int{1, 1}
	two := network.Geometry{In: network.Shape{2, 1, 1}, Out: network.Shape{1, 1, 1}, Group: 1, Kernel: one, Stride: one, Dilation: one}
	single := two
	single.In[0] = 1
	for name, branch := range map[string]bool{"twice the same": false, "by two branches": true} {
		net := &network.Network{InputDims: []int{1, 1}, OutputDims: []int{1, 1}}
		add := func(l network.Geometry, relu bool, reads ...network.Element) network.Element {
			weights := []float64{1, 1}[:l.In[0]]
			net.Stages = append(net.Stages, network.Stage{Relu: relu, Reads: reads, Linear: network.Linear{Geometry: l, Weights: weights, Bias: []float64{0}}})
			return network.Element(len(net.Stages))
		}
		at := add(single, true, 0)
		for range 12 {
			other := at
			if branch {
				other = add(single, true, at)
			}
			at = add(two, true, at, other)
		}
		m, p, err := Quantize(net, Options{ScaleBits: 10, Lo: 0, Hi: 1})
		if err != nil {
			t.Fatal(err)
		}
		// a value in the middle between two steps of the input is off by half a step, 2^12 times
		x := 100.5 * m.Step()
		q, err := m.QuantizeInput([]float64{x})
		if err != nil {
			t.Fatal(err)
		}
		trace := m.Infer(p, q)
		got := math.Abs(Floats(trace.Output(), m.OutputBits())[0] - x*4096)
		e := m.ErrorsOf(trace, []float64{x})
		if got < 4096*m.Step()/4 || got > e.Estimate || got > e.Bound {
			t.Errorf("%s: off by %v, estimate %v, bound %v", name, got, e.Estimate, e.Bound)
		}
	}
}

// Bounds of a layer over normalised values hold for any input, and are narrower than those of the values one by one.
func TestBoundsAfterANormalisation(t *testing.T) {
	one := [2]int{1, 1}
	const n = 16
	each := network.Geometry{In: network.Shape{n, 1, 1}, Out: network.Shape{n, 1, 1}, Group: n, Kernel: one, Stride: one, Dilation: one}
	sum := network.Geometry{In: network.Shape{n, 1, 1}, Out: network.Shape{2, 1, 1}, Group: 1, Kernel: one, Stride: one, Dilation: one}
	scale, bias, weights := make([]float64, n), make([]float64, n), make([]float64, 2*n)
	for i := range n {
		scale[i], bias[i] = 1+float64(i%3), float64(i%5)-2
		weights[i], weights[n+i] = float64(i%7-3)/4, 1
	}
	net := &network.Network{InputDims: []int{1, n}, OutputDims: []int{1, 2}, Stages: []network.Stage{
		{Name: "norm", Norm: &network.Norm{Size: n, Epsilon: 1e-3}, Linear: network.Linear{Geometry: each, Weights: scale, Bias: bias}, Reads: nil},
		{Name: "sum", Linear: network.Linear{Geometry: sum, Weights: weights, Bias: []float64{0.5, -0.25}}, Relu: true},
	}}
	net.Stages = append([]network.Stage{{Name: "x", Linear: network.Linear{Geometry: each, Weights: scale, Bias: make([]float64, n)}}}, net.Stages...)
	m, p, err := Quantize(net, Options{ScaleBits: 8, Lo: -1, Hi: 1})
	if err != nil {
		t.Fatal(err)
	}
	lo, hi := m.inputBounds()
	var least, greatest []int64
	for i := range m.Stages {
		s := &m.Stages[i]
		if i == 2 {
			if least, greatest, err = m.sumBounds(s, lo, hi); err != nil {
				t.Fatal(err)
			}
			for o := range least {
				bias, ts := m.Terms(s).At(o, false)
				bottom, top := bias, bias
				for _, term := range ts {
					bottom += min(term.Weight*lo[term.Input], term.Weight*hi[term.Input])
					top += max(term.Weight*lo[term.Input], term.Weight*hi[term.Input])
				}
				if float64(greatest[o]-least[o]) > 0.6*float64(top-bottom) {
					t.Errorf("sum %d is from %d to %d, value by value from %d to %d", o, least[o], greatest[o], bottom, top)
				}
			}
			break
		}
		nlo, nhi, err := m.planStage(s, &Plan{}, lo, hi)
		if err != nil {
			t.Fatal(err)
		}
		lo, hi = append(lo, nlo...), append(hi, nhi...)
	}
	bottom, top := m.InputBounds()
	closest := 0.0
	for try := range 200 {
		x := make([]int64, n)
		for i := range x { // along the weights, which comes close to the bound, or anything
			w := weights[i%n] * scale[i]
			if try%2 == 0 {
				w = float64((i*try*7+3)%11 - 5)
			}
			x[i] = min(max(int64(w*float64(top)/(1+float64(try))), bottom), top)
		}
		for o, v := range m.Infer(p, x).Sums[2] {
			if v < least[o] || v > greatest[o] {
				t.Fatalf("input %v: sum %d is %d, bounds %d to %d", x, o, v, least[o], greatest[o])
			}
			closest = max(closest, float64(v)/float64(greatest[o]))
		}
	}
	if closest < 0.5 {
		t.Errorf("no input comes closer than %v to a bound", closest)
	}
}
