//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"syscall"
)

// delays adds up the time for which the threads of a tree were ready to run and waited for a CPU.
type delays struct {
	taskstats *taskstats
	buffer    []byte
	// seen holds live processes, and those that their own parents have waited for, as last seen.
	seen   map[int]schedule
	reaped schedule
}

// schedule is how long threads ran, and how long they waited for a CPU, ns.
type schedule struct{ ran, waited uint64 }

func (s schedule) plus(other schedule) schedule {
	return schedule{s.ran + other.ran, s.waited + other.waited}
}

func newDelays(stats *taskstats, buffer []byte) *delays {
	return &delays{taskstats: stats, buffer: buffer, seen: map[int]schedule{}}
}

// look reads the threads of a process so far. A process that has ended and is not yet reaped still has its figures.
func (d *delays) look(pid int) {
	if now := d.read(pid); now.ran >= d.seen[pid].ran {
		d.seen[pid] = now
	}
}

// reap takes the last figures of a process that is about to be waited for: its pid may be used again.
func (d *delays) reap(pid int) {
	d.look(pid)
	d.reaped = d.reaped.plus(d.seen[pid])
	delete(d.seen, pid)
}

func (d *delays) total() schedule {
	sum := d.reaped
	for _, own := range d.seen {
		sum = sum.plus(own)
	}
	return sum
}

// read prefers taskstats, which has exited threads too. Without it, only the threads that are there count.
func (d *delays) read(pid int) (sum schedule) {
	if d.taskstats != nil {
		// A process that never had a second thread has no figures of its group once it has ended.
		group, task := d.taskstats.read(attrTgid, pid), d.taskstats.read(attrPid, pid)
		if group.ran > task.ran {
			return group
		}
		return task
	}
	threads, _ := os.ReadDir(procPath(pid, "/task"))
	for _, thread := range threads {
		var numbers []uint64
		readNumbers(readProc(procPath(pid, "/task/"+thread.Name()+"/schedstat"), d.buffer), func(number int) {
			numbers = append(numbers, uint64(number))
		})
		if len(numbers) == 3 {
			sum = sum.plus(schedule{ran: numbers[0], waited: numbers[1]})
		}
	}
	return sum
}

// taskstats asks the kernel for the figures of a process over netlink, which takes CAP_NET_ADMIN.
type taskstats struct {
	fd     int
	family uint16
	serial uint32
	buffer [4096]byte
}

const (
	netlinkGeneric = 16
	controlFamily  = 16
	getFamily      = 3
	attrFamilyId   = 1
	attrFamilyName = 2
	getStats       = 1

	attrPid, attrTgid = 1, 2
	attrStats         = 3
	aggrPid, aggrTgid = 4, 5
	headerBytes       = syscall.NLMSG_HDRLEN + 4
	attrHeaderBytes   = 4
	attrTypeMask      = 0x3fff
	// Offsets in struct taskstats of cpu_delay_total and cpu_run_virtual_total.
	waitedAt, ranAt     = 24, 72
	taskstatsPatienceMs = 100
)

// openTaskstats returns nil where the system does not allow it.
func openTaskstats() *taskstats {
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, netlinkGeneric)
	if err != nil {
		return nil
	}
	patience := syscall.NsecToTimeval(taskstatsPatienceMs * 1e6)
	_ = syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &patience)
	t := &taskstats{fd: fd, family: controlFamily}
	name := t.ask(getFamily, attrFamilyName, []byte("TASKSTATS\x00"))
	id, found := findAttr(name, attrFamilyId)
	if found && len(id) >= 2 {
		t.family = binary.NativeEndian.Uint16(id)
		if t.read(attrPid, os.Getpid()).ran > 0 {
			return t
		}
	}
	_ = syscall.Close(fd)
	return nil
}

// read returns the figures of a task or of a whole thread group; all zero if the kernel gives none.
func (t *taskstats) read(attr uint16, pid int) schedule {
	aggregate := uint16(aggrPid)
	if attr == attrTgid {
		aggregate = aggrTgid
	}
	reply := t.ask(getStats, attr, binary.NativeEndian.AppendUint32(nil, uint32(pid)))
	inner, _ := findAttr(reply, aggregate)
	stats, _ := findAttr(inner, attrStats)
	if len(stats) < ranAt+8 {
		return schedule{}
	}
	return schedule{
		ran:    binary.NativeEndian.Uint64(stats[ranAt:]),
		waited: binary.NativeEndian.Uint64(stats[waitedAt:]),
	}
}

// ask sends one request and returns the attributes of its reply; nil for an error.
func (t *taskstats) ask(command byte, attr uint16, value []byte) []byte {
	t.serial++
	padded := (len(value) + 3) &^ 3
	native := binary.NativeEndian
	message := native.AppendUint32(nil, uint32(headerBytes+attrHeaderBytes+padded))
	message = native.AppendUint16(message, t.family)
	message = native.AppendUint16(message, syscall.NLM_F_REQUEST)
	message = native.AppendUint32(message, t.serial)
	message = native.AppendUint32(message, 0)
	message = append(message, command, 1, 0, 0)
	message = native.AppendUint16(message, uint16(attrHeaderBytes+len(value)))
	message = native.AppendUint16(message, attr)
	message = append(append(message, value...), make([]byte, padded-len(value))...)
	if err := syscall.Sendto(t.fd, message, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return nil
	}
	for {
		n, _, err := syscall.Recvfrom(t.fd, t.buffer[:], 0)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || n < headerBytes {
			return nil
		}
		reply := t.buffer[:n]
		// A late reply to a request that was given up is not ours.
		if native.Uint32(reply[8:]) != t.serial {
			continue
		}
		if native.Uint16(reply[4:]) != t.family {
			return nil
		}
		return reply[headerBytes:]
	}
}

// findAttr finds an attribute among others: length, type and value, aligned to four bytes.
func findAttr(attrs []byte, kind uint16) ([]byte, bool) {
	for len(attrs) >= attrHeaderBytes {
		length := int(binary.NativeEndian.Uint16(attrs))
		if length < attrHeaderBytes || length > len(attrs) {
			return nil, false
		}
		if binary.NativeEndian.Uint16(attrs[2:])&attrTypeMask == kind {
			return bytes.Clone(attrs[attrHeaderBytes:length]), true
		}
		attrs = attrs[min((length+3)&^3, len(attrs)):]
	}
	return nil, false
}
