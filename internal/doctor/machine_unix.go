//go:build unix

package doctor

import (
	"fmt"
	"syscall"
)

func files(r *Report) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		r.skip("open files", "the system does not say how many there may be")
		return
	}
	if uint64(limit.Max) < leastFiles {
		r.warn("open files", fmt.Sprintf("LimitNOFILE=%d in the systemd unit, or ulimit -n", 8*leastFiles), "there may be %d, enough for some %d people", limit.Max, limit.Max/4)
		return
	}
	r.ok("open files", "there may be %d", limit.Max)
}
