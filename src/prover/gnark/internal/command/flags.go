package command

import (
	"flag"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"provemark/gnark/internal/fault"
)

// phase is a command with files: paths must be given, optional flags have defaults.
type phase struct {
	work     func(*context) error
	paths    []string
	optional map[string]string
}

var phases = map[string]phase{
	"compile": {compile, []string{"model", "circuit", "pk", "vk", "quantized"},
		map[string]string{"scale-bits": "12", "input-range": "-1,1"}},
	"check": {check, []string{"model"},
		map[string]string{"scale-bits": "12", "input-range": "-1,1", "input": "", "output": ""}},
	"witness": {makeWitness, []string{"circuit", "quantized", "input", "output", "witness"}, nil},
	"prove":   {prove, []string{"circuit", "pk", "witness", "proof"}, nil},
	"verify":  {verify, []string{"vk", "proof", "output"}, nil},
}

// parse reads a phase's flags, before any work.
func (c *context) parse(name string, args []string) (work func(*context) error, err error) {
	p, ok := phases[name]
	if !ok {
		return nil, fault.New(fault.Usage, "unknown command, expected compile, witness, prove, verify, check, operators or version, given %q", name)
	}
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	c.flags = map[string]*string{"threads": set.String("threads", "", "")}
	for _, f := range p.paths {
		c.flags[f] = set.String(f, "", "")
	}
	for f, def := range p.optional {
		c.flags[f] = set.String(f, def, "")
	}
	if err := set.Parse(args); err != nil {
		return nil, fault.New(fault.Usage, "%s: %v, expected flags among --%s", name, err, strings.Join(c.names(), " --"))
	}
	if set.NArg() > 0 {
		return nil, fault.New(fault.Usage, "%s: expected flags only, given %q", name, set.Arg(0))
	}
	for _, f := range p.paths {
		if c.flag(f) == "" {
			return nil, fault.New(fault.Usage, "%s: flag --%s is missing, expected a path", name, f)
		}
	}
	return p.work, useThreads(c.flag("threads"))
}

func (c *context) names() []string {
	var n []string
	for f := range c.flags {
		n = append(n, f)
	}
	slices.Sort(n)
	return n
}

// useThreads limits the process; without the flag GOMAXPROCS applies, as in every Go program.
func useThreads(flag string) error {
	if flag == "" {
		return nil
	}
	const most = 1024 // with very many, Go's scheduler hangs or panics
	n, err := strconv.Atoi(flag)
	if err != nil || n < 1 || n > most {
		return fault.New(fault.Usage, "flag --threads, expected a number from 1 to %d, given %q", most, flag)
	}
	runtime.GOMAXPROCS(n)
	return nil
}
