//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strconv"
)

type cgroupV1 struct {
	folder string
	parent string
	// past is the highest peak before the last reset.
	past int64
}

// newCgroupV1 makes a cgroup below our own, so that limits set above still apply, and moves the forker's thread into
// it. Memory is charged to the cgroup of a process's first thread; ours stays outside.
func newCgroupV1(mount, own string, f *forker) cgroup {
	if mount == "" {
		return nil
	}
	parent := filepath.Join(mount, own)
	if _, err := os.Stat(parent); err != nil {
		// In a container the path may be that on the host: then the mount point itself is our cgroup.
		parent = mount
	}
	folder, err := makeFolder(parent)
	if err != nil {
		return nil
	}
	made := &cgroupV1{folder: folder, parent: parent}
	if _, found := made.peakBytes(); !found || !enter(f, folder) {
		made.remove()
		return nil
	}
	return made
}

// enter moves the forker's thread; 0 means the thread that writes.
func enter(f *forker, folder string) bool {
	entered := false
	f.do(func() { entered = writeFile(filepath.Join(folder, "tasks"), "0") })
	return entered
}

func (c *cgroupV1) path() string { return c.folder }

func (c *cgroupV1) spawnFd() int { return -1 }

func (c *cgroupV1) limit(bytes int64) bool {
	number := strconv.FormatInt(bytes, 10)
	held := writeFile(c.file("memory.limit_in_bytes"), number)
	// Memory and swap together: otherwise the tree would swap instead of hitting its limit.
	writeFile(c.file("memory.memsw.limit_in_bytes"), number)
	return held
}

func (c *cgroupV1) pids(buffer []byte) []int { return readPids(c.file("cgroup.procs"), buffer) }

func (c *cgroupV1) peakBytes() (int64, bool) {
	peak, found := readNumber(c.file("memory.max_usage_in_bytes"))
	return max(peak, c.past), found
}

func (c *cgroupV1) takePeak() (int64, bool) {
	peak, found := readNumber(c.file("memory.max_usage_in_bytes"))
	c.past = max(c.past, peak)
	return peak, found && writeFile(c.file("memory.max_usage_in_bytes"), "0")
}

func (c *cgroupV1) files(buffer []byte) fileMemory {
	stat := readProc(c.file("memory.stat"), buffer)
	return splitFiles(stat, "total_cache", "total_shmem", "total_inactive_file", "total_active_file")
}

func (c *cgroupV1) oomKills() int64 {
	kills, _ := readField(c.file("memory.oom_control"), "oom_kill")
	return kills
}

func (c *cgroupV1) kill() {}

func (c *cgroupV1) leave(f *forker) { enter(f, c.parent) }

func (c *cgroupV1) remove() { removeFolder(c.folder) }

func (c *cgroupV1) file(name string) string { return filepath.Join(c.folder, name) }
