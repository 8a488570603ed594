package load

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

// ErrProcess says that a process cannot be looked into.
var ErrProcess = errors.New("load: no such process to look into")

// ticks a second in /proc: 100 on every Linux that Go runs on.
const ticks = 100

// usage is what a process has used of its processor, and has of memory.
type usage struct {
	cpu time.Duration
	rss int64 // bytes
}

// look reads /proc/<pid>/stat, proc(5): fields 14 and 15 are user and system time, 24 the resident pages.
func look(pid int) (usage, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return usage{}, fmt.Errorf("%w: %d", ErrProcess, pid)
	}
	_, text, _ = bytes.Cut(text, []byte(") ")) // the name may hold anything but that
	const state, user, system, resident = 3, 14, 15, 24
	fields := bytes.Fields(text)
	if len(fields) <= resident-state {
		return usage{}, fmt.Errorf("%w: %d", ErrProcess, pid)
	}
	var numbers [3]int64
	for i, field := range []int{user, system, resident} {
		if numbers[i], err = strconv.ParseInt(string(fields[field-state]), 10, 64); err != nil {
			return usage{}, fmt.Errorf("%w: %d", ErrProcess, pid)
		}
	}
	return usage{time.Duration(numbers[0]+numbers[1]) * time.Second / ticks, numbers[2] * int64(os.Getpagesize())}, nil
}
