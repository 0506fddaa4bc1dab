//go:build linux

package main

import (
	"fmt"
	"math/bits"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// forker is one thread that forks every run and never ends. A child's parent-death signal depends on the thread that
// forked it, and it is threads that enter a v1 cgroup and whose children then start inside.
type forker struct {
	jobs chan func()
}

func startForker() *forker {
	f := &forker{jobs: make(chan func())}
	go func() {
		runtime.LockOSThread()
		for job := range f.jobs {
			job()
		}
	}()
	return f
}

// do runs a job on the forker's thread and waits for it.
func (f *forker) do(job func()) {
	done := make(chan struct{})
	f.jobs <- func() {
		job()
		close(done)
	}
	<-done
}

type child struct {
	pid int
	// pidfd becomes readable when the process ends; -1 if the kernel does not support it.
	pidfd int
}

// spawn starts a process in a separate session, with its output on one pipe.
func (f *forker) spawn(request request, path string, output int, cgroupFd int) (child, error) {
	devNull, err := syscall.Open(os.DevNull, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return child{}, err
	}
	defer syscall.Close(devNull)
	born := child{pidfd: -1}
	attributes := &syscall.ProcAttr{
		Dir:   request.Cwd,
		Env:   request.Env,
		Files: []uintptr{uintptr(devNull), uintptr(output), uintptr(output)},
		Sys: &syscall.SysProcAttr{
			Setsid:      true,
			Pdeathsig:   syscall.SIGKILL,
			PidFD:       &born.pidfd,
			UseCgroupFD: cgroupFd >= 0,
			CgroupFD:    max(cgroupFd, 0),
		},
	}
	f.do(func() {
		var free func()
		if free, err = holdTo(request.Cpus); err != nil {
			return
		}
		defer free()
		born.pid, err = syscall.ForkExec(path, append([]string{request.File}, request.Args...), attributes)
	})
	return born, err
}

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
