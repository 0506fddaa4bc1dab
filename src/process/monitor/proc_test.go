//go:build linux

package main

import (
	"testing"
	"time"
)

func TestStatFieldsSurviveNamesWithBrackets(t *testing.T) {
	fields := statFields([]byte("7 (a) S 1 (b)) Z 42 7 7 0 -1 0 5 6\n"))
	if len(fields) != 9 || fields[0] != "Z" || fields[1] != "42" || fields[8] != "6" {
		t.Errorf("got %q", fields)
	}
	if got := statFields([]byte("torn")); got != nil {
		t.Errorf("got %q for a text that is no stat", got)
	}
}

func TestDescendsFromEndsInALoop(t *testing.T) {
	parents := map[int]int{5: 4, 4: 3, 3: 1, 8: 9, 9: 8}
	for pid, want := range map[int]bool{5: true, 3: true, 8: false, 77: false} {
		if got := descendsFrom(parents, pid, 1); got != want {
			t.Errorf("pid %d: got %v, want %v", pid, got, want)
		}
	}
}

func TestPaceGrowsWithAgeAndStaysWithinItsLimits(t *testing.T) {
	var young pace
	if got := young.next(0, true); got != firstSampleInterval {
		t.Errorf("first interval: got %v", got)
	}
	if got := young.next(10*time.Millisecond, true); got != 5*time.Millisecond {
		t.Errorf("interval at 10 ms: got %v", got)
	}
	costly := pace{cost: time.Second}
	if got := costly.next(time.Minute, false); got != longestSampleInterval {
		t.Errorf("costly interval: got %v", got)
	}
	cheap := pace{cost: time.Microsecond}
	if got := cheap.next(time.Minute, false); got != sampleInterval {
		t.Errorf("cheap interval: got %v", got)
	}
}

func TestFindExecutableUsesTheRunsOwnPath(t *testing.T) {
	found, err := findExecutable(request{File: "sh", Env: []string{"PATH=/nowhere:/bin"}})
	if err != nil || found != "/bin/sh" {
		t.Errorf("got %q, %v", found, err)
	}
	if _, err := findExecutable(request{File: "sh", Env: []string{"PATH=/nowhere"}}); err == nil {
		t.Error("found sh where there is none")
	}
}
