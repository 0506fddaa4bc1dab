//go:build linux

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

// moment is what is known about a run at a mark of the program, or when a piece of its output arrives. CPU time
// and evidence count from the start of the run, memory from the moment before.
type moment struct {
	// Mark is what the program wrote; it continues once we have answered. Empty for output.
	Mark string `json:"mark,omitempty"`
	// ElapsedS is when it arrived, ResumedS when the program could go on.
	ElapsedS float64 `json:"elapsedS"`
	ResumedS float64 `json:"resumedS"`
	// ResolutionS is for how long it may have been there before we saw it.
	ResolutionS float64 `json:"resolutionS"`
	CpuUserS    float64 `json:"cpuUserS"`
	CpuSysS     float64 `json:"cpuSysS"`
	memory      `json:"memory"`
	Evidence    *evidence `json:"others,omitempty"`
}

// memory has the peaks of an interval, MB. Figures that are not available are absent.
type memory struct {
	// Whether the tree was a single process.
	Single    bool     `json:"single"`
	HwmMb     *float64 `json:"hwmMb,omitempty"`
	HwmAtExit bool     `json:"hwmAtExit"`
	CgroupMb  *float64 `json:"cgroupMb,omitempty"`
	// The most page cache that the cgroup's peak may contain.
	CgroupFileMb *float64 `json:"cgroupFileMb,omitempty"`
	// Peak of the cgroup's shared memory that was in no process's RSS, and peak of the sum of it and the largest
	// process.
	SharedMb *float64 `json:"sharedMb,omitempty"`
	HeldMb   *float64 `json:"heldMb,omitempty"`
	// Growth of shared memory and huge pages of the whole system, if nothing counts those of the run alone.
	SystemSharedMb *float64 `json:"systemSharedMb,omitempty"`
	SampledRssMb   *float64 `json:"sampledRssMb,omitempty"`
	SampledPssMb   *float64 `json:"sampledPssMb,omitempty"`
}

const (
	// The names of the two FIFOs in the folder of a request.
	marksName, goName = "provemark-marks", "provemark-go"
	// Longer than any mark, so that a write of one is not split.
	longestMark = 4096
	// A program that prints without end must not be asked for its figures at each piece of output.
	shortestMoment = time.Millisecond
	// clearHwm resets the high-water mark of a process.
	clearHwm = "5"
)

// marks are the two FIFOs between a program and us.
type marks struct {
	in, out int
	pending []byte
}

// openMarks makes the FIFOs. Both are opened in both directions, so that the program may open and close them at will.
func openMarks(folder string) (*marks, error) {
	// Those of a monitor that was killed.
	removeMarks(folder)
	m := &marks{in: -1, out: -1}
	for name, fd := range map[string]*int{marksName: &m.in, goName: &m.out} {
		path := filepath.Join(folder, name)
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			return nil, err
		}
		opened, err := syscall.Open(path, syscall.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
		if err != nil {
			return nil, err
		}
		*fd = opened
	}
	return m, nil
}

func (m *marks) close() {
	if m != nil {
		closeFd(m.in)
		closeFd(m.out)
	}
}

// listenToMarks answers each mark after noting the moment. now is when it arrived, checked when there was nothing yet.
func (r *run) listenToMarks(now, checked time.Time) {
	var buffer [longestMark]byte
	n, err := syscall.Read(r.marks.in, buffer[:])
	if err != nil || n <= 0 {
		return
	}
	r.marks.pending = append(r.marks.pending, buffer[:n]...)
	for {
		line, rest, found := bytes.Cut(r.marks.pending, []byte{'\n'})
		if !found {
			// Without a line end it is not a mark.
			if len(line) > longestMark {
				r.marks.pending = nil
			}
			return
		}
		r.marks.pending = rest
		moment := r.note(now, checked)
		moment.Mark = string(line)
		// Before the answer: the program may run before we do again.
		moment.ResumedS = time.Since(r.started).Seconds()
		_, _ = syscall.Write(r.marks.out, []byte{'\n'})
		r.monitor.replies.writeJSON(frameMoment, moment)
		now, checked = time.Now(), now
	}
}

// stamp notes the moment of a piece of output, unless the last one was just now.
func (r *run) stamp(checked time.Time) {
	if now := time.Now(); now.Sub(r.lastMoment) >= shortestMoment {
		moment := r.note(now, checked)
		moment.ResumedS = moment.ElapsedS
		r.monitor.replies.writeJSON(frameMoment, moment)
	}
}

// note takes all figures of a moment and starts the next interval. checked is when there was nothing yet.
func (r *run) note(now, checked time.Time) moment {
	r.lastMoment = now
	r.reaper.reap()
	r.sampler.tick()
	found := moment{
		ElapsedS:    now.Sub(r.started).Seconds(),
		ResolutionS: now.Sub(checked).Seconds(),
	}
	found.CpuUserS, found.CpuSysS = r.cpuSoFar()
	for pid := range r.sampler.living {
		r.sampler.delays.look(pid)
	}
	r.monitor.machine.end = r.monitor.machine.read()
	if found.Evidence = r.monitor.machine.evidence(readAllowed(r.child.pid, r.monitor.chunk[:])); found.Evidence != nil {
		found.Evidence.noteDelays(r.sampler.delays.total(), found.CpuUserS+found.CpuSysS)
	}
	found.memory = r.memoryOfInterval()
	return found
}

// memoryOfInterval takes the peaks since the last moment and starts over.
func (r *run) memoryOfInterval() memory {
	children := ""
	isReset := true
	for pid := range r.sampler.living {
		// The mark of a process whose reset was refused is older than the interval.
		if r.unreset[pid] {
			isReset = false
		} else {
			r.sampler.noteMark(pid)
		}
		if fields := statFields(readProc(procPath(pid, "/stat"), r.monitor.chunk[:])); len(fields) > 8 {
			children += strconv.Itoa(pid) + ":" + fields[8] + " "
		}
		if !writeFile(procPath(pid, "/clear_refs"), clearHwm) {
			r.unreset[pid] = true
		}
	}
	isSingle := len(r.sampler.living) == 1 && r.reaper.reaped == r.reapedBefore &&
		(children == r.childrenBefore || r.childrenBefore == "")
	r.childrenBefore, r.reapedBefore = children, r.reaper.reaped
	peaks := r.sampler.takePeaks()
	found := memory{
		Single:         isSingle,
		HwmMb:          known(peaks.hwmMb),
		HwmAtExit:      isReset,
		SampledRssMb:   known(peaks.rssMb),
		SampledPssMb:   known(peaks.pss()),
		SystemSharedMb: known(peaks.systemMb),
	}
	if r.cgroup == nil {
		return found
	}
	found.SharedMb, found.HeldMb = known(peaks.sharedMb), known(peaks.heldMb)
	if peak, reset := r.cgroup.takePeak(); reset {
		fileMb := inMb(max(r.cgroup.files(r.monitor.chunk[:]).cache, peaks.cacheBytes))
		found.CgroupMb, found.CgroupFileMb = known(inMb(peak)), &fileMb
	}
	return found
}

// cpuSoFar is the CPU time of the whole tree up to now: of live processes by their own clocks, which have exited
// threads too, of those that they have waited for in ticks, and of those that we have waited for.
func (r *run) cpuSoFar() (userS, sysS float64) {
	userS, sysS = r.reaper.userS, r.reaper.sysS
	for pid := range r.sampler.living {
		fields := statFields(readProc(procPath(pid, "/stat"), r.monitor.chunk[:]))
		if len(fields) < 15 {
			continue
		}
		ticks := func(at int) float64 {
			number, _ := strconv.Atoi(fields[at])
			return float64(number) / ticksPerSecond
		}
		ownUserS, ownSysS := ticks(11), ticks(12)
		if exactS := processCpuS(pid); exactS > 0 {
			// The system counts the parts in ticks, and only their sum exactly.
			ownSysS = min(ownSysS, exactS)
			ownUserS = exactS - ownSysS
		}
		userS += ownUserS + ticks(13)
		sysS += ownSysS + ticks(14)
	}
	return userS, sysS
}

// processCpuS reads the CPU clock of another process; 0 if there is none.
func processCpuS(pid int) float64 {
	// As clock_getcpuclockid does it: the scheduler's clock of a whole process.
	clock := uintptr(int32(^pid<<3 | 2))
	var spec syscall.Timespec
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&spec)), 0); errno != 0 {
		return 0
	}
	return float64(spec.Nano()) / 1e9
}

// removeMarks removes the FIFOs, so that they are no artifacts.
func removeMarks(folder string) {
	for _, name := range []string{marksName, goName} {
		_ = os.Remove(filepath.Join(folder, name))
	}
}
