package olmkeys

import (
	"runtime"
	"syscall"
	"unsafe"
)

// threadTime is what this thread has worked, whatever else the machine does.
func threadTime() float64 {
	const threadClock = 3 // CLOCK_THREAD_CPUTIME_ID
	var t syscall.Timespec
	if _, _, err := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&t)), 0); err != 0 {
		panic(err)
	}
	return float64(t.Nano()) / 1e6
}

// timed counts what an agent of this process works.
func (m *member) timed(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	began := threadTime()
	f()
	m.ms += threadTime() - began
}
