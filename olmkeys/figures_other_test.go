//go:build !linux

package olmkeys

import "time"

// timed counts how long an agent of this process takes.
func (m *member) timed(f func()) {
	began := time.Now()
	f()
	m.ms += float64(time.Since(began)) / 1e6
}
