package main

import "os"

// mark writes `begin NAME` or `end NAME` and waits for provemark; it does nothing without it.
func mark(text string) {
	if path := os.Getenv("PROVEMARK_MARKS"); path != "" {
		marks, _ := os.OpenFile(path, os.O_WRONLY, 0)
		defer marks.Close()
		_, _ = marks.WriteString(text + "\n")
		paused, _ := os.Open(os.Getenv("PROVEMARK_GO"))
		defer paused.Close()
		_, _ = paused.Read(make([]byte, 1))
	}
}
