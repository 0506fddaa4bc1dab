package command

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"provemark/gnark/internal/onnxtest"
)

func TestUsage(t *testing.T) {
	all := []string{"--vk", "v", "--proof", "p", "--output", "o"}
	for name, c := range map[string]struct {
		args  []string
		words []string
	}{
		"no command":      {nil, []string{"unknown command"}},
		"unknown command": {[]string{"setup"}, []string{"setup", "compile"}},
		"unknown flag":    {append([]string{"verify", "--foo"}, all...), []string{"foo", "--vk"}},
		"missing flag":    {[]string{"verify", "--vk", "v", "--proof", "p"}, []string{"--output"}},
		"no value":        {append([]string{"verify"}, all[:5]...), []string{"output"}},
		"argument":        {append(append([]string{"verify"}, all...), "more"), []string{"more"}},
		"threads":         {append([]string{"verify", "--threads", "0"}, all...), []string{"--threads", "0"}},
		"many threads":    {append([]string{"verify", "--threads", "2147483648"}, all...), []string{"--threads", "1024"}},
	} {
		t.Run(name, func(t *testing.T) { refused(t, run(c.args...), "USAGE", c.words...) })
	}
	f := newFiles(t, "none.onnx")
	for _, flags := range [][]string{{"--scale-bits", "3"}, {"--scale-bits", "17"}, {"--scale-bits", "x"}, {"--input-range", "1,-1"},
		{"--input-range", "1"}, {"--input-range", "0,nan"}, {"--input-range", "-1,1e9"}} {
		refused(t, f.compile(flags...), "USAGE", flags...)
	}
}

func TestInformation(t *testing.T) {
	v := run("version")
	if v.code != ExitOK || !strings.HasPrefix(v.stdout, "provemark-gnark "+Version+" gnark ") || !strings.Contains(v.stdout, runtime.Version()) {
		t.Errorf("version prints %q", v.stdout)
	}
	var ops []string
	if err := json.Unmarshal([]byte(run("operators").stdout), &ops); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Conv", "Relu", "MaxPool", "AveragePool", "Flatten", "Reshape", "Gemm", "MatMul", "Add", "Identity"} {
		if !strings.Contains(" "+strings.Join(ops, " ")+" ", " "+want+" ") {
			t.Errorf("operators %v lack %s", ops, want)
		}
	}
}

func TestUnsupportedModelsAreRefusedByNode(t *testing.T) {
	base := func() *onnxtest.Model { return onnxtest.New("x", 1, 4, 6, 6).Floats("w", ramp(16*9, 1), 4, 4, 3, 3) }
	type attrs = map[string]any
	for name, c := range map[string]struct {
		m     *onnxtest.Model
		code  string
		words []string
	}{
		"operator":               {base().Op("Loop", "x", "y", nil), "UNSUPPORTED_OPERATOR", []string{"Loop", "node_y", "Conv"}},
		"odd operator":           {base().Op("\x1b[2Jé\n"+strings.Repeat("long", 9000), "x", "y", nil), "UNSUPPORTED_OPERATOR", []string{"\ufffd[2Jé long", "..."}},
		"operator off path":      {base().Op("Relu", "x", "y", nil).Node("Foo", "far", nil, []string{"z"}, nil), "UNSUPPORTED_OPERATOR", []string{"Foo", "far"}},
		"dead end":               {base().Op("Relu", "x", "z", nil), "UNSUPPORTED_GRAPH", []string{`"y"`}},
		"loop":                   {base().Node("Add", "a", []string{"x", "y"}, []string{"y"}, nil), "UNSUPPORTED_GRAPH", []string{`"y"`, "loops"}},
		"loop of two":            {base().Node("Add", "a", []string{"x", "z"}, []string{"y"}, nil).Node("Relu", "b", []string{"y"}, []string{"z"}, nil), "UNSUPPORTED_GRAPH", []string{"loops"}},
		"nothing gives it":       {base().Node("Add", "a", []string{"x", "q"}, []string{"y"}, nil), "UNSUPPORTED_GRAPH", []string{`"q"`, `"a"`}},
		"an input given":         {base().Node("Relu", "a", []string{"x"}, []string{"x"}, nil).Op("Relu", "x", "y", nil), "UNSUPPORTED_GRAPH", []string{`"x"`}},
		"constant output":        {base().Op("Shape", "x", "y", nil), "UNSUPPORTED_GRAPH", []string{`"y"`}},
		"mask":                   {base().Node("MaxPool", "p", []string{"x"}, []string{"z", "y"}, attrs{"kernel_shape": []int64{2, 2}}), "UNSUPPORTED_GRAPH", []string{"p", "MaxPool"}},
		"matrices":               {onnxtest.New("x", 2, 3).Node("MatMul", "m", []string{"x", "x"}, []string{"y"}, nil), "SHAPE_MISMATCH", []string{"m", "MatMul"}},
		"division by zero":       {base().Floats("z", []float32{0}, 1).Op("Div", "x", "y", nil, "z"), "UNSUPPORTED_VALUE", []string{"zero"}},
		"empty slice":            {base().Ints("s", []int64{2}).Op("Slice", "x", "y", nil, "s", "s"), "UNSUPPORTED_VALUE", []string{"[0 4 6 6]"}},
		"index out of range":     {base().Ints("i", []int64{6}).Op("Gather", "x", "y", attrs{"axis": 2}, "i"), "UNSUPPORTED_VALUE", []string{"[6]"}},
		"axis twice":             {base().Op("Transpose", "x", "y", attrs{"perm": []int64{0, 1, 1, 2}}), "UNSUPPORTED_VALUE", []string{"perm"}},
		"huge expand":            {base().Ints("s", []int64{1 << 20, 4, 6, 6}).Op("Expand", "x", "y", nil, "s"), "MODEL_TOO_LARGE", []string{"Expand"}},
		"unequal operands":       {base().Input("z", 5).Node("Add", "a", []string{"x", "z"}, []string{"y"}, nil), "SHAPE_MISMATCH", []string{"[5]"}},
		"huge pad":               {base().Ints("p", []int64{0, 0, 1 << 20, 1 << 20, 0, 0, 0, 0}).Op("Pad", "x", "y", nil, "p"), "MODEL_TOO_LARGE", []string{"Pad"}},
		"clip by many":           {base().Floats("v", []float32{2, 3}, 2).Op("Clip", "x", "y", nil, "v"), "SHAPE_MISMATCH", []string{"[2]"}},
		"open side":              {onnxtest.New("x", 1, 4, 0, 6).Op("Relu", "x", "y", nil), "SHAPE_MISMATCH", []string{"[1 4 0 6]"}},
		"channels":               {onnxtest.New("x", 1, 3, 6, 6).Floats("w", ramp(144, 1), 4, 4, 3, 3).Op("Conv", "x", "y", nil, "w"), "SHAPE_MISMATCH", []string{"node_y", "Conv", "[4 4 3 3]"}},
		"kernel too large":       {base().Op("MaxPool", "x", "y", attrs{"kernel_shape": []int64{9, 9}}), "SHAPE_MISMATCH", []string{"node_y"}},
		"pads too large":         {base().Op("MaxPool", "x", "y", attrs{"kernel_shape": []int64{2, 2}, "pads": []int64{2, 2, 2, 2}}), "SHAPE_MISMATCH", []string{"node_y"}},
		"dilation over the side": {onnxtest.New("x", 1, 1, 3, 3).Op("MaxPool", "x", "y", attrs{"kernel_shape": []int64{2, 2}, "dilations": []int64{4, 4}, "pads": []int64{1, 1, 1, 1}}), "SHAPE_MISMATCH", []string{"node_y", "dilation 4", "side of 3"}},
		"negative pads":          {base().Op("Conv", "x", "y", attrs{"pads": []int64{-1, 0, 0, 0}}, "w"), "UNSUPPORTED_VALUE", []string{"pads"}},
		"zero stride":            {base().Op("Conv", "x", "y", attrs{"strides": []int64{0, 1}}, "w"), "UNSUPPORTED_VALUE", []string{"strides"}},
		"auto_pad":               {base().Op("Conv", "x", "y", attrs{"auto_pad": "WRONG"}, "w"), "UNSUPPORTED_VALUE", []string{"WRONG"}},
		"transA":                 {onnxtest.New("x", 1, 4).Floats("w", ramp(8, 1), 4, 2).Op("Gemm", "x", "y", attrs{"transA": 1}, "w"), "SHAPE_MISMATCH", []string{"[4 2]", "[4 1]"}},
		"matrix":                 {onnxtest.New("x", 1, 4).Floats("w", ramp(8, 1), 2, 4).Op("MatMul", "x", "y", nil, "w"), "SHAPE_MISMATCH", []string{"[2 4]"}},
		"bias":                   {onnxtest.New("x", 1, 4).Floats("b", ramp(3, 1), 3).Op("Add", "x", "y", nil, "b"), "SHAPE_MISMATCH", []string{"[3]", "[1 4]"}},
		"dynamic shape":          {base().Op("Flatten", "x", "f", nil).Node("Reshape", "r", []string{"f", "f"}, []string{"y"}, nil), "UNSUPPORTED_GRAPH", nil},
		"wrong reshape":          {base().Ints("s", []int64{1, 7}).Op("Reshape", "x", "y", nil, "s"), "SHAPE_MISMATCH", []string{"[1 7]"}},
		"weight is no constant":  {onnxtest.New("x", 1, 4).Node("Gemm", "g", []string{"x", "q"}, []string{"y"}, nil), "UNSUPPORTED_GRAPH", []string{`"q"`}},
		"too little data":        {onnxtest.New("x", 1, 4).Floats("w", ramp(7, 1), 4, 2).Op("MatMul", "x", "y", nil, "w"), "MODEL_UNREADABLE", []string{"32 bytes", "28 bytes"}},
		"infinite weight":        {onnxtest.New("x", 1, 1).Floats("w", []float32{float32(math.Inf(1))}, 1, 1).Op("MatMul", "x", "y", nil, "w"), "MODEL_UNREADABLE", []string{"finite"}},
		"huge weight":            {onnxtest.New("x", 1, 1).Floats("w", []float32{1e30}, 1, 1).Op("MatMul", "x", "y", nil, "w"), "BOUND_OVERFLOW", []string{"e+30"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFiles(t, c.m.Output("y").Write(t))
			refused(t, f.compile("--scale-bits", "8"), c.code, c.words...)
			if _, err := os.Stat(f.circuit); err == nil {
				t.Error("a circuit was written")
			}
		})
	}
}

func TestUnreadableModels(t *testing.T) {
	whole := lenetLike().write(t)
	b := read(t, whole)
	for _, n := range []int{1, 10, len(b) / 2, len(b) - 1} {
		path := filepath.Join(t.TempDir(), "cut.onnx")
		write(t, path, b[:n])
		refused(t, newFiles(t, path).compile(), "MODEL_UNREADABLE", path)
	}
	old := filepath.Join(t.TempDir(), "old.onnx")
	write(t, old, onnxtest.New("x", 1, 4).Op("Relu", "x", "y", nil).Output("y").WithOpset(6))
	refused(t, newFiles(t, old).compile(), "UNSUPPORTED_VALUE", "opset 6")
	empty := filepath.Join(t.TempDir(), "empty.onnx")
	write(t, empty, nil)
	refused(t, newFiles(t, empty).compile(), "MODEL_UNREADABLE")
	refused(t, newFiles(t, t.TempDir()).compile(), "MODEL_UNREADABLE")
	refused(t, newFiles(t, "/none/model.onnx").compile(), "MODEL_UNREADABLE", "/none/model.onnx")
	f := newFiles(t, whole)
	f.circuit = "/none/circuit"
	refused(t, f.compile("--scale-bits", "8"), "FILE_UNWRITABLE", "/none/circuit")
}

// Sizes come from the file and are checked before anything is allocated for them.
func TestHugeSizesDoNotFillTheMemory(t *testing.T) {
	const huge = 1 << 40
	for name, m := range map[string]*onnxtest.Model{
		"input":          onnxtest.New("x", 1, huge, huge, huge).Op("Relu", "x", "y", nil),
		"input product":  onnxtest.New("x", 1, 1<<12, 1<<12, 1<<12).Op("Relu", "x", "y", nil),
		"weights":        onnxtest.New("x", 1, 4).Floats("w", nil, 4, huge).Op("MatMul", "x", "y", nil, "w"),
		"weight product": onnxtest.New("x", 1, 4).Floats("w", nil, huge, huge).Op("MatMul", "x", "y", nil, "w"),
		"negative":       onnxtest.New("x", 1, 4).Floats("w", nil, 4, -1).Op("MatMul", "x", "y", nil, "w"),
		"zero":           onnxtest.New("x", 1, 4).Floats("w", nil, 4, 0).Op("MatMul", "x", "y", nil, "w"),
		"reshape":        onnxtest.New("x", 1, 4).Ints("s", []int64{1 << 23, 1 << 23, 1 << 23, -1}).Op("Reshape", "x", "y", nil, "s"),
		"kernel":         onnxtest.New("x", 1, 1, 4, 4).Op("MaxPool", "x", "y", map[string]any{"kernel_shape": []int64{huge, 1}}),
		"pads":           onnxtest.New("x", 1, 1, 4, 4).Op("AveragePool", "x", "y", map[string]any{"kernel_shape": []int64{1, 1}, "pads": []int64{huge, 0, 0, 0}}),
		"pads of conv": onnxtest.New("x", 1, 1, 4, 4).Floats("w", ramp(1, 1), 1, 1, 1, 1).
			Op("Conv", "x", "y", map[string]any{"pads": []int64{1 << 23, 1 << 23, 1 << 23, 1 << 23}}, "w"),
		"pool": onnxtest.New("x", 1, 1, 4, 4).Op("MaxPool", "x", "y", map[string]any{"kernel_shape": []int64{1 << 23, 1}, "pads": []int64{1<<23 - 1, 0, 1<<23 - 1, 0}}),
		"more than an integer": onnxtest.New("x", 1, 1<<22, 1, 1).Op("AveragePool", "x", "y", // 2^70 outputs, which is 0 in 64 bits
			map[string]any{"kernel_shape": []int64{1 << 24, 1 << 24}, "pads": []int64{1<<24 - 1, 1<<24 - 1, 1<<24 - 1, 1<<24 - 1}}),
		"products": onnxtest.New("x", 1, 1, 2048, 2048).Floats("w", ramp(31*31*3, 1), 3, 1, 31, 31).Op("Conv", "x", "y", nil, "w"),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFiles(t, m.Output("y").Write(t))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r := f.compile()
			runtime.ReadMemStats(&after)
			if r.code != ExitError || strings.Count(r.stderr, "\n") != 1 {
				t.Errorf("exit code %d: %s", r.code, r.stderr)
			}
			if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 64 {
				t.Errorf("%d MB were allocated to refuse it: %s", mb, r.stderr)
			}
		})
	}
}

func TestExternalData(t *testing.T) {
	w := ramp(8, 1)
	model := func(location, offset, length string) *files {
		m := onnxtest.New("x", 1, 4).Tensor(onnxtest.ExternalTensor("w", location, offset, length, 4, 2)).Op("MatMul", "x", "y", nil, "w").Output("y")
		return newFiles(t, m.Write(t))
	}
	raw := onnxtest.FloatTensor("", w, 8)
	raw = append([]byte("head"), raw[len(raw)-32:]...)

	f := model("w.bin", "4", "32")
	write(t, filepath.Join(filepath.Dir(f.model), "w.bin"), raw)
	must(t, f.compile("--scale-bits", "8"))
	must(t, f.makeWitness(t, []float64{1, 0, 0, 0}))
	for i, v := range readJSON(t, f.output).Floats {
		if d := v - float64(w[i]); d > 0.01 || d < -0.01 {
			t.Errorf("output %d is %v, expected %v", i, v, w[i])
		}
	}
	outside := filepath.Join(t.TempDir(), "secret.bin")
	write(t, outside, raw)
	for name, c := range map[string][3]string{
		"missing":         {"none.bin", "4", "32"},
		"absolute":        {outside, "4", "32"},
		"parent":          {"../secret.bin", "4", "32"},
		"beyond the end":  {"w.bin", "5", "32"},
		"wrong length":    {"w.bin", "4", "28"},
		"negative offset": {"w.bin", "-4", "32"},
		"huge offset":     {"w.bin", "9223372036854775807", "32"},
		"no location":     {"", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := model(c[0], c[1], c[2])
			write(t, filepath.Join(filepath.Dir(f.model), "w.bin"), raw)
			write(t, filepath.Join(filepath.Dir(filepath.Dir(f.model)), "secret.bin"), raw)
			refused(t, f.compile("--scale-bits", "8"), "MODEL_UNREADABLE", "node_y", `"w"`)
		})
	}
	f = model("link.bin", "4", "32")
	if err := os.Symlink(outside, filepath.Join(filepath.Dir(f.model), "link.bin")); err != nil {
		t.Fatal(err)
	}
	refused(t, f.compile("--scale-bits", "8"), "MODEL_UNREADABLE")
}
