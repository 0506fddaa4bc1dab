//go:build linux

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOwnCgroupTellsTheHierarchiesApart(t *testing.T) {
	hybrid := "9:name=systemd:/\n4:memory:/batch/job\n2:cpu,cpuacct:/x\n0::/user.slice/a:b\n"
	for controller, want := range map[string]string{"": "/user.slice/a:b", "memory": "/batch/job", "cpuacct": "/x", "pids": ""} {
		if got := ownCgroup(hybrid, controller); got != want {
			t.Errorf("controller %q: got %q, want %q", controller, got, want)
		}
	}
}

func TestReadStatTakesTheWholeName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "memory.stat")
	text := "anon 10\nfile_mapped 7\nfile 4096\nfile_dirty 3\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := readStat(path, "file", make([]byte, 1024)); got != 4096 {
		t.Errorf("got %d, want 4096", got)
	}
	if got := readStat(path, "absent", make([]byte, 1024)); got != 0 {
		t.Errorf("got %d for a name that is not there", got)
	}
}

func TestReadPidsLeavesOurselvesOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cgroup.procs")
	text := "12\n" + filepath.Base(readLink(t, "/proc/self")) + "\n345\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got := readPids(path, make([]byte, 1024))
	if len(got) != 2 || got[0] != 12 || got[1] != 345 {
		t.Errorf("got %v, want [12 345]", got)
	}
}

func readLink(t *testing.T, path string) string {
	target, err := os.Readlink(path)
	if err != nil {
		t.Fatal(err)
	}
	return target
}
