//go:build linux

package main

import (
	"os"
	"time"
)

const (
	// The page cache and the high-water marks of live processes cost more to read than RSS, and the final marks come at
	// exit anyway.
	cacheInterval = 100 * time.Millisecond
	markInterval  = 2 * time.Second
	// In the first moments of a run the marks are read in every sample: the run may end before the next one.
	youngTime = 50 * time.Millisecond
	// PSS walks every page, so it may take only this share of the elapsed time,
	pssShare = 0.001
	// and only when the tree is near its peak, since no other value would be reported.
	pssNearPeak = 0.95
	// Run delays are read anyway when a process is reaped; this is for those that others reap.
	delayShare = 0.001
	// How rarely to look up the children of every thread if there is no cgroup to list them.
	allThreadsEvery = 5
)

// watched is a process that was seen alive. The open statm identifies it for good: a pid may be reused.
type watched struct {
	statm procFile
	rssMb float64
	// look is the number of the last sample that saw it.
	look int
}

// sampler follows a tree by its RSS. Its peaks are lower bounds: they are only what the samples saw.
type sampler struct {
	cgroup  cgroup
	started time.Time
	buffer  []byte

	living map[int]*watched
	looks  int
	rssMb  float64
	// peaks are those of the current interval, past those of the intervals before.
	peaks, past   peaks
	mappedMb      float64
	systemAtStart systemShared
	pssCost       time.Duration
	delays        *delays
	delayCost     time.Duration
	lastSlow      time.Time
	lastMarks     time.Time
}

// peaks are the highest figures of an interval.
type peaks struct {
	rssMb, pssMb float64
	// rssAtPssMb is the sum of RSS at the time the sum of PSS was taken.
	rssAtPssMb float64
	hwmMb      float64
	// cacheBytes is the most page cache seen in the cgroup.
	cacheBytes int64
	// sharedMb is the peak of its shared memory that was in no process's RSS, heldMb the peak of that plus the largest
	// process, and systemMb the growth of the system's shared memory, whoever holds it.
	sharedMb, heldMb, systemMb float64
}

// pss is the peak of PSS, or 0 if it was not read near the peak of RSS.
func (p peaks) pss() float64 {
	if p.rssAtPssMb < p.rssMb*pssNearPeak {
		return 0
	}
	return p.pssMb
}

func (p peaks) or(other peaks) peaks {
	if other.pssMb > p.pssMb {
		p.pssMb, p.rssAtPssMb = other.pssMb, other.rssAtPssMb
	}
	p.rssMb, p.hwmMb = max(p.rssMb, other.rssMb), max(p.hwmMb, other.hwmMb)
	p.cacheBytes = max(p.cacheBytes, other.cacheBytes)
	p.sharedMb, p.heldMb = max(p.sharedMb, other.sharedMb), max(p.heldMb, other.heldMb)
	p.systemMb = max(p.systemMb, other.systemMb)
	return p
}

// takePeaks ends an interval; the next one starts with what is held now.
func (s *sampler) takePeaks() peaks {
	taken := s.peaks
	s.past = s.past.or(taken)
	s.peaks = peaks{rssMb: s.rssMb}
	return taken
}

// overall are the peaks of the whole run.
func (s *sampler) overall() peaks { return s.past.or(s.peaks) }

func newSampler(group cgroup, started time.Time, delays *delays) *sampler {
	buffer := make([]byte, 16<<10)
	return &sampler{
		cgroup: group, started: started,
		buffer: buffer,
		living: map[int]*watched{},
		delays: delays,

		systemAtStart: readSystemShared(buffer),
	}
}

// tick takes one sample of the tree.
func (s *sampler) tick() {
	young := time.Since(s.started) < youngTime
	s.looks++
	s.rssMb = 0
	for _, pid := range s.list() {
		process := s.living[pid]
		if process == nil {
			process = &watched{statm: openProc(procPath(pid, "/statm"))}
			s.living[pid] = process
		}
		if young {
			s.noteMark(pid)
		}
		if process.read(s.buffer) {
			process.look = s.looks
			s.rssMb += process.rssMb
			s.peaks.hwmMb = max(s.peaks.hwmMb, process.rssMb)
		}
	}
	for pid, process := range s.living {
		if process.look != s.looks {
			process.statm.close()
			delete(s.living, pid)
		}
	}
	s.peaks.rssMb = max(s.peaks.rssMb, s.rssMb)
	if now := time.Now(); now.Sub(s.lastSlow) >= cacheInterval {
		s.lastSlow = now
		s.slowTick(now)
	}
}

func (s *sampler) slowTick(now time.Time) {
	if now.Sub(s.lastMarks) >= markInterval {
		s.lastMarks = now
		for pid := range s.living {
			s.noteMark(pid)
		}
	}
	own := 0.0
	if s.cgroup != nil {
		files := s.cgroup.files(s.buffer)
		s.peaks.cacheBytes = max(s.peaks.cacheBytes, files.cache)
		own = inMb(files.shared)
	}
	s.noteShared(own)
	affordable := time.Duration(float64(now.Sub(s.started)) * pssShare)
	if len(s.living) > 1 && s.pssCost <= affordable && s.rssMb >= s.peaks.rssMb*pssNearPeak {
		s.notePss()
		s.pssCost += time.Since(now)
	}
	// In CPU time: on a busy machine, where delays matter most, the wall clock would be mostly our own delay.
	if s.delayCost <= time.Duration(float64(now.Sub(s.started))*delayShare) {
		before := cpuTime()
		for pid := range s.living {
			s.delays.look(pid)
		}
		s.delayCost += cpuTime() - before
	}
}

func (s *sampler) noteMark(pid int) {
	s.peaks.hwmMb = max(s.peaks.hwmMb, readHwmMb(pid, s.buffer))
}

// notePss only counts samples in which every process could be read.
func (s *sampler) notePss() {
	sum := 0.0
	for pid := range s.living {
		pss := readPssMb(pid, s.buffer)
		if pss == 0 {
			return
		}
		sum += pss
	}
	if sum > s.peaks.pssMb {
		s.peaks.pssMb, s.peaks.rssAtPssMb = sum, s.rssMb
	}
}

func (s *sampler) list() []int {
	if s.cgroup != nil {
		return s.cgroup.pids(s.buffer)
	}
	pids := listChildren(os.Getpid(), true, s.buffer)
	for i := 0; i < len(pids); i++ {
		pids = append(pids, listChildren(pids[i], s.looks%allThreadsEvery == 0, s.buffer)...)
	}
	return pids
}

func (s *sampler) close() {
	for _, process := range s.living {
		process.statm.close()
	}
	s.living = nil
}

// read takes the resident pages, the second number of statm; a process that has ended has none.
func (w *watched) read(buffer []byte) bool {
	pages, position := 0, 0
	readNumbers(w.statm.readOnce(buffer), func(number int) {
		if position == 1 {
			pages = number
		}
		position++
	})
	w.rssMb = float64(pages) * pageMb
	return pages > 0
}
