//go:build linux

package main

import (
	"os"
	"runtime"
	"syscall"
)

// forker is one thread that forks every run and never ends: the parent-death signal of a child follows the thread
// that forked it, and a v1 cgroup is entered by a thread, whose children are then born inside.
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

// do runs a job on the forker's thread and waits for its end.
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
	// pidfd is readable once the process has ended; -1 where the kernel has none.
	pidfd int
}

// spawn starts a process with its output on one pipe, in a session of its own.
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
		born.pid, err = syscall.ForkExec(path, append([]string{request.File}, request.Args...), attributes)
	})
	return born, err
}
