//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
	"unsafe"
)

// pages asks for files to be in the page cache (warm), or not to be there (cold).
type pages struct {
	State string   `json:"state"`
	Files []string `json:"files"`
}

// settled is what the kernel says of the pages of those files afterwards.
type settled struct {
	Pages int64 `json:"pages"`
	// Wrong are the pages that are in the other state.
	Wrong int64 `json:"wrong"`
	// Refused is the file for which the state cannot be had or cannot be known, and Why says why.
	Refused string `json:"refused,omitempty"`
	Why     string `json:"why,omitempty"`
}

const (
	fadviseDontNeed = 4
	// mincoreChunk is mapped at a time: its answer has a byte for each page.
	mincoreChunk = 256 << 20
	// Pages that are on their way to the disk, or in a list of one CPU, can be dropped a moment later.
	dropAttempts = 3
	dropPause    = 10 * time.Millisecond
)

// uncachedFilesystems keep their pages in memory, or in their own cache, which the page cache does not show.
var uncachedFilesystems = map[int64]string{
	0x01021994: "tmpfs",
	0x858458f6: "ramfs",
	0x958458f6: "hugetlbfs",
	0x2fc12fc1: "zfs",
}

// settle puts all files into the state, and then looks at all of them.
func (p *pages) settle() *settled {
	found := &settled{}
	for _, each := range []func(*os.File) error{checkKnowable, p.put, found.count(p.State)} {
		for _, path := range p.Files {
			if err := withFile(path, each); err != nil {
				found.Refused, found.Why = path, err.Error()
				return found
			}
		}
	}
	return found
}

func withFile(path string, use func(*os.File) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return use(file)
}

// checkKnowable refuses what has no page cache of its own, and files of others: for these the kernel says that every
// page is there.
func checkKnowable(file *os.File) error {
	var fs syscall.Statfs_t
	if err := syscall.Fstatfs(int(file.Fd()), &fs); err != nil {
		return err
	}
	if name := uncachedFilesystems[int64(fs.Type)]; name != "" {
		return fmt.Errorf("it is on %s", name)
	}
	var stat syscall.Stat_t
	if err := syscall.Fstat(int(file.Fd()), &stat); err != nil {
		return err
	}
	const writable = 2
	if user := os.Geteuid(); user != 0 && int(stat.Uid) != user && syscall.Access(file.Name(), writable) != nil {
		return fmt.Errorf("the kernel tells only its owner, or who may write it, which of its pages are cached")
	}
	return nil
}

func (p *pages) put(file *os.File) error {
	if p.State == "warm" {
		_, err := io.Copy(io.Discard, file)
		return err
	}
	// Only pages that are on the disk can be dropped.
	if err := file.Sync(); err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		if _, _, errno := syscall.Syscall6(syscall.SYS_FADVISE64, file.Fd(), 0, 0, fadviseDontNeed, 0, 0); errno != 0 {
			return errno
		}
		_, resident, err := countPages(file)
		if err != nil || resident == 0 || attempt == dropAttempts {
			return err
		}
		time.Sleep(dropPause)
	}
}

func (s *settled) count(state string) func(*os.File) error {
	return func(file *os.File) error {
		all, resident, err := countPages(file)
		s.Pages += all
		if state == "warm" {
			s.Wrong += all - resident
		} else {
			s.Wrong += resident
		}
		return err
	}
}

// countPages asks mincore, which does not touch the pages.
func countPages(file *os.File) (all, resident int64, err error) {
	info, err := file.Stat()
	if err != nil {
		return 0, 0, err
	}
	pageSize := int64(os.Getpagesize())
	for at := int64(0); at < info.Size(); at += mincoreChunk {
		length := min(info.Size()-at, mincoreChunk)
		mapped, err := syscall.Mmap(int(file.Fd()), at, int(length), syscall.PROT_READ, syscall.MAP_SHARED)
		if err != nil {
			return all, resident, err
		}
		states := make([]byte, (length+pageSize-1)/pageSize)
		err = mincore(mapped, states)
		_ = syscall.Munmap(mapped)
		if err != nil {
			return all, resident, err
		}
		all += int64(len(states))
		for _, state := range states {
			resident += int64(state & 1)
		}
	}
	return all, resident, nil
}

func mincore(mapped, states []byte) error {
	_, _, errno := syscall.Syscall(syscall.SYS_MINCORE, uintptr(unsafe.Pointer(&mapped[0])), uintptr(len(mapped)), uintptr(unsafe.Pointer(&states[0])))
	if errno != 0 {
		return errno
	}
	return nil
}
