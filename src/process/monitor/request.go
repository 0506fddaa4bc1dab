//go:build linux

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// request starts a run, with Pages set prepares files for the next one, or with End set ends the current one.
type request struct {
	File          string   `json:"file"`
	Args          []string `json:"args"`
	Env           []string `json:"env"`
	Cwd           string   `json:"cwd"`
	TimeoutMs     float64  `json:"timeoutMs"`
	MemoryLimitMb float64  `json:"memoryLimitMb"`
	Cpus          int      `json:"cpus"`
	GraceMs       float64  `json:"graceMs"`
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

// findExecutable resolves a command to a file: a name with a slash is relative to the run's working folder, any other
// is looked up on the run's own PATH.
func findExecutable(request request) (string, error) {
	if strings.Contains(request.File, "/") {
		return request.File, nil
	}
	for _, folder := range filepath.SplitList(readVariable(request.Env, "PATH")) {
		path := filepath.Join(request.Cwd, folder, request.File)
		if filepath.IsAbs(folder) {
			path = filepath.Join(folder, request.File)
		}
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", syscall.ENOENT
}

func readVariable(env []string, name string) string {
	for _, entry := range env {
		if value, found := strings.CutPrefix(entry, name+"="); found {
			return value
		}
	}
	return ""
}
