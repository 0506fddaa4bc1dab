//go:build linux

package main

import (
	"syscall"
	"time"
)

const (
	// Samples are for people: they read no faster.
	reportInterval = 100 * time.Millisecond
	// What outlives the process that was asked for may end by itself in this time, and is killed then.
	leftOverGrace = 100 * time.Millisecond
	// Without a pidfd the end of a process is looked for this often.
	noPidfdInterval = time.Millisecond
)

// run is one process from its start to the end of its whole tree.
type run struct {
	launcher *launcher
	request  request
	cgroup   cgroup
	child    child
	reaper   *reaper
	sampler  *sampler
	output   int

	started    time.Time
	ended      time.Time
	grace      time.Duration
	timeoutAt  time.Time
	nextSample time.Time
	pace       pace
	forwarded  bool
	nextReport time.Time

	// cause says why we ended the run, where we did; killAt is when the grace is over.
	cause    string
	killAt   time.Time
	limitBy  string
	leftOver int
	spawnErr error
}

func startRun(l *launcher, request request) *run {
	r := &run{
		launcher: l,
		request:  request,
		cgroup:   l.cgroup,
		output:   -1,
		grace:    milliseconds(request.GraceMs),
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
	// Where memory runs out, the prover has to go, and neither Vitest nor its rows.
	writeFile(procPath(r.child.pid, "/oom_score_adj"), "500")
	r.reaper = &reaper{root: r.child.pid}
	r.sampler = newSampler(r.cgroup, r.started)
	if r.request.TimeoutMs > 0 {
		r.timeoutAt = r.started.Add(milliseconds(r.request.TimeoutMs))
	}
	return nil
}

// fork tries without the cgroup where it fails with one: the kernel may not let a child be born there.
func (r *run) fork(path string, output int) (err error) {
	group := -1
	if r.cgroup != nil {
		group = r.cgroup.spawnFd()
	}
	r.started = time.Now()
	r.child, err = r.launcher.forker.spawn(r.request, path, output, group)
	if err == nil || group < 0 {
		return err
	}
	r.started = time.Now()
	r.child, err = r.launcher.forker.spawn(r.request, path, output, -1)
	if err == nil {
		r.cgroup = nil
		r.launcher.dropCgroup()
		if r.limitBy != "" {
			r.limitBy = "watching"
		}
	}
	return err
}

// finish follows the run to its end and reports it; false says that nobody is left to report to.
func (r *run) finish() bool {
	replies := r.launcher.replies
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
	replies.writeJSON(frameEnded, r.report())
	for replies.busy() && !replies.broken {
		poll([]pollFd{{fd: replyFd, events: pollOut}}, -1)
		replies.flush()
	}
	return !replies.broken
}

// follow returns once no process of the tree is left, or false as soon as nobody waits for it.
func (r *run) follow() bool {
	r.nextSample = r.started
	r.nextReport = r.started.Add(reportInterval)
	for {
		fds := []pollFd{
			{fd: requestFd, events: pollIn},
			{fd: int32(r.child.pidfd), events: pollIn},
			{fd: -1, events: pollIn},
			{fd: -1, events: pollOut},
		}
		if r.launcher.replies.busy() {
			fds[3].fd = replyFd
		} else {
			fds[2].fd = int32(r.output)
		}
		if !r.ended.IsZero() {
			fds[1].fd = -1
		}
		poll(fds, r.untilNext())
		if fds[0].ready() && !r.listen() {
			return false
		}
		if fds[3].ready() {
			r.launcher.replies.flush()
		}
		if fds[2].ready() {
			r.forward()
		}
		if r.advance() {
			return true
		}
	}
}

// advance does what time and the kernel ask for; done says that the tree is over.
func (r *run) advance() (done bool) {
	now := time.Now()
	none := r.reaper.reap()
	if r.reaper.status != nil && r.ended.IsZero() {
		r.ended = now
		if r.cause == "" {
			r.killAt = now.Add(leftOverGrace)
		}
	}
	if none {
		return true
	}
	if !r.killAt.IsZero() && now.After(r.killAt) {
		if r.cause == "" {
			r.leftOver = len(r.livingTree())
		}
		r.killTree()
		if r.ended.IsZero() {
			r.ended = time.Now()
		}
		return true
	}
	if !r.timeoutAt.IsZero() && now.After(r.timeoutAt) && r.ended.IsZero() {
		r.end("timeout")
	}
	if !now.Before(r.nextSample) {
		r.sample(now)
	}
	return false
}

func (r *run) sample(now time.Time) {
	r.sampler.tick()
	interval := r.pace.next(now.Sub(r.started), !r.forwarded)
	if r.limitBy == "watching" {
		interval = min(interval, sampleInterval)
	}
	r.nextSample = now.Add(interval)
	r.forwarded = false
	if r.overLimit() {
		r.end("memory_limit")
	}
	if r.request.Samples && !now.Before(r.nextReport) && !r.launcher.replies.busy() {
		r.nextReport = now.Add(reportInterval)
		r.launcher.replies.writeJSON(frameSample, sample{
			ElapsedMs: inMilliseconds(now.Sub(r.started)),
			RssMb:     r.sampler.rssMb,
			PeakMb:    max(r.sampler.peakRssMb, r.sampler.hwmMb),
		})
	}
}

// overLimit also ends a tree of which the kernel has killed a part: what is left is no proof.
func (r *run) overLimit() bool {
	switch r.limitBy {
	case "watching":
		return r.sampler.rssMb > r.request.MemoryLimitMb
	case "cgroup":
		return r.cgroup.oomKills() > 0
	}
	return false
}

// listen takes requests while a run is on: only its end can be asked for.
func (r *run) listen() (open bool) {
	for {
		line, open := r.launcher.requests.next()
		if line == nil {
			return open
		}
		if cause := readEnd(line); cause != "" {
			r.end(cause)
		}
	}
}

// untilNext is the time until something is due that no descriptor tells.
func (r *run) untilNext() time.Duration {
	due := r.nextSample
	for _, at := range []time.Time{r.killAt, r.timeoutAt} {
		if !at.IsZero() && at.Before(due) {
			due = at
		}
	}
	left := max(time.Until(due), 0)
	if r.child.pidfd < 0 || !r.ended.IsZero() {
		// Neither a process without a pidfd nor an orphan tells its end.
		left = min(left, noPidfdInterval)
	}
	return left
}
