//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"os"
	"syscall"
	"time"
)

// report collects all that is known of a finished run.
func (r *run) report() ended {
	if r.spawnErr != nil {
		return ended{facts: facts{SpawnError: errnoName(r.spawnErr)}}
	}
	end := ended{
		facts:    facts{Cause: r.cause, LimitBy: r.limitBy, LeftOver: r.leftOver},
		WallMs:   inMilliseconds(r.ended.Sub(r.started)),
		CpuUserS: r.reaper.userS,
		CpuSysS:  r.reaper.sysS,
	}
	if status := r.reaper.status; status != nil && status.Signaled() {
		number := int(status.Signal())
		end.Signal = &number
	} else if status != nil {
		code := status.ExitStatus()
		end.ExitCode = &code
	}
	r.reportMemory(&end)
	if end.Evidence = r.monitor.machine.evidence(r.cpus()); end.Evidence != nil {
		end.Evidence.noteDelays(r.reaper.delays.total(), r.reaper.userS+r.reaper.sysS)
		end.Evidence.Switches = &r.reaper.switches
	}
	end.OomKilled = r.oomKilled(end)
	return end
}

// cpus are those that the run could use: those of its first thread, unless its CPU time shows that there were more.
func (r *run) cpus() []int {
	most := r.ended.Sub(r.started).Seconds() * float64(len(r.reaper.allowed))
	if len(r.reaper.allowed) == 0 || r.reaper.userS+r.reaper.sysS > most*1.05 {
		return readAllowed(os.Getpid(), r.monitor.chunk[:])
	}
	return r.reaper.allowed
}

func (r *run) reportMemory(end *ended) {
	// A child inherits the mark of the process that forked it, so a smaller one says nothing about the child itself.
	floor := readHwmMb(syscall.Getpid(), r.monitor.chunk[:])
	peaks := r.sampler.overall()
	end.Single = r.reaper.single()
	end.HwmAtExit = r.reaper.hwmMb > floor
	// A reset of the marks lowers what the kernel reports at exit, too.
	hwm := peaks.hwmMb
	if end.HwmAtExit {
		hwm = max(hwm, r.reaper.hwmMb)
	}
	end.HwmMb = known(hwm)
	end.SampledRssMb = known(peaks.rssMb)
	end.SampledPssMb = known(peaks.pss())
	end.SystemSharedMb = known(peaks.systemMb)
	if r.cgroup == nil {
		return
	}
	if peak, found := r.cgroup.peakBytes(); found {
		// Pages of a removed file are gone, so what was read and written limits what may have been there.
		files := r.cgroup.files(r.monitor.chunk[:])
		fileMb := inMb(max(files.cache, peaks.cacheBytes, r.reaper.fileBytes))
		end.CgroupMb = known(inMb(peak))
		end.CgroupFileMb = &fileMb
		// What it left in a tmpfs was there at its end.
		left := inMb(files.shared)
		end.SharedMb = known(max(peaks.sharedMb, left))
		end.HeldMb = known(max(peaks.heldMb, left))
	}
}

// oomKilled trusts the cgroup's count. Without one, it takes a death by SIGKILL (137 from a shell) together with a
// new kill in the system's count.
func (r *run) oomKilled(end ended) bool {
	if r.cgroup != nil && r.cgroup.oomKills() > 0 {
		return true
	}
	killed := end.Signal != nil && *end.Signal == int(syscall.SIGKILL) || end.ExitCode != nil && *end.ExitCode == 137
	return killed && r.cause == "" && readOomKills() > r.monitor.oomKills
}

func known(mb float64) *float64 {
	if mb <= 0 {
		return nil
	}
	return &mb
}

func inMb(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// milliseconds is limited to a century: a longer time would overflow and become no time at all.
func milliseconds(ms float64) time.Duration {
	const century = 100 * 365 * 24 * time.Hour
	return time.Duration(min(ms*float64(time.Millisecond), float64(century)))
}

func inMilliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func pathOf(c cgroup) string {
	if c == nil {
		return ""
	}
	return c.path()
}

func readEnd(line []byte) string {
	var request request
	_ = json.Unmarshal(line, &request)
	return request.End
}

// errnoName is the system's name of an error, such as ENOENT, which is what people search for.
func errnoName(err error) string {
	names := map[syscall.Errno]string{
		syscall.ENOENT:  "ENOENT",
		syscall.EACCES:  "EACCES",
		syscall.EPERM:   "EPERM",
		syscall.ENOEXEC: "ENOEXEC",
		syscall.E2BIG:   "E2BIG",
		syscall.ENOMEM:  "ENOMEM",
		syscall.EAGAIN:  "EAGAIN",
		syscall.ENOTDIR: "ENOTDIR",
		syscall.ETXTBSY: "ETXTBSY",
		syscall.EMFILE:  "EMFILE",
		syscall.ELOOP:   "ELOOP",
	}
	var errno syscall.Errno
	if name := ""; errors.As(err, &errno) {
		if name = names[errno]; name != "" {
			return name + ": " + errno.Error()
		}
	}
	return err.Error()
}
