//go:build linux

package main

import "bytes"

// sharedNoise is the change of a system's shared memory that is too small to attribute to the run, MB.
const sharedNoise = 1.0

// fileMemory splits what a cgroup is charged for files, in bytes: what the kernel can drop, and what it cannot
// because it is not on a disk (memfd, tmpfs, System V and POSIX shared memory).
type fileMemory struct{ cache, shared int64 }

// splitFiles reads a memory.stat. Kernels that do not report shared memory in a v1 hierarchy keep its pages off the
// file lists: it is the part of the cache that is on none of them.
func splitFiles(stat []byte, file, shared string, lists ...string) fileMemory {
	all := statField(stat, file)
	if value, found := findStat(stat, shared); found {
		return fileMemory{cache: max(all-value, 0), shared: value}
	}
	cache := int64(0)
	for _, list := range lists {
		cache += statField(stat, list)
	}
	cache = min(cache, all)
	return fileMemory{cache: cache, shared: all - cache}
}

func statField(stat []byte, name string) int64 {
	value, _ := findStat(stat, name)
	return value
}

// findStat reads a line such as `file 4096`.
func findStat(stat []byte, name string) (int64, bool) {
	rest := stat
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte{'\n'})
		if digits, found := bytes.CutPrefix(line, []byte(name+" ")); found {
			value := int64(0)
			readNumbers(digits, func(number int) { value = int64(number) })
			return value, true
		}
	}
	return 0, false
}

// systemShared is the shared memory of the whole system plus its huge pages in use, MB: used if there is no cgroup,
// and for huge pages, which a cgroup is not charged for.
type systemShared struct{ shmem, huge float64 }

func readSystemShared(buffer []byte) systemShared {
	text := readProc("/proc/meminfo", buffer)
	pages := 1024 * (readKb(text, "\nHugePages_Total:") - readKb(text, "\nHugePages_Free:"))
	return systemShared{
		shmem: readKb(text, "\nShmem:"),
		huge:  pages * readKb(text, "\nHugepagesize:"),
	}
}

// noteShared records memory that is in no process's RSS: shared memory that no process has mapped, and huge pages. A
// cgroup counts the run's own; the system's count may be anybody's.
func (s *sampler) noteShared(own float64) {
	now := readSystemShared(s.buffer)
	huge := now.huge - s.systemAtStart.huge
	shared := own
	if s.cgroup == nil {
		shared = now.shmem - s.systemAtStart.shmem
	}
	s.peaks.systemMb = max(s.peaks.systemMb, huge)
	if shared < sharedNoise {
		return
	}
	mapped, largest := s.mapped()
	// Freed memory leaves RSS a moment before it is counted as free. So the most that was ever mapped still counts as
	// mapped: the high-water marks of RSS include it.
	s.mappedMb = max(s.mappedMb, mapped)
	unmapped := shared - s.mappedMb
	switch {
	case unmapped < sharedNoise:
	case s.cgroup == nil:
		s.peaks.systemMb = max(s.peaks.systemMb, unmapped+huge)
	default:
		s.peaks.sharedMb = max(s.peaks.sharedMb, unmapped)
		s.peaks.heldMb = max(s.peaks.heldMb, largest+unmapped)
	}
}

// mapped is the shared memory in the RSS of all processes, and the RSS of the largest.
func (s *sampler) mapped() (mapped, largest float64) {
	for pid, process := range s.living {
		mapped += readKb(readProc(procPath(pid, "/status"), s.buffer), "\nRssShmem:")
		largest = max(largest, process.rssMb)
	}
	return mapped, largest
}
