package sfu

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxSpatial  = 4
	maxTemporal = 4
	meterWindow = 500 * time.Millisecond
	meterWeight = 0.5 // of the newest window
)

// meter measures what the layers of one stream cost. One goroutine counts, any may look.
type meter struct {
	bytes    [maxSpatial][maxTemporal]atomic.Uint64
	pictures atomic.Uint64
	begun    atomic.Pointer[time.Time] // when the first packet was counted

	mu      sync.Mutex
	at      time.Time
	before  [maxSpatial][maxTemporal]uint64
	rates   [maxSpatial][maxTemporal]float64 // bits a second
	spatial int                              // layers seen so far
}

func (m *meter) count(spatial, temporal uint8, bytes int, picture bool, now time.Time) {
	if m.begun.Load() == nil {
		begun := now // so that no packet but the first costs memory
		m.begun.Store(&begun)
	}
	m.bytes[min(spatial, maxSpatial-1)][min(temporal, maxTemporal-1)].Add(uint64(bytes))
	if picture {
		m.pictures.Add(1)
	}
}

// look returns the rates in bits a second, each layer alone, and how many spatial layers there were. A layer that stopped
// counts as its former rate halves; one that nobody saw has none.
func (m *meter) look(now time.Time) (rates [maxSpatial][maxTemporal]float64, spatial int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	begun := m.begun.Load()
	if begun == nil {
		return m.rates, m.spatial
	}
	if m.at.IsZero() {
		m.at = *begun
	}
	past := now.Sub(m.at)
	if past < meterWindow {
		return m.rates, m.spatial
	}
	for s := range m.bytes {
		for t := range m.bytes[s] {
			bytes := m.bytes[s][t].Load()
			rate := float64(bytes-m.before[s][t]) * 8 / past.Seconds()
			if m.rates[s][t] > 0 {
				rate = meterWeight*rate + (1-meterWeight)*m.rates[s][t]
			}
			m.before[s][t], m.rates[s][t] = bytes, rate
			if bytes > 0 {
				m.spatial = max(m.spatial, s+1)
			}
		}
	}
	m.at = now
	return m.rates, m.spatial
}
