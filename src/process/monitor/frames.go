//go:build linux

package main

import (
	"encoding/binary"
	"encoding/json"
	"syscall"
)

// A frame is its kind in one byte, the length of its payload in four (little endian), the payload, and a newline: what
// stands between us and the reader, srun for one, may hold back all that is no whole line.
const (
	frameStarted = 's' // JSON: started
	frameOutput  = 'o' // bytes as the process wrote them
	frameSample  = 'm' // JSON: sample
	frameEnded   = 'e' // JSON: ended
)

type started struct {
	Pid    int    `json:"pid"`
	Cgroup string `json:"cgroup"`
}

type sample struct {
	ElapsedMs float64 `json:"elapsed_ms"`
	RssMb     float64 `json:"rss_mb"`
	PeakMb    float64 `json:"peak_mb"`
}

// ended says all that is known of a run when its whole tree is over. Absent figures could not be had.
type ended struct {
	SpawnError string `json:"spawn_error,omitempty"`
	ExitCode   *int   `json:"exit_code"`
	Signal     *int   `json:"signal"`
	// Why the monitor ended the run: timeout, memory_limit, or the word of the request.
	Cause     string  `json:"cause,omitempty"`
	OomKilled bool    `json:"oom_killed"`
	LimitBy   string  `json:"limit_by,omitempty"`
	WallMs    float64 `json:"wall_ms"`
	CpuUserS  float64 `json:"cpu_user_s"`
	CpuSysS   float64 `json:"cpu_sys_s"`
	// Whether the run was one process from start to end.
	Single bool `json:"single"`
	// Processes that outlived the one that was asked for and had to be killed.
	LeftOver  int      `json:"left_over"`
	HwmMb     *float64 `json:"hwm_mb,omitempty"`
	HwmAtExit bool     `json:"hwm_at_exit"`
	CgroupMb  *float64 `json:"cgroup_mb,omitempty"`
	// The most page cache that may stand in the cgroup's peak.
	CgroupFileMb *float64 `json:"cgroup_file_mb,omitempty"`
	// Shared memory of the cgroup that was in no process's RSS, and the most that it and the largest process held at once.
	SharedMb *float64 `json:"shared_mb,omitempty"`
	HeldMb   *float64 `json:"held_mb,omitempty"`
	// What shared memory and huge pages of the whole system grew by, where nobody counts those of the run.
	SystemSharedMb *float64 `json:"system_shared_mb,omitempty"`
	SampledRssMb   *float64 `json:"sampled_rss_mb,omitempty"`
	SampledPssMb   *float64 `json:"sampled_pss_mb,omitempty"`
}

// frameWriter never blocks: while the reader is slow, frames wait, and nothing more is read from the process.
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
