//go:build linux

package main

import (
	"syscall"
	"time"
)

// drainTime limits the wait for output of a process that we cannot reach.
const drainTime = 100 * time.Millisecond

// forward passes on the available output, one chunk at a time.
func (r *run) forward() {
	r.forwarded = true
	buffer := r.monitor.chunk[:]
	n, err := syscall.Read(r.output, buffer)
	switch {
	case err == syscall.EINTR || err == syscall.EAGAIN:
	case err != nil || n == 0:
		closeFd(r.output)
		r.output = -1
	default:
		r.monitor.replies.write(frameOutput, buffer[:n])
	}
}

// drain passes on the rest once the tree has ended: its writers are gone, so the stream ends.
func (r *run) drain() {
	replies := r.monitor.replies
	for r.output >= 0 {
		if replies.busy() {
			poll([]pollFd{{fd: replyFd, events: pollOut}}, -1)
			replies.flush()
			continue
		}
		output := []pollFd{{fd: int32(r.output), events: pollIn}}
		if poll(output, drainTime); !output[0].ready() {
			return
		}
		if r.request.Stamps {
			r.stamp(r.lastMoment)
		}
		r.forward()
	}
}

func closeFd(fd int) {
	if fd >= 0 {
		_ = syscall.Close(fd)
	}
}
