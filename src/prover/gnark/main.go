// Provemark-gnark proves the inference of small CNNs: compile, witness, prove and verify, each in a separate process.
// See internal/command for what each reads, writes and prints.
package main

import (
	"os"

	"provemark/gnark/internal/command"
)

func main() { os.Exit(command.Run(os.Args[1:], os.Stdout, os.Stderr)) }
