//go:build linux

package main

import (
	"encoding/binary"
	"encoding/json"
	"syscall"
)

// A frame is one byte for its kind, four for the length of its payload (little endian), the payload, and a newline: a
// program between us and the reader, such as srun, may hold back incomplete lines.
const (
	frameStarted = 's' // JSON: started
	frameOutput  = 'o' // bytes as the process wrote them
	frameSample  = 'm' // JSON: sample
	frameMoment  = 'k' // JSON: moment
	frameEnded   = 'e' // JSON: ended
)

type started struct {
	Pid    int    `json:"pid"`
	Cgroup string `json:"cgroup"`
}

type sample struct {
	ElapsedMs float64 `json:"elapsedMs"`
	RssMb     float64 `json:"rssMb"`
	PeakMb    float64 `json:"peakMb"`
}

// facts say how a run ended.
type facts struct {
	SpawnError string `json:"spawnError,omitempty"`
	ExitCode   *int   `json:"exitCode"`
	Signal     *int   `json:"signal"`
	// Why the monitor ended the run: timeout, memory_limit, or the word of the request.
	Cause     string `json:"cause,omitempty"`
	OomKilled bool   `json:"oomKilled"`
	LimitBy   string `json:"limitBy,omitempty"`
	// Processes that outlived the main process and had to be killed.
	LeftOver int `json:"leftOver"`
}

// ended is all that is known of a run once its whole tree has ended. Figures that are not available are absent.
type ended struct {
	facts    `json:"facts"`
	WallMs   float64 `json:"wallMs"`
	CpuUserS float64 `json:"cpuUserS"`
	CpuSysS  float64 `json:"cpuSysS"`
	memory   `json:"memory"`
	Evidence *evidence `json:"others,omitempty"`
	// Pages is all that there is for a request that only prepares files.
	Pages *settled `json:"pages,omitempty"`
}

// frameWriter never blocks: while the reader is slow, frames are queued and nothing more is read from the process.
type frameWriter struct {
	fd      int
	pending []byte
	broken  bool
}

func (w *frameWriter) busy() bool { return len(w.pending) > 0 }

func (w *frameWriter) write(kind byte, payload []byte) {
	header := binary.LittleEndian.AppendUint32([]byte{kind}, uint32(len(payload)))
	w.pending = append(append(append(w.pending, header...), payload...), '\n')
	w.flush()
}

func (w *frameWriter) writeJSON(kind byte, value any) {
	payload, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	w.write(kind, payload)
}

// drain waits until the reader has everything, or is gone.
func (w *frameWriter) drain() (open bool) {
	for w.busy() && !w.broken {
		poll([]pollFd{{fd: replyFd, events: pollOut}}, -1)
		w.flush()
	}
	return !w.broken
}

func (w *frameWriter) flush() {
	for len(w.pending) > 0 && !w.broken {
		n, err := syscall.Write(w.fd, w.pending)
		switch err {
		case nil:
			w.pending = w.pending[n:]
		case syscall.EINTR:
		case syscall.EAGAIN:
			return
		default:
			w.broken = true
		}
	}
	w.pending = w.pending[:0]
}
