//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

type cgroupV2 struct {
	folder string
	fd     *os.File
	// peak is open as long as the peaks of intervals are asked for: a reset counts for its descriptor alone.
	peak *os.File
}

// newCgroupV2 makes a cgroup with a memory controller. Ours contains processes, so the kernel does not allow it
// children with controllers. A sibling, or a child of any ancestor that we may write to, can have them.
func newCgroupV2(mount, own string) cgroup {
	if mount == "" || !hasController(filepath.Join(mount, "cgroup.controllers")) {
		return nil
	}
	below := filepath.Join(mount, own)
	// Works if our own cgroup may have children, as at the root of a system without systemd.
	if !hasController(filepath.Join(below, "cgroup.subtree_control")) {
		writeFile(filepath.Join(below, "cgroup.subtree_control"), "+memory")
	}
	for parent := below; len(parent) >= len(mount); parent = filepath.Dir(parent) {
		if made := tryCgroupV2(parent); made != nil {
			return made
		}
	}
	return nil
}

func tryCgroupV2(parent string) cgroup {
	if !hasController(filepath.Join(parent, "cgroup.subtree_control")) {
		return nil
	}
	folder, err := makeFolder(parent)
	if err != nil {
		return nil
	}
	fd, err := os.Open(folder)
	if err != nil {
		_ = os.Remove(folder)
		return nil
	}
	writeFile(filepath.Join(folder, "memory.oom.group"), "1")
	return &cgroupV2{folder: folder, fd: fd}
}

func hasController(path string) bool {
	for _, word := range strings.Fields(readFile(path)) {
		if word == "memory" {
			return true
		}
	}
	return false
}

func (c *cgroupV2) path() string { return c.folder }

func (c *cgroupV2) spawnFd() int { return int(c.fd.Fd()) }

func (c *cgroupV2) limit(bytes int64) bool {
	writeFile(c.file("memory.swap.max"), "0")
	return writeFile(c.file("memory.max"), strconv.FormatInt(bytes, 10))
}

func (c *cgroupV2) pids(buffer []byte) []int { return readPids(c.file("cgroup.procs"), buffer) }

func (c *cgroupV2) peakBytes() (int64, bool) { return readNumber(c.file("memory.peak")) }

func (c *cgroupV2) files(buffer []byte) fileMemory {
	return splitFiles(readProc(c.file("memory.stat"), buffer), "file", "shmem", "inactive_file", "active_file")
}

// takePeak needs Linux 6.12.
func (c *cgroupV2) takePeak() (int64, bool) {
	if c.peak == nil {
		c.peak, _ = os.OpenFile(c.file("memory.peak"), os.O_RDWR, 0)
	}
	if c.peak == nil {
		return 0, false
	}
	var text [32]byte
	n, _ := c.peak.ReadAt(text[:], 0)
	peak, err := strconv.ParseInt(strings.TrimSpace(string(text[:n])), 10, 64)
	if err != nil {
		return 0, false
	}
	_, err = c.peak.WriteAt([]byte("reset"), 0)
	return peak, err == nil
}

func (c *cgroupV2) oomKills() int64 {
	kills, _ := readField(c.file("memory.events"), "oom_kill")
	return kills
}

func (c *cgroupV2) kill() { writeFile(c.file("cgroup.kill"), "1") }

func (c *cgroupV2) leave(*forker) {}

func (c *cgroupV2) remove() {
	_ = c.fd.Close()
	if c.peak != nil {
		_ = c.peak.Close()
	}
	removeFolder(c.folder)
}

func (c *cgroupV2) file(name string) string { return filepath.Join(c.folder, name) }
