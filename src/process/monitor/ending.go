//go:build linux

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// killPatience limits the wait for processes that do not end even on SIGKILL, such as those blocked on a dead network
// file system.
const killPatience = 5 * time.Second

// livingTree lists the run's processes: all our descendants, and all processes in its cgroup.
func (r *run) livingTree() []int {
	pids := listDescendants()
	if r.cgroup == nil {
		return pids
	}
	known := make(map[int]bool, len(pids))
	for _, pid := range pids {
		known[pid] = true
	}
	for _, pid := range r.cgroup.pids(r.monitor.chunk[:]) {
		if !known[pid] {
			pids = append(pids, pid)
		}
	}
	return pids
}

// end asks the whole tree to terminate and kills what is left after the grace period. The first cause counts.
func (r *run) end(cause string) {
	if r.cause != "" {
		return
	}
	r.cause = cause
	r.killAt = time.Now().Add(r.grace)
	for _, pid := range r.livingTree() {
		_ = syscall.Kill(pid, syscall.SIGTERM)
	}
}

// killTree kills everything that is left, repeatedly, since a process may fork until it is killed itself.
func (r *run) killTree() {
	deadline := time.Now().Add(killPatience)
	for !r.reaper.reap() && time.Now().Before(deadline) {
		if r.cgroup != nil {
			r.cgroup.kill()
		}
		for _, pid := range r.livingTree() {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		if r.reaper.reap() {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// removeFolder removes a cgroup. It retries, because the kernel releases dead processes a moment later.
func removeFolder(folder string) {
	for range 50 {
		if err := os.Remove(filepath.Clean(folder)); err == nil || os.IsNotExist(err) {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
}
