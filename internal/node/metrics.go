package node

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Metrics serves what the node counts, for Prometheus (its text format, 0.0.4). There is no name of a room, person or address in
// it, but how many there are is the operator's business: do not serve it where the page is.
func (n *Node) Metrics() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		var text strings.Builder
		for _, m := range n.metrics() {
			m.write(&text)
		}
		if n.cfg.Figures != nil {
			for _, m := range n.cfg.Figures() {
				m.write(&text)
			}
		}
		_, _ = w.Write([]byte(text.String())) // the reader has gone: nothing to do
	})
}

// Metric is a figure, or one for each value of a label.
type Metric struct {
	Name   string // without the "grotto_" that all begin with
	Kind   Kind
	Help   string
	Value  float64
	Label  string // none if empty, and then Value counts, else Values
	Values map[string]float64
}

// Kind of a [Metric].
type Kind string

// Kinds.
const (
	Gauge   Kind = "gauge"
	Counter Kind = "counter" // its name ends in _total
)

func (m Metric) write(text *strings.Builder) {
	fmt.Fprintf(text, "# HELP grotto_%s %s\n# TYPE grotto_%s %s\n", m.Name, m.Help, m.Name, m.Kind)
	if m.Label == "" {
		fmt.Fprintf(text, "grotto_%s %v\n", m.Name, m.Value)
		return
	}
	for _, value := range slices.SortedFunc(maps.Keys(m.Values), cmp.Compare) {
		fmt.Fprintf(text, "grotto_%s{%s=%q} %v\n", m.Name, m.Label, value, m.Values[value])
	}
}

func (n *Node) metrics() []Metric {
	people, media := n.rooms.Stats(), n.sfu.Stats()
	gauge := func(name, help string, value int) Metric {
		return Metric{Name: name, Kind: Gauge, Help: help, Value: float64(value)}
	}
	count := func(name, help string, value uint64) Metric {
		return Metric{Name: name + "_total", Kind: Counter, Help: help, Value: float64(value)}
	}
	ended := map[string]float64{"expired": float64(people.Expired)}
	for why, n := range people.Ended {
		ended[string(why)] = float64(n)
	}
	refused := map[string]float64{}
	for why, n := range people.Refused {
		refused[string(why)] = float64(n)
	}
	relays := 0
	if n.relay != nil {
		relays = n.relay.server.Allocations()
	}
	return []Metric{
		gauge("calls", "Rooms with somebody in them.", people.Calls),
		gauge("sessions", "Participants, those included whose connection is away for a moment.", people.Sessions),
		gauge("sockets", "Signalling connections.", people.Sockets),
		{Name: "sessions_ended_total", Kind: Counter, Help: "Sessions that the server ended, by why: slow_consumer did not read fast enough, expired did not come back.",
			Label: "why", Values: ended},
		{Name: "refusals_total", Kind: Counter, Help: "Who was not let in, and requests that came too fast, by what they were told.", Label: "why", Values: refused},
		gauge("relays", "TURN allocations.", relays),
		gauge("tracks_in", "Tracks that are published.", int(media.UpTracks)),
		gauge("tracks_out", "Tracks as forwarded to somebody.", int(media.DownTracks)),
		count("packets_in", "RTP packets from publishers.", media.PacketsIn),
		count("bytes_in", "Their payloads.", media.BytesIn),
		count("packets_out", "RTP packets to subscribers.", media.PacketsOut),
		count("bytes_out", "Their payloads.", media.BytesOut),
		count("packets_again", "Packets that were sent again, since their subscriber had lost them.", media.PacketsAgain),
		count("packets_left_out", "Packets of pictures that were not sent, since too much waited for their subscriber's line.", media.PacketsLeftOut),
		count("packets_unsent", "Packets that the socket did not take.", media.PacketsUnsent),
		count("packets_dropped", "Packets from publishers that are of no track they announced.", media.PacketsDropped),
		count("key_frames", "Key frames from publishers.", media.KeyFrames),
		count("key_frame_requests", "Requests for key frames to publishers.", media.KeyFrameRequests),
		count("connections_lost", "Media connections that were lost.", media.ConnectionsLost),
		count("descriptions_refused", "Session descriptions that were refused.", media.DescriptionsRefused),
	}
}
