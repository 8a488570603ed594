package main

import (
	"bytes"
	"net/http"
	"strconv"
	"sync"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"github.com/grotto-meet/grotto/internal/e2e/relay"
	"github.com/grotto-meet/grotto/internal/sfu"
	"github.com/grotto-meet/grotto/internal/wire"
)

// hostile is what a test asked this server to do wrong. Without -hostile there is none.
type hostile struct {
	mu      sync.Mutex
	layer   int // the highest spatial layer that is passed on
	copies  int // forged packets of sound for each true one
	inject  bool
	replay  bool
	hide    string // the device that is told of no newcomer
	streams map[uint32]*picture
}

// picture is where a video stream is in its picture.
type picture struct {
	timestamp uint32
	most      int // the highest layer of this picture that is passed on
	layer     int
	begun     bool
	continues bool // the last packet ended inside a frame
}

const allLayers = 8

func newHostile() *hostile { return &hostile{layer: allLayers, streams: map[uint32]*picture{}} }

func (x *hostile) controls(mux *http.ServeMux, front *relay.Relay) {
	set := func(name string, change func(value string)) {
		mux.HandleFunc("POST /"+name, func(_ http.ResponseWriter, r *http.Request) {
			x.mu.Lock()
			defer x.mu.Unlock()
			change(r.URL.Query().Get("value"))
		})
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n } // nonsense is 0
	set("layers", func(v string) { x.layer = number(v) })
	set("flood", func(v string) { x.copies = number(v) })
	set("inject", func(v string) { x.inject = v != "" })
	set("replay", func(v string) { x.replay = v != "" })
	set("hide", func(v string) { x.hide = v })
	set("speak", func(v string) { speak(front.Conns(), number(v)) })
}

// speak tells everybody that the one who came as that number speaks.
func speak(conns []*relay.Conn, who int) {
	if who >= len(conns) {
		return
	}
	m := &wire.Speakers{Devices: []wire.Device{conns[who].Member().Device}}
	for _, c := range conns {
		_ = c.ToClient(m) // who has gone hears nothing
	}
}

// signalling tells one device nothing of those who come.
func (x *hostile) signalling(c *relay.Conn, m wire.ServerMessage) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if roster, ok := m.(*wire.Roster); ok && x.hide != "" && c.Member().Device.Device == x.hide {
		roster.Joined = nil
	}
}

// forge is what goes out in the place of a packet.
func (x *hostile) forge(t sfu.TapPacket, p *rtp.Packet) []sfu.Forgery {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := []sfu.Forgery{{Packet: *p}}
	if len(p.Payload) == 0 {
		return out
	}
	switch t.Codec {
	case "vp9", "av1":
		return x.lower(t.Codec, p)
	case "opus":
		if x.replay {
			out = append(out, sfu.Forgery{Packet: forged(p, p.Payload, 1)})
		}
		if x.inject {
			out = append(out, sfu.Forgery{Packet: forged(p, []byte{0xf8, 0xff, 0xfe}, 2)})
		}
		for i := range x.copies {
			f := forged(p, p.Payload, uint32(i+3))
			f.Payload[len(f.Payload)-1] ^= byte(i + 1)
			out = append(out, sfu.Forgery{Packet: f})
		}
	}
	return out
}

func forged(p *rtp.Packet, payload []byte, later uint32) rtp.Packet {
	q := *p
	q.Header = p.Header.Clone()
	q.Padding, q.PaddingSize, q.Header.PaddingSize = false, 0, 0
	q.Timestamp += later
	q.Payload = bytes.Clone(payload)
	return q
}

// lower leaves out upper layers of whole pictures and marks the end where it then is.
func (x *hostile) lower(codec string, p *rtp.Packet) []sfu.Forgery {
	s := x.streams[p.SSRC]
	if s == nil || s.timestamp != p.Timestamp {
		s = &picture{timestamp: p.Timestamp, most: x.layer}
		x.streams[p.SSRC] = s
	}
	end := s.place(codec, p.Payload)
	if s.layer > s.most {
		return nil
	}
	q := forged(p, p.Payload, 0)
	q.Marker = p.Marker || end && s.layer == s.most
	return []sfu.Forgery{{Packet: q}}
}

// place finds the spatial layer of a packet, and says whether it ends its frame. VP9's descriptor tells; of AV1 frames it
// is their number in the picture, as the aggregation header shows which packets go on (AV1 RTP specification §4.4).
func (s *picture) place(codec string, payload []byte) (end bool) {
	if codec == "vp9" {
		var d codecs.VP9Packet
		if _, err := d.Unmarshal(payload); err != nil {
			return false
		}
		s.layer = int(d.SID)
		return d.E
	}
	const continues, continued = 0x80, 0x40 // Z, Y
	if s.begun && !s.continues && payload[0]&continues == 0 {
		s.layer++
	}
	s.begun, s.continues = true, payload[0]&continued != 0
	return !s.continues
}
