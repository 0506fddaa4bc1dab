package command

import (
	"math"
	"os"
	"testing"

	"provemark/gnark/internal/quant"
)

func TestTamperingIsRejected(t *testing.T) {
	f := newFiles(t, lenetLike().write(t))
	out := f.proved(t, randomInput(2, 2*12*12), "--scale-bits", "8")
	must(t, f.verify())

	proof := read(t, f.proof)
	for i := range proof {
		changed := append([]byte{}, proof...)
		changed[i] ^= 1 << (i % 8)
		write(t, f.proof, changed)
		if r := f.verify(); r.code != ExitRejected {
			t.Errorf("byte %d of the proof flipped: exit code %d, expected 1: %s%s", i, r.code, r.stdout, r.stderr)
		}
	}
	write(t, f.proof, proof)

	for name, change := range map[string]func(*output){
		"an integer":                  func(o *output) { o.Ints[0]++; o.Floats = quant.Floats(o.Ints, o.ScaleBits) },
		"an integer alone":            func(o *output) { o.Ints[0]++ },
		"a number alone":              func(o *output) { o.Floats[1] = math.Nextafter(o.Floats[1], 9) },
		"the scale":                   func(o *output) { o.ScaleBits++; o.Floats = quant.Floats(o.Ints, o.ScaleBits) },
		"the scale alone":             func(o *output) { o.ScaleBits-- },
		"scale and integers together": func(o *output) { double(o) },
		"the order": func(o *output) {
			o.Ints[0], o.Ints[1] = o.Ints[1], o.Ints[0]
			o.Floats = quant.Floats(o.Ints, o.ScaleBits)
		},
		"one integer less": func(o *output) { o.Ints = o.Ints[1:]; o.Floats = o.Floats[1:] },
		"one integer more": func(o *output) { o.Ints = append(o.Ints, 0); o.Floats = append(o.Floats, 0) },
	} {
		changed := readJSON(t, f.output)
		change(&changed)
		writeJSON(t, f.output, changed)
		if r := f.verify(); r.code != ExitRejected {
			t.Errorf("%s changed: exit code %d, expected 1: %s%s", name, r.code, r.stdout, r.stderr)
		}
		writeJSON(t, f.output, out)
	}
	must(t, f.verify())
}

// double states the same numbers in a different form, which still makes it a different statement.
func double(o *output) {
	o.ScaleBits++
	for i := range o.Ints {
		o.Ints[i] *= 2
	}
}

func TestProofOfAnotherInputOrCircuitIsRejected(t *testing.T) {
	model := lenetLike().write(t)
	f, g := newFiles(t, model), newFiles(t, model)
	f.proved(t, randomInput(2, 2*12*12), "--scale-bits", "8")
	g.proved(t, randomInput(3, 2*12*12), "--scale-bits", "8")
	for name, files := range map[string][3]string{
		"another proof": {f.vk, g.proof, f.output}, "another output": {f.vk, f.proof, g.output}, "another key": {g.vk, f.proof, f.output},
	} {
		if r := run("verify", "--vk", files[0], "--proof", files[1], "--output", files[2]); r.code != ExitRejected {
			t.Errorf("%s: exit code %d, expected 1: %s", name, r.code, r.stderr)
		}
	}
}

// Files of two compiles do not match, whether the sizes show it or only the constraints.
func TestFilesOfAnotherCompile(t *testing.T) {
	x := randomInput(2, 2*12*12)
	f, other := newFiles(t, lenetLike().write(t)), newFiles(t, lenetLike().write(t))
	f.proved(t, x, "--scale-bits", "8")
	other.proved(t, x, "--scale-bits", "7")
	witness, pk, quantized := f.witness, f.pk, f.quantized

	f.quantized = other.quantized
	refused(t, f.makeWitness(t, x), "FILES_MISMATCH")
	f.quantized, f.pk = quantized, other.pk
	refused(t, f.prove(), "FILES_MISMATCH")
	f.pk, f.witness = pk, other.witness
	refused(t, f.prove(), "PROVE_FAILED")
	f.witness = witness
	must(t, f.prove())

	same := newFiles(t, newPlainNet(4, 12, 2, plainLayer{outputs: 3}).write(t))
	same.proved(t, x, "--scale-bits", "8")
	twin := newFiles(t, newPlainNet(5, 12, 2, plainLayer{outputs: 3}).write(t))
	twin.proved(t, x, "--scale-bits", "8")
	same.quantized = twin.quantized
	refused(t, same.makeWitness(t, x), "NO_VALID_WITNESS")
	same.witness = twin.witness
	refused(t, same.prove(), "PROVE_FAILED")
}

// Unreadable files have no verdict: exit code 2, one line, never a crash.
func TestDamagedFilesAreNotJudged(t *testing.T) {
	f := newFiles(t, lenetLike().write(t))
	x := randomInput(2, 2*12*12)
	f.proved(t, x, "--scale-bits", "8")
	for name, test := range map[string]struct {
		path  string
		phase func() result
	}{
		"proof": {f.proof, f.verify}, "output": {f.output, f.verify}, "vk": {f.vk, f.verify},
		"witness": {f.witness, f.prove}, "pk": {f.pk, f.prove}, "circuit": {f.circuit, f.prove},
		"circuit in witness": {f.circuit, func() result { return f.makeWitness(t, x) }},
		"quantized":          {f.quantized, func() result { return f.makeWitness(t, x) }},
	} {
		whole := read(t, test.path)
		for _, length := range []int{0, 1, 7, len(whole) / 2, len(whole) - 2} {
			write(t, test.path, whole[:length])
			refused(t, test.phase(), "FILE_UNREADABLE", test.path)
		}
		write(t, test.path, append(append([]byte{}, whole...), 'x'))
		refused(t, test.phase(), "FILE_UNREADABLE", test.path)
		if test.path != f.proof && test.path != f.output {
			changed := append([]byte{}, whole...)
			changed[len(changed)/3] ^= 4
			write(t, test.path, changed)
			refused(t, test.phase(), "FILE_UNREADABLE", "checksum")
		}
		if err := os.Remove(test.path); err != nil {
			t.Fatal(err)
		}
		refused(t, test.phase(), "FILE_UNREADABLE", test.path)
		write(t, test.path, whole)
		if r := test.phase(); r.code != ExitOK {
			t.Errorf("%s: restored, and still exit code %d: %s", name, r.code, r.stderr)
		}
	}
	f.circuit, f.vk = f.vk, f.circuit
	refused(t, f.prove(), "FILE_UNREADABLE", "circuit")
}

// Another reader of output.json must not see other members than the verifier does.
func TestOutputHasExactlyItsMembers(t *testing.T) {
	f := newFiles(t, lenetLike().write(t))
	f.proved(t, randomInput(2, 2*12*12), "--scale-bits", "8")
	whole := string(read(t, f.output))
	for _, text := range []string{
		`{"ints":[1],"scale_bits":16}`,
		whole[:len(whole)-2] + `,"INTS":[1]}`,
		`{"ints":[1,2,3],` + whole[1:], `{"output":[0.5],` + whole[1:], // twice: readers differ in which one they take
		whole + `{"ints":[1]}`, whole + `1`,
		zeros("null,0,0", "0,0,0"), zeros("0,0,0", "0,null,0"), zeros("0,0,0", "null"),
		`[]`, `{}`, `null`, `{1:2}`, `{"ints"`, ``, `{"output":[0.5],"ints":["1"],"scale_bits":1}`, `{"output":[0.5],"ints":[0.5],"scale_bits":1}`,
	} {
		write(t, f.output, []byte(text))
		refused(t, f.verify(), "FILE_UNREADABLE")
	}
}

// zeros is an output with these lists.
func zeros(output, ints string) string {
	return `{"output":[` + output + `],"ints":[` + ints + `],"scale_bits":16}`
}

// Points of two proofs of one statement, mixed, and points at infinity: each is well-formed.
func TestProofsOfOtherPointsAreRejected(t *testing.T) {
	f := newFiles(t, lenetLike().write(t))
	f.proved(t, randomInput(2, 2*12*12), "--scale-bits", "8")
	first := read(t, f.proof)
	must(t, f.prove())
	second := read(t, f.proof)
	parts := [][2]int{{0, 32}, {32, 96}, {96, 128}, {132, 164}, {164, 196}} // without the length of the commitments' list
	reject := func(what string, set int, proof []byte) {
		write(t, f.proof, proof)
		if r := f.verify(); r.code != ExitRejected {
			t.Errorf("%s, parts %05b: exit code %d, expected 1: %s%s", what, set, r.code, r.stdout, r.stderr)
		}
	}
	for set := 1; set < 1<<len(parts); set++ {
		mixed, infinite := append([]byte{}, first...), append([]byte{}, first...)
		for i, p := range parts {
			if set>>i&1 == 1 {
				copy(mixed[p[0]:p[1]], second[p[0]:p[1]])
				clear(infinite[p[0]:p[1]])
				infinite[p[0]] = 0x40 // the mark of the point at infinity, compressed
			}
		}
		if set != 1<<len(parts)-1 {
			reject("two proofs mixed", set, mixed)
		}
		reject("points at infinity", set, infinite)
	}
	write(t, f.proof, second)
	must(t, f.verify())
}
