//go:build linux

package main

import (
	"syscall"
	"time"
)

// run is one process, from its start to the end of its whole tree.
type run struct {
	monitor *monitor
	request request
	cgroup  cgroup
	child   child
	reaper  *reaper
	sampler *sampler
	output  int
	// marks is nil if the program has none.
	marks      *marks
	lastMoment time.Time
	// They show whether there was another process since the last moment.
	childrenBefore string
	reapedBefore   int
	// unreset are processes whose high-water mark cannot be reset.
	unreset map[int]bool

	started    time.Time
	ended      time.Time
	grace      time.Duration
	timeoutAt  time.Time
	nextSample time.Time
	pace       pace
	forwarded  bool
	nextReport time.Time

	// cause is why we ended the run, if we did; killAt is the end of the grace period.
	cause    string
	killAt   time.Time
	limitBy  string
	leftOver int
	spawnErr error
}

func startRun(l *monitor, request request) *run {
	r := &run{
		monitor: l,
		request: request,
		cgroup:  l.cgroup,
		output:  -1,
		grace:   milliseconds(request.GraceMs),
		unreset: map[int]bool{},
	}
	if limit := int64(request.MemoryLimitMb * (1 << 20)); limit > 0 {
		r.limitBy = "watching"
		if r.cgroup != nil && r.cgroup.limit(limit) {
			r.limitBy = "cgroup"
		}
	}
	r.spawnErr = r.spawn()
	return r
}

func (r *run) spawn() error {
	path, err := findExecutable(r.request)
	if err != nil {
		return err
	}
	if r.request.Marks != "" {
		if r.marks, err = openMarks(r.request.Marks); err != nil {
			return err
		}
	}
	var pipe [2]int
	if err := syscall.Pipe2(pipe[:], syscall.O_CLOEXEC); err != nil {
		return err
	}
	r.output = pipe[0]
	defer syscall.Close(pipe[1])
	_ = syscall.SetNonblock(r.output, true)
	if err := r.fork(path, pipe[1]); err != nil {
		return err
	}
	// If memory runs out, the kernel must kill the prover, not Vitest, which holds the rows.
	writeFile(procPath(r.child.pid, "/oom_score_adj"), "500")
	delays := newDelays(r.monitor.taskstats, r.monitor.chunk[:])
	r.reaper = &reaper{root: r.child.pid, delays: delays}
	r.sampler = newSampler(r.cgroup, r.started, delays)
	if r.request.TimeoutMs > 0 {
		r.timeoutAt = r.started.Add(milliseconds(r.request.TimeoutMs))
	}
	return nil
}

// fork tries again without the cgroup if it fails with one: the kernel may not allow a child to start there.
func (r *run) fork(path string, output int) (err error) {
	group := -1
	if r.cgroup != nil {
		group = r.cgroup.spawnFd()
	}
	r.monitor.machine.start = r.monitor.machine.read()
	r.started = time.Now()
	r.child, err = r.monitor.forker.spawn(r.request, path, output, group)
	if err == nil || group < 0 {
		return err
	}
	r.started = time.Now()
	r.child, err = r.monitor.forker.spawn(r.request, path, output, -1)
	if err == nil {
		r.cgroup = nil
		r.monitor.dropCgroup()
		if r.limitBy != "" {
			r.limitBy = "watching"
		}
	}
	return err
}

// finish follows the run to its end and reports it; false means that the reader is gone.
func (r *run) finish() bool {
	replies := r.monitor.replies
	if r.spawnErr == nil {
		replies.writeJSON(frameStarted, started{Pid: r.child.pid, Cgroup: pathOf(r.cgroup)})
		if !r.follow() {
			r.killTree()
			return false
		}
		r.drain()
		r.sampler.close()
		closeFd(r.child.pidfd)
	}
	closeFd(r.output)
	if r.marks != nil {
		r.marks.close()
		removeMarks(r.request.Marks)
	}
	replies.writeJSON(frameEnded, r.report())
	return replies.drain()
}
