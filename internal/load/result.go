package load

import (
	"time"
)

// Result is what was measured.
type Result struct {
	Publishers  int     `json:"publishers"`
	Subscribers int     `json:"subscribers"` // besides the publishers, who receive as well
	Seconds     float64 `json:"seconds"`
	Joined      Times   `json:"joined"`      // from dialling to being in the call
	FirstFrame  Times   `json:"first_frame"` // from dialling to the first frame of each publisher
	Video       Media   `json:"video"`
	Audio       Media   `json:"audio"`
	Received    float64 `json:"received_bits_per_second"` // of opened frames, by all together
	Server      *Server `json:"server,omitempty"`
}

// Times are in milliseconds.
type Times struct {
	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
	Max float64 `json:"max_ms"`
}

// Media is about the frames of one kind. Latency is from before sealing to the arrival of a frame's
// last packet.
type Media struct {
	Sent     int64   `json:"frames_sent"`     // by the publishers
	Expected int64   `json:"frames_expected"` // by all receivers together
	Opened   int64   `json:"frames_opened"`
	Loss     float64 `json:"loss"` // 1 - opened / expected
	Latency  Times   `json:"latency"`
}

// Server is about the server's process.
type Server struct {
	PID            int     `json:"pid"`
	Cores          float64 `json:"cores"`               // used, in the time that was measured
	RSS            float64 `json:"rss_mib"`             // at its end
	PerParticipant float64 `json:"kib_per_participant"` // more than before they joined
}

const mebi, kibi = 1 << 20, 1 << 10

func milliseconds(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond)) / float64(time.Millisecond)
}

func (h *histogram) times() Times {
	return Times{milliseconds(h.quantile(0.5)), milliseconds(h.quantile(0.99)), milliseconds(h.most)}
}

func mediaOf(sent, receivers int64, h *histogram) Media {
	m := Media{Sent: sent, Expected: sent * receivers, Opened: h.all, Latency: h.times()}
	if m.Expected > 0 {
		m.Loss = 1 - float64(m.Opened)/float64(m.Expected)
	}
	return m
}
