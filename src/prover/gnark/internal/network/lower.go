package network

import (
	"maps"
	"slices"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/onnx"
)

// Limits that refuse a malicious or mistaken model before it fills the memory.
const (
	maxActivations = 1 << 24
	maxTaps        = 1 << 30
	maxMoved       = 1 << 27 // elements that all nodes together list again, as Transpose and Concat do
)

// builder lowers one node after the other. Sources are the inputs, then the stages.
type builder struct {
	model   *onnx.Model
	inputs  []*tensor
	named   []Input
	stages  []draft
	values  map[string]*tensor
	readers map[string]int
	scaled  map[int]int // inputs that a stage rescales to the common scale, by that stage's source
	taps    float64     // of all windows so far, see admit
	moved   int
	weakest float64 // the largest number that masks a value, 0 while there is none
	deep    bool    // see LowerDeep
	// temporary counts the values of calculations, see calc.
	temporary int
}

// draft is a stage whose reads still refer to sources, because sizes change while nodes are merged.
type draft struct {
	Stage
	source int
	refs   []ref
	added  []ref
}

// lowerings return a node's outputs in order.
var lowerings = map[string]func(*builder, *onnx.Node) ([]*tensor, error){
	"Abs":                one((*builder).abs),
	"Add":                one((*builder).add),
	"Clip":               one((*builder).clip),
	"LayerNormalization": one((*builder).layerNorm),
	"LeakyRelu":          one((*builder).leakyRelu),
	"Max":                one((*builder).maxOf),
	"Min":                one((*builder).minOf),
	"PRelu":              one((*builder).prelu),
	"BatchNormalization": one((*builder).batchNorm),
	"Concat":             one((*builder).concat),
	"ConstantOfShape":    one((*builder).constantOfShape),
	"Div":                one((*builder).div),
	"Dropout":            one((*builder).dropout),
	"Expand":             one((*builder).expand),
	"Flatten":            one((*builder).flatten),
	"Gather":             one((*builder).gather),
	"Gemm":               one((*builder).gemm),
	"Identity":           one((*builder).pass),
	"MatMul":             one((*builder).matMul),
	"Mul":                one((*builder).mul),
	"Neg":                one((*builder).neg),
	"NonZero":            one((*builder).nonZero),
	"Range":              one((*builder).rangeOf),
	"ReduceMean":         one((*builder).reduceMean),
	"ReduceSum":          one((*builder).reduceSum),
	"Relu":               one((*builder).relu),
	"Reshape":            one((*builder).reshape),
	"Shape":              one((*builder).shapeOf),
	"Size":               one((*builder).sizeOf),
	"Slice":              one((*builder).slice),
	"Softmax":            one((*builder).softmax),
	"Split":              (*builder).split,
	"Squeeze":            one((*builder).squeeze),
	"Sub":                one((*builder).sub),
	"Sum":                one((*builder).sumOf),
	"Transpose":          one((*builder).transposed),
	"Unsqueeze":          one((*builder).unsqueeze),
}

func one(f func(*builder, *onnx.Node) (*tensor, error)) func(*builder, *onnx.Node) ([]*tensor, error) {
	return func(b *builder, n *onnx.Node) ([]*tensor, error) {
		t, err := f(b, n)
		return []*tensor{t}, err
	}
}

// Operators lists the supported operators, sorted. Constant is read before lowering.
func Operators() []string {
	return slices.Sorted(slices.Values(append(slices.Collect(maps.Keys(lowerings)), "Constant")))
}

// Lower turns the model into a graph of stages, or names the node that it does not support.
func Lower(m *onnx.Model) (*Network, error) { return lowered(m, false) }

// LowerDeep does so for a model whose bounds grow too wide: what normalises by the root of a mean square is a stage of
// its own, after which they start afresh.
func LowerDeep(m *onnx.Model) (*Network, error) { return lowered(m, true) }

func lowered(m *onnx.Model, deep bool) (*Network, error) {
	for i := range m.Nodes {
		if n := &m.Nodes[i]; lowerings[n.Op] == nil {
			return nil, fault.New(fault.UnsupportedOperator,
				"operator %s of node %q is not supported, expected one of %v, given %s", n.Op, n.Name, Operators(), n.Op)
		}
	}
	m = fuse(m, deep)
	nodes, err := needed(m)
	if err != nil {
		return nil, err
	}
	b := &builder{model: m, values: map[string]*tensor{}, readers: map[string]int{}, scaled: map[int]int{}, deep: deep}
	if err := b.readInputs(); err != nil {
		return nil, err
	}
	for _, n := range nodes {
		for _, in := range n.Inputs {
			b.readers[in]++
		}
	}
	for _, out := range m.Outputs {
		b.readers[out.Name]++
	}
	for _, n := range nodes {
		if err := b.lower(n); err != nil {
			return nil, err
		}
	}
	return b.finish()
}

func (b *builder) readInputs() error {
	total := 0
	for i, in := range inputs(b.model) {
		dims, err := inputDims(in)
		if err != nil {
			return err
		}
		if total += product(dims); total > maxActivations {
			return fault.New(fault.ModelTooLarge, "the inputs have %d values together, expected at most %d", total, maxActivations)
		}
		kind := kindOf(in.DataType)
		t := &tensor{dims: dims, source: i, integer: kind != Float, boolean: kind == Boolean}
		b.inputs, b.values[in.Name] = append(b.inputs, t), t
		b.named = append(b.named, Input{Name: in.Name, Size: product(dims), Kind: kind})
	}
	if len(b.inputs) == 0 {
		return fault.New(fault.UnsupportedGraph, "the graph has no inputs that are no initializers, expected at least 1")
	}
	return nil
}

func (b *builder) lower(n *onnx.Node) error {
	out, err := b.run(n)
	if err != nil {
		return err
	}
	for i, name := range n.Outputs {
		if name == "" || b.readers[name] == 0 {
			continue
		}
		if i >= len(out) {
			return nodeFault(fault.UnsupportedGraph, n, "gives output %d, %q, that something reads, expected %d outputs at most", i, name, len(out))
		}
		t := *out[i]
		if !t.constant && t.size() == 0 {
			return nodeFault(fault.UnsupportedValue, n, "gives %q with dimensions %v, expected at least one value", name, t.dims)
		}
		t.joinable = t.joinable && b.readers[name] == 1
		if b.moved += len(t.refs) + len(t.v); b.moved > maxMoved {
			return nodeFault(fault.ModelTooLarge, n, "brings the values that are moved about to %d, expected at most %d", b.moved, maxMoved)
		}
		b.values[name] = &t
	}
	return nil
}

// run lowers a node. What only adds and multiplies whole numbers gives whole numbers, and so does their division.
func (b *builder) run(n *onnx.Node) ([]*tensor, error) {
	isWhole := (keepsWhole[n.Op] || takesWhole[n.Op] || n.Op == "Div") && b.areWhole(n)
	if isWhole && n.Op == "Div" {
		c := &calc{builder: b, n: n}
		if x, y := c.in(0), c.in(1); c.err == nil && !x.constant && y.constant && !slices.Contains(y.v, 0) {
			t := c.wholeQuotient(x, y)
			return []*tensor{t}, c.err
		}
	}
	out, err := lowerings[n.Op](b, n)
	if err != nil || !isWhole {
		return out, err
	}
	for i := range out {
		whole := *out[i]
		whole.integer = true
		out[i] = &whole
	}
	return out, nil
}

// takesWhole are operators that take values from their first operand.
var takesWhole = map[string]bool{"Gather": true, "GatherElements": true}

func (b *builder) areWhole(n *onnx.Node) bool {
	for i := range n.Inputs {
		if takesWhole[n.Op] && i > 0 {
			break
		}
		if t, err := b.operand(n, i); err != nil || !t.integer {
			return false
		}
	}
	return true
}

var keepsWhole = map[string]bool{"Abs": true, "Add": true, "Clip": true, "MatMul": true, "Max": true, "Min": true, "Mul": true, "Neg": true,
	"ReduceMax": true, "ReduceMin": true, "ReduceSum": true, "Relu": true, "Sub": true, "Sum": true}

// finish gives each element its number.
func (b *builder) finish() (*Network, error) {
	var out []*tensor
	for i, o := range b.model.Outputs {
		t := b.values[o.Name]
		if t == nil || t.constant {
			return nil, fault.New(fault.UnsupportedGraph, "output %q does not depend on the input, expected one that does", b.model.Outputs[i].Name)
		}
		t, err := b.computed(t, o.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		return nil, fault.New(fault.UnsupportedGraph, "the graph has no outputs, expected at least 1")
	}
	net := &Network{Inputs: b.named}
	starts, size := make([]int, 0, len(b.inputs)+len(b.stages)), 0
	for _, in := range b.inputs {
		starts, size = append(starts, size), size+in.size()
		net.InputDims = in.dims
	}
	if len(b.inputs) > 1 {
		net.InputDims = []int{size}
	}
	for i := range b.stages {
		starts, size = append(starts, size), size+b.stages[i].Out().Size()
	}
	number := func(r ref) Element {
		if r == padding {
			return None
		}
		return Element(starts[r.source()] + r.at())
	}
	for i := range b.stages {
		d := &b.stages[i]
		isNext := d.source == len(b.inputs)+i-1 && (i > 0 || len(b.inputs) == 1)
		if d.refs != nil || !isNext {
			t := &tensor{dims: []int{d.Linear.In.Size()}, source: d.source, refs: d.refs} // of a product, refs are both lists
			for _, r := range t.allRefs() {
				d.Reads = append(d.Reads, number(r))
			}
		}
		for _, r := range d.added {
			d.Added = append(d.Added, number(r))
		}
		net.Stages = append(net.Stages, d.Stage)
	}
	if t := out[0]; len(out) == 1 && t.refs == nil && t.source == len(b.inputs)+len(b.stages)-1 {
		net.OutputDims = t.dims
		return net, nil
	}
	for _, t := range out {
		for _, r := range t.allRefs() {
			net.Outputs = append(net.Outputs, number(r))
		}
		net.OutputDims = t.dims
	}
	if len(out) > 1 {
		net.OutputDims = []int{len(net.Outputs)}
	}
	return net, nil
}

// computed is the tensor with every element produced by a stage: a circuit's output must be computed.
func (b *builder) computed(t *tensor, name string) (*tensor, error) {
	if hasMasked(t) {
		return nil, fault.New(fault.UnsupportedGraph, "output %q has masked values, expected a Softmax before it", name)
	}
	t = b.oneScale(t)
	inStages := t.refs == nil && t.source >= len(b.inputs)
	if t.refs != nil {
		inStages = !slices.ContainsFunc(t.refs, func(r ref) bool { return r == padding || r.source() < len(b.inputs) })
	}
	if inStages {
		return t, nil
	}
	return b.passOn(t, name), nil
}

// passOn is a stage that gives the same elements at the common scale.
func (b *builder) passOn(t *tensor, name string) *tensor {
	flat := t.reshaped([]int{t.size()})
	b.stages = append(b.stages, draft{Stage: Stage{Name: name, Linear: b.identityOf(flat)}, source: t.source, refs: t.refs})
	return &tensor{dims: t.dims, source: b.lastSource(), joinable: true}
}

func (b *builder) lastSource() int { return len(b.inputs) + len(b.stages) - 1 }

// begin appends a stage that reads t, after checking that the circuit can have that size.
func (b *builder) begin(n *onnx.Node, t *tensor, l Linear, dims []int) (*tensor, error) {
	if err := b.admit(n, &l.Geometry); err != nil {
		return nil, err
	}
	if hasMasked(t) {
		return nil, nodeFault(fault.UnsupportedGraph, n, "reads values that are masked, expected a Softmax before")
	}
	t = b.oneScale(t)
	b.stages = append(b.stages, draft{Stage: Stage{Name: n.Name, Linear: l}, source: t.source, refs: t.refs})
	return &tensor{dims: dims, source: b.lastSource(), joinable: true}, nil
}

// oneScale replaces elements of an input, if there are others among them, by elements of a stage that rescales that
// input: an input has a different scale. Elements of exact stages are replaced in any case.
func (b *builder) oneScale(t *tensor) *tensor {
	t = b.commonScale(t, func(source int) bool { return b.exact(source) })
	scales := map[string]bool{}
	for _, r := range t.refs {
		switch {
		case r == padding:
		case !b.isInput(r):
			scales["common"] = true
		case b.named[r.source()].Kind == Float:
			scales["grid"] = true
		default:
			scales["whole"] = true
		}
	}
	if len(scales) < 2 {
		return t
	}
	return b.stageScale(t)
}

func (b *builder) isInput(r ref) bool { return r >= 0 && r.source() < len(b.inputs) }

// stageScale replaces elements of inputs in any case.
func (b *builder) stageScale(t *tensor) *tensor {
	return b.commonScale(t, func(source int) bool { return source < len(b.inputs) || b.exact(source) })
}

// commonScale replaces elements of some of the inputs and exact stages by those of stages at the common scale.
func (b *builder) commonScale(t *tensor, other func(source int) bool) *tensor {
	if t.refs == nil && !other(t.source) {
		return t
	}
	same := *t
	if t.refs == nil {
		same.source = b.inCommon(t.source)
		return &same
	}
	if !slices.ContainsFunc(t.refs, func(r ref) bool { return r >= 0 && other(r.source()) }) {
		return t
	}
	same.refs = slices.Clone(t.refs)
	for i, r := range same.refs {
		if r >= 0 && other(r.source()) {
			same.refs[i] = refTo(b.inCommon(r.source()), r.at())
		}
	}
	return &same
}

// inCommon is the stage that brings a source to the common scale.
func (b *builder) inCommon(source int) int {
	if source >= len(b.inputs) {
		return b.rescaled(source)
	}
	to, found := b.scaled[source]
	if !found {
		to = b.passOn(&tensor{dims: b.inputs[source].dims, source: source}, "input").source
		b.scaled[source] = to
	}
	return to
}

// admit refuses a window that is too large for a circuit. It counts in floats, because what a file asks for may not
// fit in an integer.
func (b *builder) admit(n *onnx.Node, g *Geometry) error {
	outputs := float64(g.Out[0]) * float64(g.Out[1]) * float64(g.Out[2])
	b.taps += tapsOf(g)
	if outputs > maxActivations || b.taps > maxTaps {
		return nodeFault(fault.ModelTooLarge, n, "brings the model to %.0f products and has %.0f outputs, expected at most %d and %d",
			b.taps, outputs, maxTaps, maxActivations)
	}
	return nil
}

func tapsOf(g *Geometry) float64 {
	return float64(g.Out[0]) * float64(g.Out[1]) * float64(g.Out[2]) * float64(g.In[0]/g.Group) * float64(g.Kernel[0]) * float64(g.Kernel[1])
}

// beginIdentity appends a stage that passes the activation on, for what follows to join.
func (b *builder) beginIdentity(n *onnx.Node, t *tensor) (*tensor, error) {
	return b.begin(n, t, b.identityOf(t), t.dims)
}

func (b *builder) identityOf(t *tensor) Linear {
	s := shapeOf(t.dims)
	l := Linear{Geometry: identity(s), Weights: make([]float64, s[0]), Bias: make([]float64, s[0])}
	for i := range l.Weights {
		l.Weights[i] = 1
	}
	return l
}

// stageOf is the stage that operators after a tensor may join, or nil.
func (b *builder) stageOf(t *tensor) *Stage {
	if !t.joinable {
		return nil
	}
	source := t.source
	if len(t.refs) > 0 {
		source = t.refs[0].source()
	}
	s := &b.stages[source-len(b.inputs)].Stage
	if b.exact(source) || s.Norm != nil {
		return nil
	}
	return s
}

// open is a stage that linear layers may also join: one without pool and ReLU.
func (b *builder) open(t *tensor) *Stage {
	if s := b.stageOf(t); s != nil && s.Pool == nil && !s.Relu && s.Function == nil && s.Jump == NoJump && !s.Product {
		return s
	}
	return nil
}

// activation is input i of a node, which must depend on the graph's input.
func (b *builder) activation(n *onnx.Node, i int) (*tensor, error) {
	t, err := b.operand(n, i)
	if err == nil && t.constant {
		err = nodeFault(fault.UnsupportedGraph, n, "reads a constant as input %d, expected a value that depends on the graph's input", i)
	}
	return t, err
}

// operand is input i of a node, a constant or an activation.
func (b *builder) operand(n *onnx.Node, i int) (*tensor, error) {
	if i >= len(n.Inputs) || n.Inputs[i] == "" {
		return nil, nodeFault(fault.UnsupportedValue, n, "has %d inputs, expected at least %d", len(n.Inputs), i+1)
	}
	if c, ok := b.model.Consts[n.Inputs[i]]; ok {
		return stored(n, c)
	}
	if t := b.values[n.Inputs[i]]; t != nil {
		return t, nil
	}
	return nil, nodeFault(fault.UnsupportedGraph, n, "reads %q as input %d, which nothing gives", n.Inputs[i], i)
}

// given says whether a node has input i.
func given(n *onnx.Node, i int) bool { return i < len(n.Inputs) && n.Inputs[i] != "" }

// floats reads input i of a node, which must be a constant.
func (b *builder) floats(n *onnx.Node, i int) (dims []int, v []float64, err error) {
	t, err := b.operand(n, i)
	if err != nil {
		return nil, nil, err
	}
	if !t.constant {
		return nil, nil, nodeFault(fault.UnsupportedGraph, n, "reads %q as input %d, expected a constant there", n.Inputs[i], i)
	}
	return t.dims, t.v, nil
}

// integers reads input i of a node, which must be a constant of integers.
func (b *builder) integers(n *onnx.Node, i int) ([]int, error) {
	t, err := b.operand(n, i)
	if err != nil {
		return nil, err
	}
	if !t.constant || !t.integer {
		return nil, nodeFault(fault.UnsupportedGraph, n, "reads %q as input %d, expected integers that do not depend on the graph's input", n.Inputs[i], i)
	}
	return t.ints(), nil
}

// shapeOf is an activation as channels, height, width: a batch of images is one of as many channels more;
// other ranks are taken as flat.
func shapeOf(dims []int) Shape {
	switch len(dims) {
	case 4:
		return Shape{dims[0] * dims[1], dims[2], dims[3]}
	case 3:
		return Shape{dims[0] * dims[1], 1, dims[2]}
	}
	return Shape{product(dims), 1, 1}
}

func product(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}
