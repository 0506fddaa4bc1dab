//go:build linux

package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const statAtStart = `cpu  30 0 10 400 5 1 1 4 0 0
cpu0 10 2 5 200 3 1 1 4 9 1
cpu1 20 0 5 200 2 0 0 0 0 0
intr 5 cpu
`

const statAtEnd = `cpu  30 0 10 400 5 1 1 4 0 0
cpu0 60 2 15 210 3 2 2 24 9 1
cpu1 25 0 5 290 2 0 0 0 0 0
intr 5 cpu
`

func TestEvidenceIsThatOfTheCpusThatTheRunCouldUse(t *testing.T) {
	m := &machine{
		start: machineTimes{cpus: parseCpuTimes([]byte(statAtStart)), throttledS: 1},
		end:   machineTimes{cpus: parseCpuTimes([]byte(statAtEnd)), throttledS: 3},
	}
	// CPU 7 is offline.
	all := m.evidence([]int{0, 1, 7})
	if all.Cpus != 2 || all.BusyS != 0.67 || all.StealS != 0.2 || all.Throttled != nil {
		t.Errorf("got %+v", all)
	}
	m.quotasKnown = true
	second := m.evidence([]int{1})
	if second.Cpus != 1 || second.BusyS != 0.05 || second.StealS != 0 || *second.Throttled != 2 {
		t.Errorf("got %+v", second)
	}
	if none := m.evidence([]int{7}); none != nil {
		t.Errorf("got %+v of a CPU that is not there", none)
	}
}

func TestParseCpuTimesLeavesOutWhatWasCutOff(t *testing.T) {
	if got := parseCpuTimes([]byte(statAtStart[:70])); len(got) != 1 {
		t.Errorf("got %v", got)
	}
	if got := parseCpuTimes(nil); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestParseCpuList(t *testing.T) {
	for list, want := range map[string][]int{"\t0-2,8\n": {0, 1, 2, 8}, "3": {3}, "": nil, "1-x": nil} {
		if got := parseCpuList(list); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", list, got, want)
		}
	}
}

func TestThrottlingOfEveryCgroupAboveCounts(t *testing.T) {
	mount := t.TempDir()
	folder := filepath.Join(mount, "slice", "job")
	write(t, filepath.Join(folder, "cpu.max"), "max 100000\n")
	write(t, filepath.Join(folder, "cpu.stat"), "usage_usec 9\nthrottled_usec 7000000\n")
	write(t, filepath.Join(mount, "slice", "cpu.max"), "50000 100000\n")
	write(t, filepath.Join(mount, "slice", "cpu.stat"), "usage_usec 9\nthrottled_usec 2500000\n")
	m := &machine{}
	m.quotas, m.quotasKnown = quotasOf(cgroupMounts{v2: mount}, folder, "")
	if got := m.read().throttledS; !m.quotasKnown || got != 2.5 {
		t.Errorf("v2: got %v", got)
	}

	write(t, filepath.Join(mount, "cpu", "job", "cpu.cfs_quota_us"), "50000\n")
	write(t, filepath.Join(mount, "cpu", "job", "cpu.stat"), "nr_throttled 4\nthrottled_time 1500000000\n")
	write(t, filepath.Join(mount, "cpu", "cpu.cfs_quota_us"), "-1\n")
	m.quotas, m.quotasKnown = quotasOf(cgroupMounts{cpu: filepath.Join(mount, "cpu")}, "", filepath.Join(mount, "cpu", "job"))
	if got := m.read().throttledS; !m.quotasKnown || got != 1.5 {
		t.Errorf("v1: got %v", got)
	}
	if _, known := quotasOf(cgroupMounts{}, "", ""); known {
		t.Error("knows of quotas without a hierarchy")
	}
}

func write(t *testing.T, path, text string) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFirstCpusAreThoseThatAreAllowed(t *testing.T) {
	var allowed cpuSet
	allowed[0], allowed[1] = 0b1011_0000, 0b1
	held, found := allowed.first(2)
	if found != 2 || held[0] != 0b0011_0000 || held[1] != 0 {
		t.Errorf("2 of 4: %d, %b %b", found, held[0], held[1])
	}
	if held, found := allowed.first(9); found != 4 || held != allowed {
		t.Errorf("all of 4: %d, %b", found, held[0])
	}
}
