//go:build linux

package main

import (
	"syscall"
	"unsafe"
)

const (
	// blockBytes is the unit of the block counts in a rusage, whatever the file system uses.
	blockBytes = 512

	waitAll    = 0
	waitNoHang = 0x1
	waitExited = 0x4
	waitNoWait = 0x1000000
)

// reaper waits for all our children and sums up what the kernel reports: the CPU time of each and of all processes it
// has waited for itself, and the highest peak RSS among them.
type reaper struct {
	root int
	// status is set once the root has ended.
	status  *syscall.WaitStatus
	reaped  int
	parents int
	userS   float64
	sysS    float64
	hwmMb   float64
	// fileBytes were read from or written to files that still exist: they may all be in the page cache.
	fileBytes int64
	delays    *delays
	// switches are involuntary.
	switches int64
	// allowed are the CPUs that the root could use.
	allowed []int
	buffer  [4096]byte
}

// reap collects all zombies; none means that no process is left at all.
func (r *reaper) reap() (none bool) {
	for {
		pid, err := peekEnded()
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return true
		}
		if pid == 0 {
			return false
		}
		if hadChildren(pid, r.buffer[:]) {
			r.parents++
		}
		r.delays.reap(pid)
		if pid == r.root {
			r.allowed = readAllowed(pid, r.buffer[:])
		}
		var status syscall.WaitStatus
		var usage syscall.Rusage
		if _, err := syscall.Wait4(pid, &status, syscall.WNOHANG, &usage); err != nil {
			continue
		}
		r.add(pid, status, usage)
	}
}

func (r *reaper) add(pid int, status syscall.WaitStatus, usage syscall.Rusage) {
	if pid == r.root {
		r.status = &status
	}
	r.reaped++
	r.userS += float64(usage.Utime.Nano()) / 1e9
	r.sysS += float64(usage.Stime.Nano()) / 1e9
	r.fileBytes += (usage.Inblock + usage.Oublock) * blockBytes
	r.hwmMb = max(r.hwmMb, float64(usage.Maxrss)/1024)
	r.switches += usage.Nivcsw
}

// single says whether the tree never had more than one process.
func (r *reaper) single() bool { return r.reaped == 1 && r.parents == 0 }

// peekEnded returns a zombie without reaping it; 0 if there is none.
func peekEnded() (int, error) {
	// struct siginfo: the pid is the first word after three numbers, which are padded on 64-bit systems.
	var info [128]byte
	_, _, errno := syscall.RawSyscall6(syscall.SYS_WAITID, waitAll, 0, uintptr(unsafe.Pointer(&info[0])),
		waitExited|waitNoHang|waitNoWait, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	offset := 12
	if unsafe.Sizeof(uintptr(0)) == 8 {
		offset = 16
	}
	return int(*(*int32)(unsafe.Pointer(&info[offset]))), nil
}
