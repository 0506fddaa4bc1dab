//go:build linux

package main

import (
	"bytes"
	"syscall"
)

// request starts a run, with Pages set prepares files for the next one, or with End set ends the current one.
type request struct {
	File          string   `json:"file"`
	Args          []string `json:"args"`
	Env           []string `json:"env"`
	Cwd           string   `json:"cwd"`
	TimeoutMs     float64  `json:"timeout_ms"`
	MemoryLimitMb float64  `json:"memory_limit_mb"`
	Cpus          int      `json:"cpus"`
	GraceMs       float64  `json:"grace_ms"`
	Samples       bool     `json:"samples"`
	// Marks is a folder for the FIFOs of a program that waits at its marks.
	Marks string `json:"marks"`
	// Stamps asks for the moment of each piece of output.
	Stamps bool   `json:"stamps"`
	Pages  *pages `json:"pages"`
	End    string `json:"end"`
}

// requestReader splits the data from a non-blocking descriptor into lines.
type requestReader struct {
	fd      int
	pending []byte
	closed  bool
}

// next returns a complete line, or nil if there is none yet; open is false once the other side is gone.
func (r *requestReader) next() (line []byte, open bool) {
	if line := r.takeLine(); line != nil {
		return line, true
	}
	buffer := make([]byte, 64<<10)
	for !r.closed {
		n, err := syscall.Read(r.fd, buffer)
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			return nil, true
		case err != nil || n == 0:
			r.closed = true
		default:
			r.pending = append(r.pending, buffer[:n]...)
			if line := r.takeLine(); line != nil {
				return line, true
			}
		}
	}
	return nil, false
}

func (r *requestReader) takeLine() []byte {
	end := bytes.IndexByte(r.pending, '\n')
	if end < 0 {
		return nil
	}
	line := r.pending[:end]
	r.pending = r.pending[end+1:]
	return line
}
