package sfu

import (
	"time"

	"github.com/pion/rtcp"
)

// moment is what a sender report says: a time of the publisher's clock, and the timestamp that the stream has then.
type moment struct {
	ntp uint64 // seconds, 32.32
	rtp uint32
}

func momentOf(r *rtcp.SenderReport) *moment { return &moment{r.NTPTime, r.RTPTime} }

// timestampAt is the timestamp at another stream's moment.
func (m *moment) timestampAt(ntp uint64) uint32 {
	since := int64(ntp - m.ntp) // 32.32, negative before
	return m.rtp + uint32(since>>16*videoClock>>16)
}

// ntpAt is the time of a timestamp.
func (m *moment) ntpAt(timestamp uint32) uint64 {
	return m.ntp + uint64((int64(int32(timestamp-m.rtp))<<32)/videoClock)
}

// maxClockError is how far the publisher's reports may be from our own clock before they are not believed.
const maxClockError = 500 * time.Millisecond

// timestamp is the one under which the packet that s begins with goes out: the moment at which it was taken, by the
// timestamps that the subscriber has had so far. What the publisher's reports do not tell our clock does.
func (d *downTrack) timestamp(s *upStream, now time.Time) uint32 {
	edit, before := d.rewriter.Current()
	own := s.packet.Timestamp
	if !d.rewriter.Begun() {
		return own
	}
	if int(before) == s.index && d.epoch == s.epoch {
		return own + edit.Timestamp
	}
	last := d.rewriter.Timestamp()
	elapsed := int32(now.Sub(d.at).Seconds() * videoClock)
	ahead := elapsed
	if from, to := d.up.streams[before].moment.Load(), s.moment.Load(); from != nil && to != nil {
		reported := int32(from.timestampAt(to.ntpAt(own)) + edit.Timestamp - last)
		if off := reported - elapsed; max(off, -off) < int32(maxClockError.Seconds()*videoClock) {
			ahead = reported
		}
	}
	return last + uint32(max(ahead, 1)) // never back, even if it is the same picture in another size
}
