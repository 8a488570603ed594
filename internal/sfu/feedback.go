package sfu

import (
	"encoding/binary"
	"math/bits"
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
// reports that nobody here reads. Packets that break off end it.
func readFeedback(b []byte, keyFrame func(media uint32), lost func(media uint32, sequence uint16)) {
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
				lost(media, first)
				for ; more != 0; more &= more - 1 {
					lost(media, first+1+uint16(bits.TrailingZeros16(more)))
				}
			}
		case kind == rtcpPayload && format == formatPLI:
			keyFrame(binary.BigEndian.Uint32(b[8:]))
		case kind == rtcpPayload && format == formatFIR:
			for items := b[rtcpFeedback:size]; len(items) >= firItem; items = items[firItem:] {
				keyFrame(binary.BigEndian.Uint32(items))
			}
		}
		b = b[size:]
	}
}
