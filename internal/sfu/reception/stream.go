package reception

import (
	"encoding/binary"
	"slices"
	"time"
)

const (
	// reorderGrace is how long a number may be missing before anybody asks for it: packets overtake each other.
	reorderGrace = 5 * time.Millisecond
	// A missing packet is asked for again after firstPause, and after twice as long each time.
	firstPause = 40 * time.Millisecond

	// maxMissing and maxJump: beyond that a stream is broken, and only a key frame mends it.
	maxMissing = 128
	maxJump    = 256

	videoTries = 5 // 1.2 s in all: later a picture is of no use
	audioTries = 2 // 120 ms: later the sound has been played
)

// Stream is one SSRC. Make it with [NewVideo] or [NewAudio].
type Stream struct {
	rate  float64 // of the RTP clock
	tries uint8

	started         bool
	first, highest  uint64 // extended sequence numbers; above 1<<16, so that lateness cannot wrap
	received        uint64
	expectedBefore  uint64 // at the last report
	receivedBefore  uint64
	jitter, transit float64 // in units of the RTP clock

	report   uint32        // the middle of the last sender report's NTP time
	reportAt time.Duration // when it came

	missing []gap // ascending
}

type gap struct {
	number uint64
	due    time.Duration
	tries  uint8
}

// NewVideo is a stream that is asked for long enough to mend a picture, NewAudio one that is played before that.
func NewVideo(clockRate uint32) *Stream {
	return &Stream{rate: float64(clockRate), tries: videoTries}
}

// NewAudio is the other one, see [NewVideo].
func NewAudio(clockRate uint32) *Stream {
	return &Stream{rate: float64(clockRate), tries: audioTries}
}

// Arrived is told of each packet. One that was sent again comes in with its own number and repaired set: when it comes says
// nothing of the network's jitter.
func (s *Stream) Arrived(sequence uint16, timestamp uint32, now time.Duration, repaired bool) {
	if !s.started {
		s.started, s.received = true, 1
		s.first = 1<<16 | uint64(sequence)
		s.highest = s.first
		return
	}
	ahead := int16(sequence - uint16(s.highest)) // RFC 1982
	number := s.highest + uint64(int64(ahead))
	switch {
	case ahead > 0:
		s.skip(number, now)
		s.highest = number
	case !s.found(number):
		return // twice, or too late to matter
	}
	s.received++
	if !repaired {
		s.measure(timestamp, now)
	}
}

// skip marks what lies between as missing.
func (s *Stream) skip(to uint64, now time.Duration) {
	if to-s.highest > maxJump {
		s.missing = s.missing[:0]
		return
	}
	for number := s.highest + 1; number < to; number++ {
		if len(s.missing) == maxMissing {
			s.missing = slices.Delete(s.missing, 0, 1)
		}
		s.missing = append(s.missing, gap{number: number, due: now + reorderGrace})
	}
}

func (s *Stream) found(number uint64) bool {
	i, missing := slices.BinarySearchFunc(s.missing, number, func(g gap, n uint64) int { return int(int64(g.number - n)) })
	if missing {
		s.missing = slices.Delete(s.missing, i, i+1)
	}
	return missing
}

// measure is the jitter of RFC 3550 §A.8.
func (s *Stream) measure(timestamp uint32, now time.Duration) {
	transit := float64(uint32(uint64(now.Seconds()*s.rate)) - timestamp)
	if s.transit != 0 {
		d := float64(int32(uint32(int64(transit)) - uint32(int64(s.transit)))) // both wrap
		s.jitter += (max(d, -d) - s.jitter) / 16
	}
	s.transit = transit
}

// Due reports whether [Stream.AppendNACK] has something to say.
func (s *Stream) Due(now time.Duration) bool {
	for _, g := range s.missing {
		if g.due <= now {
			return true
		}
	}
	return false
}

const (
	rtcpVersion   = 2 << 6
	typeFeedback  = 205 // RTPFB
	formatNACK    = 1
	maxNACKItems  = 32
	feedbackFixed = 12 // header, sender and media SSRC
)

// Missing reports whether there is anything that will be asked for.
func (s *Stream) Missing() bool { return len(s.missing) > 0 }

// AppendNACK asks for what is missing and due, and gives up what was asked for often enough.
func (s *Stream) AppendNACK(b []byte, sender, media uint32, now time.Duration) []byte {
	start, items := len(b), 0
	kept := s.missing[:0]
	var last uint64
	for _, g := range s.missing {
		if g.due > now || items == maxNACKItems {
			kept = append(kept, g)
			continue
		}
		if items == 0 {
			b = appendFeedbackHeader(b, formatNACK, sender, media)
		}
		if after := g.number - last - 1; items > 0 && after < 16 {
			mask := b[len(b)-2:]
			binary.BigEndian.PutUint16(mask, binary.BigEndian.Uint16(mask)|1<<after)
		} else {
			b = binary.BigEndian.AppendUint16(b, uint16(g.number))
			b = append(b, 0, 0)
			last = g.number
			items++
		}
		if g.tries++; g.tries < s.tries {
			g.due = now + firstPause<<(g.tries-1)
			kept = append(kept, g)
		}
	}
	s.missing = kept
	if items > 0 {
		putLength(b[start:])
	}
	return b
}

func appendFeedbackHeader(b []byte, format byte, sender, media uint32) []byte {
	b = append(b, rtcpVersion|format, typeFeedback, 0, 0)
	b = binary.BigEndian.AppendUint32(b, sender)
	return binary.BigEndian.AppendUint32(b, media)
}

// putLength: in words, less one (RFC 3550 §6.4.1).
func putLength(packet []byte) {
	binary.BigEndian.PutUint16(packet[2:], uint16(len(packet)/4-1))
}

// SenderReport remembers the NTP time of a sender report, which the next report of ours names, so that the sender can tell
// the round trip.
func (s *Stream) SenderReport(ntp uint64, now time.Duration) {
	s.report, s.reportAt = uint32(ntp>>16), now
}

const reportBlock = 24

// AppendReport appends the stream's block of a receiver report. Before the first packet there is none.
func (s *Stream) AppendReport(b []byte, media uint32, now time.Duration) []byte {
	if !s.started {
		return b
	}
	const most = 1<<23 - 1
	expected := s.highest - s.first + 1
	lost := min(int64(expected)-int64(s.received), most) // never negative: a packet counts once
	lately, arrived := expected-s.expectedBefore, s.received-s.receivedBefore
	s.expectedBefore, s.receivedBefore = expected, s.received
	fraction := byte(0)
	if lately > arrived {
		fraction = byte(min(255, (lately-arrived)*256/lately))
	}
	b = binary.BigEndian.AppendUint32(b, media)
	b = append(b, fraction, byte(lost>>16), byte(lost>>8), byte(lost))
	b = binary.BigEndian.AppendUint32(b, uint32(s.highest-1<<16))
	b = binary.BigEndian.AppendUint32(b, uint32(s.jitter))
	b = binary.BigEndian.AppendUint32(b, s.report)
	delay := uint32(0)
	if s.report != 0 {
		delay = uint32((now - s.reportAt) * 65536 / time.Second)
	}
	return binary.BigEndian.AppendUint32(b, delay)
}

const typeReceiverReport = 201

// AppendReceiverReport appends a receiver report (RFC 3550 §6.4.2) whose blocks the function given appends, 31 at most; and
// nothing where that appends nothing.
func AppendReceiverReport(b []byte, sender uint32, blocks func([]byte) []byte) []byte {
	start := len(b)
	b = append(b, rtcpVersion, typeReceiverReport, 0, 0)
	b = binary.BigEndian.AppendUint32(b, sender)
	empty := len(b)
	if b = blocks(b); len(b) == empty {
		return b[:start]
	}
	b[start] |= byte((len(b) - empty) / reportBlock)
	putLength(b[start:])
	return b
}
