//go:build linux

package main

import "testing"

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
