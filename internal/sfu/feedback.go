package sfu

import (
	"encoding/binary"
	"math/bits"
	"time"
)

// RTCP packet types and formats that a subscriber's reports are looked through for (RFC 4585 §6, RFC 5104 §4.3.1).
const (
	rtcpHeader    = 4
	rtcpFeedback  = 12 // header, sender and media SSRC
	rtcpTransport = 205
	rtcpPayload   = 206
	formatNACK    = 1
	formatPLI     = 1
	formatFIR     = 4
	nackItem      = 4 // packet id and bit mask of the 16 that follow
	firItem       = 8 // SSRC, number and reserve
)

// readFeedback finds what a compound packet asks for. It takes no more apart than that: most of what receivers send are
// reports that nobody here reads. Packets that break off end it, and so does either function by false.
func readFeedback(b []byte, keyFrame func(media uint32) bool, lost func(media uint32, sequence uint16) bool) {
	for len(b) >= rtcpHeader {
		size := rtcpHeader * (1 + int(binary.BigEndian.Uint16(b[2:])))
		if size > len(b) {
			return
		}
		kind, format := b[1], b[0]&0x1f
		switch {
		case size < rtcpFeedback:
		case kind == rtcpTransport && format == formatNACK:
			media := binary.BigEndian.Uint32(b[8:])
			for items := b[rtcpFeedback:size]; len(items) >= nackItem; items = items[nackItem:] {
				first, more := binary.BigEndian.Uint16(items), binary.BigEndian.Uint16(items[2:])
				if !lost(media, first) {
					return
				}
				for ; more != 0; more &= more - 1 {
					if !lost(media, first+1+uint16(bits.TrailingZeros16(more))) {
						return
					}
				}
			}
		case kind == rtcpPayload && format == formatPLI:
			if !keyFrame(binary.BigEndian.Uint32(b[8:])) {
				return
			}
		case kind == rtcpPayload && format == formatFIR:
			for items := b[rtcpFeedback:size]; len(items) >= firItem; items = items[firItem:] {
				if !keyFrame(binary.BigEndian.Uint32(items)) {
					return
				}
			}
		}
		b = b[size:]
	}
}

// A subscriber's requests are listened to as fast as honest ones come, on the worst of lines: they are answered where the
// packets of others are read.
const (
	requestsPerSecond = 5000
	requestBurst      = 2000
)

// requests is the budget of one subscriber. The zero value is full.
type requests struct {
	spent float64
	at    time.Time
}

func (r *requests) allow(now time.Time) bool {
	r.spent = max(0, r.spent-requestsPerSecond*now.Sub(r.at).Seconds())
	r.at = now
	if r.spent >= requestBurst {
		return false
	}
	r.spent++
	return true
}
