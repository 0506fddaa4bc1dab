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

func TestSplitFiles(t *testing.T) {
	for name, test := range map[string]struct {
		stat string
		want fileMemory
	}{
		"v2":               {"anon 10\nfile_mapped 7\nfile 4096\nfile_dirty 3\nshmem 96\n", fileMemory{4000, 96}},
		"first line":       {"file 4096\nshmem 4096\n", fileMemory{0, 4096}},
		"shmem is unknown": {"file 4096\ninactive_file 1000\nactive_file 96\n", fileMemory{1096, 3000}},
		"lists are larger": {"file 100\ninactive_file 90\nactive_file 20\n", fileMemory{100, 0}},
		"nothing":          {"anon 10\n", fileMemory{}},
	} {
		if got := splitFiles([]byte(test.stat), "file", "shmem", "inactive_file", "active_file"); got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
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
