//go:build !windows

package keystore

import (
	"os"
	"syscall"
)

// tryLock ends with the process, however that ends.
func tryLock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
