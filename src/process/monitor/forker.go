//go:build linux

package main

import (
	"os"
	"runtime"
	"syscall"
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
