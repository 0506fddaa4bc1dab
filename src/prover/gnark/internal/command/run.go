// Package command is the command line: it reads and writes files and prints; other packages compute.
package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"
	"unicode"

	"github.com/consensys/gnark/logger"

	"provemark/gnark/internal/fault"
	"provemark/gnark/internal/network"
)

// Exit codes of every command.
const (
	ExitOK       = 0
	ExitRejected = 1 // verify read everything and the proof is not valid
	ExitError    = 2 // bad usage, unsupported model, unreadable file: no verdict
)

const usage = `usage: provemark-gnark COMMAND FLAGS
  compile    --model M --circuit C --pk P --vk V --quantized Q [--scale-bits 12] [--input-range -1,1]
  witness    --circuit C --quantized Q --input I --output O --witness W
  prove      --circuit C --pk P --witness W --proof F
  verify     --vk V --proof F --output O
  check      --model M [--input I --output O] [--scale-bits 12] [--input-range -1,1]
             what compile would refuse and, for an input, the output and its errors, without keys
  operators  list the supported ONNX operators, as JSON
  version    print the version
every phase takes --threads N (default: GOMAXPROCS, or all)
exit codes: 0 done or accepted, 1 proof rejected, 2 error`

var errRejected = errors.New("rejected")

// context is what a phase gets: its flags by name, and where to print.
type context struct {
	out   io.Writer
	flags map[string]*string
}

func (c *context) printf(format string, args ...any) { fmt.Fprintf(c.out, format, args...) }

// flag is the value of a flag; flags without a default are never empty.
func (c *context) flag(name string) string { return *c.flags[name] }

// Run executes one command and returns its exit code.
func Run(args []string, stdout, stderr io.Writer) int {
	logger.Disable()
	name := ""
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	switch name {
	case "version", "--version":
		fmt.Fprintln(stdout, version())
	case "operators":
		json.NewEncoder(stdout).Encode(network.Operators())
	case "help", "--help", "-h":
		fmt.Fprintln(stdout, usage)
	default:
		return runPhase(name, args, stdout, stderr)
	}
	return ExitOK
}

func runPhase(name string, args []string, stdout, stderr io.Writer) int {
	start := time.Now()
	c := &context{out: stdout}
	work, err := c.parse(name, args)
	if err == nil {
		err = work(c)
	}
	if err != nil && !errors.Is(err, errRejected) {
		fmt.Fprintln(stderr, "error:", errorLine(err))
		return ExitError
	}
	c.printf("prover_time_s=%.6f\n", time.Since(start).Seconds())
	if peak, ok := peakRSSBytes(); ok {
		c.printf("peak_rss_mb=%.3f\n", float64(peak)/(1<<20))
	}
	if err != nil {
		return ExitRejected
	}
	return ExitOK
}

// collectOften is for the two phases that take the most memory. They keep most of what they allocate, so collecting
// twice as often as Go's default costs one or two per cent of the time and saves a fifth to a quarter of the peak.
func collectOften() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

// errorLine is always one line that begins with a code. It may quote a file, so it is cut if it is too long, and
// characters that a terminal would take for a command are removed.
func errorLine(err error) string {
	const most = 2000
	line := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || unicode.IsSpace(r) {
			return r
		}
		return unicode.ReplacementChar
	}, err.Error())
	line = strings.Join(strings.Fields(line), " ")
	if code := fault.Code(err); !strings.HasPrefix(line, code) {
		line = code + ": " + line
	}
	if runes := []rune(line); len(runes) > most {
		line = string(runes[:most]) + " ..."
	}
	return line
}
