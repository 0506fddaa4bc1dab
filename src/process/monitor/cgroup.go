//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// cgroup holds one run. Every method does what the system allows; figures that are not available are reported as
// absent.
type cgroup interface {
	path() string
	// spawnFd is the descriptor of the cgroup that a child starts in, or -1 if the forker's thread is already inside.
	spawnFd() int
	// limit sets the memory limit in bytes and returns whether it is in force.
	limit(bytes int64) bool
	// pids and files are read during the run, into the given buffer.
	pids(buffer []byte) []int
	files(buffer []byte) fileMemory
	peakBytes() (int64, bool)
	// takePeak is the peak since it was last called, or since the start; false if the kernel cannot reset it.
	takePeak() (int64, bool)
	oomKills() int64
	kill()
	// leave moves the forker's thread out.
	leave(f *forker)
	remove()
}

// newCgroup makes a cgroup next to or below our own, in the version that has the memory controller; nil if the system
// does not allow it.
func newCgroup(f *forker) cgroup {
	mounts := readMounts()
	own := readFile("/proc/self/cgroup")
	if v2 := newCgroupV2(mounts.v2, ownCgroup(own, "")); v2 != nil {
		return v2
	}
	if v1 := newCgroupV1(mounts.memory, ownCgroup(own, "memory"), f); v1 != nil {
		return v1
	}
	return nil
}

type cgroupMounts struct{ v2, memory, cpu string }

// readMounts finds the mount points of the hierarchies. Fields 5 and 9 of mountinfo are the mount point and, after a
// dash, the type; the last field holds a v1 hierarchy's controllers.
func readMounts() cgroupMounts {
	var mounts cgroupMounts
	for _, line := range strings.Split(readFile("/proc/self/mountinfo"), "\n") {
		left, right, found := strings.Cut(line, " - ")
		fields, kind := strings.Fields(left), strings.Fields(right)
		if !found || len(fields) < 5 || len(kind) < 3 {
			continue
		}
		switch {
		case kind[0] == "cgroup2" && mounts.v2 == "":
			mounts.v2 = fields[4]
		case kind[0] == "cgroup" && hasWord(kind[2], "memory") && mounts.memory == "":
			mounts.memory = fields[4]
		}
		if kind[0] == "cgroup" && hasWord(kind[2], "cpu") && mounts.cpu == "" {
			mounts.cpu = fields[4]
		}
	}
	return mounts
}

// ownCgroup reads our path in a hierarchy from /proc/self/cgroup: v2 is the one without a controller name.
func ownCgroup(text, controller string) string {
	for _, line := range strings.Split(text, "\n") {
		parts := strings.SplitN(line, ":", 3)
		if len(parts) == 3 && hasWord(parts[1], controller) {
			return parts[2]
		}
	}
	return ""
}

func hasWord(list, word string) bool {
	for _, entry := range strings.Split(list, ",") {
		if entry == word {
			return true
		}
	}
	return false
}

var cgroupCount int

// makeFolder makes a cgroup with a unique name and removes those left behind by killed monitors.
func makeFolder(parent string) (string, error) {
	const prefix = "provemark-"
	if cgroupCount == 0 {
		abandoned, _ := filepath.Glob(filepath.Join(parent, prefix+"*"))
		for _, folder := range abandoned {
			pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(folder), prefix), "-")
			if _, err := os.Stat("/proc/" + pid); err != nil {
				// Fails if a process is still inside, and must fail then.
				_ = os.Remove(folder)
			}
		}
	}
	cgroupCount++
	folder := filepath.Join(parent, prefix+strconv.Itoa(os.Getpid())+"-"+strconv.Itoa(cgroupCount))
	return folder, os.Mkdir(folder, 0o755)
}

func readFile(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text)
}

func readNumber(path string) (int64, bool) {
	number, err := strconv.ParseInt(strings.TrimSpace(readFile(path)), 10, 64)
	return number, err == nil
}

// readField reads a line such as `file 4096`.
func readField(path, name string) (int64, bool) {
	for _, line := range strings.Split(readFile(path), "\n") {
		if value, found := strings.CutPrefix(line, name+" "); found {
			number, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			return number, err == nil
		}
	}
	return 0, false
}

// readPids reads a cgroup's processes except our own: the forker's thread may be in it.
func readPids(path string, buffer []byte) []int {
	var pids []int
	own := os.Getpid()
	readNumbers(readProc(path, buffer), func(pid int) {
		if pid != own {
			pids = append(pids, pid)
		}
	})
	return pids
}

func writeFile(path, text string) bool {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return false
	}
	defer file.Close()
	_, err = file.WriteString(text)
	return err == nil
}
