//go:build unix

package command

import (
	"runtime"
	"syscall"
)

// peakRSSBytes is the largest resident set this process had; Darwin counts in bytes, others in KiB.
func peakRSSBytes() (int64, bool) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0, false
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(u.Maxrss), true
	}
	return int64(u.Maxrss) << 10, true
}
