//go:build linux

package main

import (
	"syscall"
	"time"
	"unsafe"
)

const (
	// A run is sampled every 20 ms, and more often at its start, since many runs are shorter than that.
	sampleInterval      = 20 * time.Millisecond
	firstSampleInterval = 250 * time.Microsecond
	// If sampling costs more than this share of a core, as with hundreds of processes, it is done less often, down to
	// the longest interval.
	sampleShare           = 0.008
	longestSampleInterval = 500 * time.Millisecond
	// The cost varies from sample to sample, so it is averaged over about this many.
	costWindow = 8

	clockProcessCpu = 2
)

// pace determines how long to wait from one sample to the next.
type pace struct {
	cost    time.Duration
	lastCpu time.Duration
}

// next takes the run's age, and whether only sampling was done since the last call: passing on output also costs CPU
// time and must not slow down sampling.
func (p *pace) next(age time.Duration, onlyLooked bool) time.Duration {
	used := cpuTime()
	if onlyLooked && p.lastCpu > 0 {
		p.cost += (used - p.lastCpu - p.cost) / costWindow
	}
	p.lastCpu = used
	if young := max(age/2, firstSampleInterval); young < sampleInterval {
		p.lastCpu = 0
		return young
	}
	return min(max(time.Duration(float64(p.cost)/sampleShare), sampleInterval), longestSampleInterval)
}

// cpuTime is the CPU time of all our threads; Go's sysmon thread is a good part of it.
func cpuTime() time.Duration {
	var spec syscall.Timespec
	_, _, _ = syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockProcessCpu, uintptr(unsafe.Pointer(&spec)), 0)
	return time.Duration(spec.Nano())
}
