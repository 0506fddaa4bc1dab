//go:build linux

// Command monitor runs processes for provemark and measures them, one at a time, as long as its standard input stays
// open. It is the parent of what it runs and the subreaper of all descendants, so it gets the peak memory and the CPU
// time of every process from the kernel, and no process can leave the tree unseen. When its input closes, for
// whatever reason, it ends the whole tree.
//
// Requests are JSON lines on standard input; replies are frames on standard output (see frames.go).
//
// It uses the standard library alone, so that it builds without a network.
package main

import (
	"encoding/json"
	"os"
	"runtime"
	"slices"
	"syscall"
)

const (
	requestFd = 0
	replyFd   = 1

	prSetChildSubreaper = 36
)

func main() {
	// Memory is charged to the cgroup of the first thread, so the forker must not run on it.
	runtime.LockOSThread()
	if err := prepare(); err != nil {
		os.Stderr.WriteString("provemark-monitor: " + err.Error() + "\n")
		os.Exit(2)
	}
	monitor := &monitor{
		requests: &requestReader{fd: requestFd},
		replies:  &frameWriter{fd: replyFd},
		forker:   startForker(),
		noCgroup: slices.Contains(os.Args[1:], "--no-cgroup"),

		taskstats: openTaskstats(),
	}
	monitor.serve()
}

func prepare() error {
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0, 0, 0, 0); errno != 0 {
		return os.NewSyscallError("prctl(PR_SET_CHILD_SUBREAPER)", errno)
	}
	for _, fd := range []int{requestFd, replyFd} {
		if err := syscall.SetNonblock(fd, true); err != nil {
			return err
		}
	}
	return nil
}

type monitor struct {
	requests *requestReader
	replies  *frameWriter
	forker   *forker
	// cgroup for the next run, made and entered in advance: on some kernels that takes milliseconds.
	cgroup   cgroup
	noCgroup bool
	// oomKills is the system's count before the run.
	oomKills int64
	machine  machine
	// taskstats is nil where the system does not allow it.
	taskstats *taskstats
	chunk     [64 << 10]byte
}

func (l *monitor) serve() {
	l.arm()
	for {
		line, open := l.requests.next()
		if !open {
			l.disarm()
			return
		}
		if line == nil {
			wait(requestFd, -1)
			continue
		}
		var request request
		if err := json.Unmarshal(line, &request); err == nil && request.Pages != nil {
			l.replies.writeJSON(frameEnded, ended{Pages: request.Pages.settle()})
			l.replies.drain()
			continue
		} else if err != nil || request.File == "" {
			// An `end` that came too late: its run is over.
			continue
		}
		run := startRun(l, request)
		if !run.finish() {
			l.disarm()
			return
		}
		l.arm()
	}
}

// arm prepares everything it can before the next run starts.
func (l *monitor) arm() {
	l.oomKills = readOomKills()
	previous := l.cgroup
	l.cgroup = nil
	if !l.noCgroup {
		l.cgroup = newCgroup(l.forker)
		l.noCgroup = l.cgroup == nil
	}
	if previous != nil {
		previous.remove()
	}
	l.machine.quotas, l.machine.quotasKnown = findQuotas(pathOf(l.cgroup))
}

// dropCgroup stops using cgroups for good.
func (l *monitor) dropCgroup() {
	l.cgroup.remove()
	l.cgroup, l.noCgroup = nil, true
}

func (l *monitor) disarm() {
	if l.cgroup == nil {
		return
	}
	l.cgroup.leave(l.forker)
	l.cgroup.remove()
}
