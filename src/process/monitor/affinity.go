//go:build linux

package main

import (
	"fmt"
	"math/bits"
	"syscall"
	"unsafe"
)

// cpuSet is a mask of CPUs, as the kernel takes it: room for 8192.
type cpuSet [128]uint64

// holdTo binds this thread, and so every process that it forks, to the first of the CPUs that it may use; 0 leaves it
// alone. free undoes it.
func holdTo(cpus int) (free func(), err error) {
	if cpus <= 0 {
		return func() {}, nil
	}
	var allowed cpuSet
	if err := affinity(syscall.SYS_SCHED_GETAFFINITY, &allowed); err != nil {
		return nil, err
	}
	held, found := allowed.first(cpus)
	if found < cpus {
		return nil, fmt.Errorf("it cannot be held to %d CPUs where it may use %d", cpus, found)
	}
	if err := affinity(syscall.SYS_SCHED_SETAFFINITY, &held); err != nil {
		return nil, err
	}
	return func() { _ = affinity(syscall.SYS_SCHED_SETAFFINITY, &allowed) }, nil
}

// first are the first n CPUs of the set, and how many there are of them.
func (s cpuSet) first(n int) (cpuSet, int) {
	var taken cpuSet
	found := 0
	for i, word := range s {
		for ; word != 0 && found < n; word &= word - 1 {
			taken[i] |= 1 << bits.TrailingZeros64(word)
			found++
		}
	}
	return taken, found
}

func affinity(call uintptr, set *cpuSet) error {
	_, _, errno := syscall.RawSyscall(call, 0, unsafe.Sizeof(*set), uintptr(unsafe.Pointer(set)))
	if errno != 0 {
		return fmt.Errorf("the kernel refuses to hold it to CPUs: %w", errno)
	}
	return nil
}
