//go:build linux

package main

import (
	"syscall"
	"time"
	"unsafe"
)

const (
	pollIn  = 0x1
	pollOut = 0x4
)

// pollFd is the kernel's struct pollfd; a negative fd is ignored.
type pollFd struct {
	fd      int32
	events  int16
	revents int16
}

func (p *pollFd) ready() bool { return p.revents != 0 }

// poll waits until a descriptor is ready or the timeout is over; a negative timeout waits forever.
func poll(fds []pollFd, timeout time.Duration) {
	var deadline *syscall.Timespec
	if timeout >= 0 {
		spec := syscall.NsecToTimespec(int64(timeout))
		deadline = &spec
	}
	// ppoll, because not every architecture has poll.
	_, _, _ = syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&fds[0])), uintptr(len(fds)),
		uintptr(unsafe.Pointer(deadline)), 0, 0, 0)
}

func wait(fd int, timeout time.Duration) {
	poll([]pollFd{{fd: int32(fd), events: pollIn}}, timeout)
}
