//go:build linux

package main

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

var pageMb = float64(os.Getpagesize()) / (1 << 20)

// procFile is an open file of /proc or of a cgroup. Reads are raw system calls: the sampler makes about a thousand a
// second, and announcing each to Go's scheduler costs more than the read.
type procFile int

const noFile procFile = -1

func openProc(path string) procFile {
	terminated := append([]byte(path), 0)
	fd, _, errno := syscall.RawSyscall6(syscall.SYS_OPENAT, atFdCwd, uintptr(unsafe.Pointer(&terminated[0])),
		syscall.O_RDONLY|syscall.O_CLOEXEC, 0, 0, 0)
	if errno != 0 {
		return noFile
	}
	return procFile(fd)
}

// atFdCwd is AT_FDCWD, -100, in the form that the kernel takes.
const atFdCwd = ^uintptr(99)

// read fills the buffer from the start of the file; the rest is cut off.
func (f procFile) read(buffer []byte) []byte {
	length := 0
	for f != noFile && length < len(buffer) {
		n, _, errno := syscall.RawSyscall6(syscall.SYS_PREAD64, uintptr(f), uintptr(unsafe.Pointer(&buffer[length])),
			uintptr(len(buffer)-length), uintptr(length), 0, 0)
		if errno != 0 || n == 0 {
			break
		}
		length += int(n)
	}
	return buffer[:length]
}

// readOnce is for files that are read in one piece: it saves the call that detects the end.
func (f procFile) readOnce(buffer []byte) []byte {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_PREAD64, uintptr(f), uintptr(unsafe.Pointer(&buffer[0])),
		uintptr(len(buffer)), 0, 0, 0)
	if f == noFile || errno != 0 {
		return nil
	}
	return buffer[:n]
}

func (f procFile) close() {
	if f != noFile {
		_, _, _ = syscall.RawSyscall(syscall.SYS_CLOSE, uintptr(f), 0, 0)
	}
}

func readProc(path string, buffer []byte) []byte {
	file := openProc(path)
	defer file.close()
	return file.read(buffer)
}

func procPath(pid int, rest string) string { return "/proc/" + strconv.Itoa(pid) + rest }

// readNumbers calls back for each number in a text of numbers and white space.
func readNumbers(text []byte, take func(int)) {
	number, inside := 0, false
	for _, char := range text {
		if char >= '0' && char <= '9' {
			number, inside = number*10+int(char-'0'), true
		} else if inside {
			take(number)
			number, inside = 0, false
		}
	}
	if inside {
		take(number)
	}
}

// readHwmMb is the peak RSS of a live process.
func readHwmMb(pid int, buffer []byte) float64 {
	return readKb(readProc(procPath(pid, "/status"), buffer), "\nVmHWM:")
}

// readPssMb is the memory of a process, counting a page shared by n processes as 1/n. It is slow for large processes,
// and zero if the process may not be inspected.
func readPssMb(pid int, buffer []byte) float64 {
	return readKb(readProc(procPath(pid, "/smaps_rollup"), buffer), "\nPss:")
}

func readKb(text []byte, key string) float64 {
	at := bytes.Index(text, []byte(key))
	if at < 0 {
		return 0
	}
	line, _, _ := bytes.Cut(text[at+len(key):], []byte{'\n'})
	kb := 0.0
	readNumbers(line, func(number int) { kb = float64(number) })
	return kb / 1024
}

// hadChildren says whether a zombie has itself waited for any children: their page faults are in its stat, and no
// process is without any.
func hadChildren(pid int, buffer []byte) bool {
	fields := statFields(readProc(procPath(pid, "/stat"), buffer))
	return len(fields) < 9 || fields[8] != "0"
}

// statFields are the fields of a stat file from the third one, the process state: the name before them may contain
// spaces and brackets.
func statFields(stat []byte) []string {
	at := bytes.LastIndex(stat, []byte(") "))
	if at < 0 {
		return nil
	}
	return strings.Fields(string(stat[at+2:]))
}

// readOomKills counts all processes that the kernel has ever killed because memory ran out.
func readOomKills() int64 {
	kills, _ := readField("/proc/vmstat", "oom_kill")
	return kills
}
