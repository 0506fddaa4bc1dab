//go:build linux

package main

import "bytes"

// sharedNoise is what a system's shared memory moves by without the run, and what is not worth a look, MB.
const sharedNoise = 1.0

// fileMemory splits what a cgroup is charged for files, in bytes: what the kernel can drop, and what it cannot because
// no disk holds it (memfd, tmpfs, System V and POSIX shared memory).
type fileMemory struct{ cache, shared int64 }

// splitFiles reads a memory.stat. Kernels that do not name shared memory in a v1 hierarchy keep its pages off the
// lists of files: there it is what of the cache stands on none of them.
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

// systemShared is the shared memory of the whole system and its huge pages in use, MB: what can be known where there is
// no cgroup, and of huge pages, which a cgroup is not charged for.
type systemShared struct{ shmem, huge float64 }

func readSystemShared(buffer []byte) systemShared {
	text := readProc("/proc/meminfo", buffer)
	pages := 1024 * (readKb(text, "\nHugePages_Total:") - readKb(text, "\nHugePages_Free:"))
	return systemShared{
		shmem: readKb(text, "\nShmem:"),
		huge:  pages * readKb(text, "\nHugepagesize:"),
	}
}

// noteShared takes down what is in no process's RSS: shared memory that none has mapped, and huge pages. What a cgroup
// counts is the run's own; what the system counts may be anybody's.
func (s *sampler) noteShared(own float64) {
	now := readSystemShared(s.buffer)
	huge := now.huge - s.systemAtStart.huge
	shared := own
	if s.cgroup == nil {
		shared = now.shmem - s.systemAtStart.shmem
	}
	s.systemMb = max(s.systemMb, huge)
	if shared < sharedNoise {
		return
	}
	mapped, largest := s.mapped()
	// What is given back leaves RSS a moment before it is free, so the most that was ever mapped counts as mapped still:
	// the marks of RSS hold it.
	s.mappedMb = max(s.mappedMb, mapped)
	unmapped := shared - s.mappedMb
	switch {
	case unmapped < sharedNoise:
	case s.cgroup == nil:
		s.systemMb = max(s.systemMb, unmapped+huge)
	default:
		s.sharedMb = max(s.sharedMb, unmapped)
		s.heldMb = max(s.heldMb, largest+unmapped)
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
