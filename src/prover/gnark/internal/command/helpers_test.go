package command

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// files are the paths of one run.
type files struct{ dir, model, circuit, pk, vk, quantized, input, output, witness, proof string }

func newFiles(t testing.TB, model string) *files {
	d := t.TempDir()
	at := func(name string) string { return filepath.Join(d, name) }
	return &files{d, model, at("circuit"), at("pk"), at("vk"), at("quantized"), at("input.json"), at("output.json"), at("witness"), at("proof")}
}

// result is what a process would have shown.
type result struct {
	code           int
	stdout, stderr string
}

func run(args ...string) result {
	var out, errs bytes.Buffer
	code := Run(args, &out, &errs)
	return result{code, out.String(), errs.String()}
}

func (f *files) compile(flags ...string) result {
	return run(append([]string{"compile", "--model", f.model, "--circuit", f.circuit, "--pk", f.pk, "--vk", f.vk, "--quantized", f.quantized}, flags...)...)
}

func (f *files) makeWitness(t testing.TB, input any) result {
	t.Helper()
	b, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	write(t, f.input, b)
	return run("witness", "--circuit", f.circuit, "--quantized", f.quantized, "--input", f.input, "--output", f.output, "--witness", f.witness)
}

func (f *files) prove() result {
	return run("prove", "--circuit", f.circuit, "--pk", f.pk, "--witness", f.witness, "--proof", f.proof)
}

func (f *files) verify() result {
	return run("verify", "--vk", f.vk, "--proof", f.proof, "--output", f.output)
}

// proved runs the first three phases and returns the output.
func (f *files) proved(t testing.TB, input any, flags ...string) output {
	t.Helper()
	must(t, f.compile(flags...))
	must(t, f.makeWitness(t, input))
	must(t, f.prove())
	return readJSON(t, f.output)
}

func must(t testing.TB, r result) {
	t.Helper()
	if r.code != ExitOK || r.stderr != "" {
		t.Fatalf("exit code %d, %s", r.code, r.stderr)
	}
}

// refused checks for exit code 2 and one line with a code and all the given words.
func refused(t testing.TB, r result, code string, words ...string) {
	t.Helper()
	if r.code != ExitError || !strings.HasPrefix(r.stderr, "error: "+code+": ") || strings.Count(r.stderr, "\n") != 1 {
		t.Errorf("expected one line of error %s and exit code 2, got %d: %s", code, r.code, r.stderr)
	}
	for _, w := range words {
		if !strings.Contains(r.stderr, w) {
			t.Errorf("expected %q in: %s", w, r.stderr)
		}
	}
}

// number is the value of the last key=value of that key.
func number(t testing.TB, text, key string) float64 {
	t.Helper()
	all := regexp.MustCompile(`(?m)(?:^|\s)`+key+`=(\S+)`).FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		t.Fatalf("no %s= in:\n%s", key, text)
	}
	v, err := strconv.ParseFloat(all[len(all)-1][1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func readJSON(t testing.TB, path string) (o output) {
	t.Helper()
	if err := json.Unmarshal(read(t, path), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func writeJSON(t testing.TB, path string, v any) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, b)
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
