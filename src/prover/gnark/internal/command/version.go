package command

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Version is this program's own.
const Version = "0.1.0"

// version names this program, the gnark it was built with, and the Go that built it.
func version() string {
	gnark := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == "github.com/consensys/gnark" {
				gnark = d.Version
			}
		}
	}
	return fmt.Sprintf("provemark-gnark %s gnark %s %s", Version, gnark, runtime.Version())
}
