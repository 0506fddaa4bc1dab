//go:build linux

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

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

// errnoName is the system's name of an error, such as ENOENT, which is what people search for.
func errnoName(err error) string {
	names := map[syscall.Errno]string{
		syscall.ENOENT:  "ENOENT",
		syscall.EACCES:  "EACCES",
		syscall.EPERM:   "EPERM",
		syscall.ENOEXEC: "ENOEXEC",
		syscall.E2BIG:   "E2BIG",
		syscall.ENOMEM:  "ENOMEM",
		syscall.EAGAIN:  "EAGAIN",
		syscall.ENOTDIR: "ENOTDIR",
		syscall.ETXTBSY: "ETXTBSY",
		syscall.EMFILE:  "EMFILE",
		syscall.ELOOP:   "ELOOP",
	}
	var errno syscall.Errno
	if name := ""; errors.As(err, &errno) {
		if name = names[errno]; name != "" {
			return name + ": " + errno.Error()
		}
	}
	return err.Error()
}
