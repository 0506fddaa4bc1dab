//go:build !unix

package command

// peakRSSBytes is not available without getrusage.
func peakRSSBytes() (int64, bool) { return 0, false }
