//go:build linux

package main

import (
	"bytes"
	"path/filepath"
	"strconv"
	"strings"
)

// ticksPerSecond is USER_HZ, the unit of /proc/stat: fixed, whatever the kernel's own tick.
const ticksPerSecond = 100

// cpuTimes are a CPU's busy time and the time that the hypervisor withheld from it, in ticks.
type cpuTimes struct{ busy, steal int }

// machineTimes is the state of the machine at one moment.
type machineTimes struct {
	cpus       map[int]cpuTimes
	throttledS float64
}

// evidence is what a run's end shows about other programs, see src/row/disturbance.ts. What is not known is absent.
type evidence struct {
	// Cpus that the run could use.
	Cpus      int      `json:"cpus"`
	BusyS     float64  `json:"busyS"`
	StealS    float64  `json:"stealS"`
	Throttled *float64 `json:"throttledS,omitempty"`
	RunDelayS *float64 `json:"runDelayS,omitempty"`
	// RunDelaySeen is the share of the run's CPU time that the threads used of which the delay is known.
	RunDelaySeen float64 `json:"runDelaySeen"`
	// Involuntary context switches of the whole tree.
	Switches *int64 `json:"involuntarySwitches,omitempty"`
}

// machine takes its times at the start and the end of each run.
type machine struct {
	quotas      []quota
	quotasKnown bool
	buffer      [64 << 10]byte
	start, end  machineTimes
}

func (m *machine) read() machineTimes {
	times := machineTimes{cpus: parseCpuTimes(readProc("/proc/stat", m.buffer[:]))}
	for _, own := range m.quotas {
		if value, found := readField(own.stat, own.field); found {
			times.throttledS += float64(value) / own.perSecond
		}
	}
	return times
}

// evidence of what happened on some CPUs; nil if /proc/stat does not show it.
func (m *machine) evidence(cpus []int) *evidence {
	found := &evidence{}
	for _, cpu := range cpus {
		start, known := m.start.cpus[cpu]
		end, still := m.end.cpus[cpu]
		if !known || !still {
			// It is offline.
			continue
		}
		found.Cpus++
		found.BusyS += float64(max(end.busy-start.busy, 0)) / ticksPerSecond
		found.StealS += float64(max(end.steal-start.steal, 0)) / ticksPerSecond
	}
	if found.Cpus == 0 {
		return nil
	}
	if m.quotasKnown {
		throttledS := max(m.end.throttledS-m.start.throttledS, 0)
		found.Throttled = &throttledS
	}
	return found
}

// noteDelays leaves the delay out if the kernel counts none.
func (e *evidence) noteDelays(total schedule, cpuS float64) {
	if total.ran == 0 {
		return
	}
	waitedS := float64(total.waited) / 1e9
	e.RunDelayS = &waitedS
	e.RunDelaySeen = min(float64(total.ran)/1e9/max(cpuS, 1e-9), 1)
}

// parseCpuTimes reads the lines `cpu0 USER NICE SYSTEM IDLE IOWAIT IRQ SOFTIRQ STEAL GUEST GUEST_NICE`. Time of guests
// is part of user and nice.
func parseCpuTimes(stat []byte) map[int]cpuTimes {
	cpus := map[int]cpuTimes{}
	for line := range bytes.Lines(stat) {
		digits, found := bytes.CutPrefix(line, []byte("cpu"))
		if !found {
			break
		}
		if digits[0] == ' ' {
			continue
		}
		var numbers []int
		readNumbers(digits, func(number int) { numbers = append(numbers, number) })
		// A line without its end has been cut off.
		if len(numbers) < 9 || line[len(line)-1] != '\n' {
			break
		}
		times := numbers[1:]
		cpus[numbers[0]] = cpuTimes{busy: times[0] + times[1] + times[2] + times[5] + times[6], steal: times[7]}
	}
	return cpus
}

// readAllowed reads the CPUs of a process's first thread, also once it has ended.
func readAllowed(pid int, buffer []byte) []int {
	_, rest, found := bytes.Cut(readProc(procPath(pid, "/status"), buffer), []byte("\nCpus_allowed_list:"))
	if !found {
		return nil
	}
	list, _, _ := bytes.Cut(rest, []byte{'\n'})
	return parseCpuList(string(list))
}

// parseCpuList reads a list such as `0-3,8`.
func parseCpuList(list string) []int {
	var cpus []int
	for _, span := range strings.Split(strings.TrimSpace(list), ",") {
		first, last, isRange := strings.Cut(span, "-")
		from, err := strconv.Atoi(first)
		to := from
		if isRange && err == nil {
			to, err = strconv.Atoi(last)
		}
		if err != nil {
			return nil
		}
		for cpu := from; cpu <= to; cpu++ {
			cpus = append(cpus, cpu)
		}
	}
	return cpus
}

// quota is a CPU quota that holds for a run.
type quota struct {
	stat, field string
	perSecond   float64
}

// findQuotas lists the quotas that hold for a run, in its own v2 cgroup or else ours, and in our v1 cgroup.
func findQuotas(group string) (quotas []quota, known bool) {
	own := readFile("/proc/self/cgroup")
	mounts := readMounts()
	if mounts.v2 == "" || !strings.HasPrefix(group, mounts.v2+"/") {
		group = filepath.Join(mounts.v2, ownCgroup(own, ""))
	}
	return quotasOf(mounts, group, filepath.Join(mounts.cpu, ownCgroup(own, "cpu")))
}

// quotasOf looks from two cgroups up to the roots of their hierarchies; known is false if there is none.
func quotasOf(mounts cgroupMounts, v2, v1 string) (quotas []quota, known bool) {
	for folder := range upTo(mounts.v2, v2) {
		known = true
		if limit := readFile(filepath.Join(folder, "cpu.max")); limit != "" && !strings.HasPrefix(limit, "max") {
			quotas = append(quotas, quota{filepath.Join(folder, "cpu.stat"), "throttled_usec", 1e6})
		}
	}
	for folder := range upTo(mounts.cpu, v1) {
		known = true
		if limit, found := readNumber(filepath.Join(folder, "cpu.cfs_quota_us")); found && limit > 0 {
			quotas = append(quotas, quota{filepath.Join(folder, "cpu.stat"), "throttled_time", 1e9})
		}
	}
	return quotas, known
}

// upTo visits a folder and those above it up to the mount point of its hierarchy.
func upTo(mount, folder string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		if mount == "" || !strings.HasPrefix(folder, mount) {
			return
		}
		for at := folder; len(at) >= len(mount); at = filepath.Dir(at) {
			if !yield(at) {
				return
			}
		}
	}
}
