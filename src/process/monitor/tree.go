//go:build linux

package main

import (
	"os"
	"strconv"
)

// listDescendants finds every process below ours by its parent, in one walk over /proc: thorough but slow, so only
// used at the end of a run.
func listDescendants() []int {
	parents := map[int]int{}
	folders, _ := os.ReadDir("/proc")
	buffer := make([]byte, 1024)
	for _, folder := range folders {
		pid, err := strconv.Atoi(folder.Name())
		if err != nil {
			continue
		}
		if fields := statFields(readProc(procPath(pid, "/stat"), buffer)); len(fields) > 1 && !isDead(fields[0]) {
			parents[pid], _ = strconv.Atoi(fields[1])
		}
	}
	var descendants []int
	for pid := range parents {
		if descendsFrom(parents, pid, os.Getpid()) {
			descendants = append(descendants, pid)
		}
	}
	return descendants
}

func isDead(state string) bool { return state == "Z" || state == "X" }

func descendsFrom(parents map[int]int, pid, ancestor int) bool {
	// Pids may be reused while they are read: no chain is longer than the number of processes.
	for range parents {
		parent, known := parents[pid]
		if !known {
			return false
		}
		if parent == ancestor {
			return true
		}
		pid = parent
	}
	return false
}

// listChildren finds the children of a process, and with allThreads those of its other threads, at one read per
// thread.
func listChildren(pid int, allThreads bool, buffer []byte) []int {
	threads := []string{strconv.Itoa(pid)}
	if allThreads {
		threads = nil
		entries, _ := os.ReadDir(procPath(pid, "/task"))
		for _, entry := range entries {
			threads = append(threads, entry.Name())
		}
	}
	var children []int
	for _, thread := range threads {
		listed := readProc(procPath(pid, "/task/"+thread+"/children"), buffer)
		readNumbers(listed, func(child int) { children = append(children, child) })
	}
	return children
}
