//go:build linux

package main

import "time"

const (
	// Samples are for people, who read no faster than this.
	reportInterval = 100 * time.Millisecond
	// Processes that outlive the main process may end by themselves within this time; then they are killed.
	leftOverGrace = 100 * time.Millisecond
	// How often to check for the end of a process without a pidfd.
	noPidfdInterval = time.Millisecond
)

// follow returns once no process of the tree is left, or false as soon as the reader is gone.
func (r *run) follow() bool {
	r.nextSample = r.started
	r.nextReport = r.started.Add(reportInterval)
	for {
		fds := []pollFd{
			{fd: requestFd, events: pollIn},
			{fd: int32(r.child.pidfd), events: pollIn},
			{fd: -1, events: pollIn},
			{fd: -1, events: pollOut},
			{fd: -1, events: pollIn},
		}
		if r.monitor.replies.busy() {
			fds[3].fd = replyFd
		} else {
			fds[2].fd = int32(r.output)
			if r.marks != nil {
				fds[4].fd = int32(r.marks.in)
			}
		}
		if !r.ended.IsZero() {
			fds[1].fd = -1
		}
		checked := time.Now()
		poll(fds, r.untilNext())
		arrived := time.Now()
		if fds[0].ready() && !r.listen() {
			return false
		}
		if fds[3].ready() {
			r.monitor.replies.flush()
		}
		if fds[2].ready() {
			if r.request.Stamps {
				r.stamp(checked)
			}
			r.forward()
		}
		// What a program printed before its mark belongs to what ends there.
		if fds[4].ready() {
			r.listenToMarks(arrived, checked)
		}
		if r.advance() {
			return true
		}
	}
}

// advance does what is due by time or by events from the kernel; done means that the tree has ended.
func (r *run) advance() (done bool) {
	now := time.Now()
	none := r.reaper.reap()
	if r.reaper.status != nil && r.ended.IsZero() {
		r.markEnd(now)
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
			r.markEnd(time.Now())
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

func (r *run) markEnd(now time.Time) {
	r.ended = now
	r.monitor.machine.end = r.monitor.machine.read()
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
	if r.request.Samples && !now.Before(r.nextReport) && !r.monitor.replies.busy() {
		r.nextReport = now.Add(reportInterval)
		r.monitor.replies.writeJSON(frameSample, sample{
			ElapsedMs: inMilliseconds(now.Sub(r.started)),
			RssMb:     r.sampler.rssMb,
			PeakMb:    max(r.sampler.overall().rssMb, r.sampler.overall().hwmMb),
		})
	}
}

// overLimit also ends a tree of which the kernel has killed a part: what is left is not a valid run.
func (r *run) overLimit() bool {
	switch r.limitBy {
	case "watching":
		return r.sampler.rssMb > r.request.MemoryLimitMb
	case "cgroup":
		return r.cgroup.oomKills() > 0
	}
	return false
}

// listen takes requests during a run; the only valid one is to end it.
func (r *run) listen() (open bool) {
	for {
		line, open := r.monitor.requests.next()
		if line == nil {
			return open
		}
		if cause := readEnd(line); cause != "" {
			r.end(cause)
		}
	}
}

// untilNext is the time until the next thing is due that no descriptor signals.
func (r *run) untilNext() time.Duration {
	due := r.nextSample
	for _, at := range []time.Time{r.killAt, r.timeoutAt} {
		if !at.IsZero() && at.Before(due) {
			due = at
		}
	}
	left := max(time.Until(due), 0)
	if r.child.pidfd < 0 || !r.ended.IsZero() {
		// Neither a process without a pidfd nor an orphan signals its end.
		left = min(left, noPidfdInterval)
	}
	return left
}
