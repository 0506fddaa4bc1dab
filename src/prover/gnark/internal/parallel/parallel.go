// Package parallel shares work among threads.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Pieces calls work on consecutive pieces of [0, n), on as many threads as the process may use.
// Pieces are smaller than n / threads, so that one slow thread does not hold up the others.
func Pieces(n, piece int, work func(start, end int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				end := int(next.Add(int64(piece)))
				if end-piece >= n {
					return
				}
				work(end-piece, min(end, n))
			}
		}()
	}
	wg.Wait()
}
