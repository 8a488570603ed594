package sfu

import (
	"encoding/binary"
	"time"

	"github.com/pion/rtp"
)

const (
	// soundAge is how old sound may be that is sent again: what is older has been played, or left out.
	soundAge = 300 * time.Millisecond

	// A connection keeps so many packets of sound at first and at most: soundAge of one voice, and of eight.
	soundsFirst = 16
	soundsMost  = 128
)

// sounds are the packets of sound that one subscriber was sent last, of all voices. Opus has no stream for retransmissions, so a
// lost packet goes out again under its own number. That number is SRTP's nonce, and whoever has two packets under one can
// forge others; so what is sent again must be the same to the last bit, transport-wide number and all, and is therefore kept as it
// left. It is used under the link's sending lock.
type sounds struct {
	kept []sound // a ring, that grows while it would overwrite what is young
	next int
}

type sound struct {
	at       time.Time
	ssrc     uint32
	sequence uint16
	again    bool // it was sent again
	sealed   []byte
}

func (s *sounds) keep(h *rtp.Header, sealed []byte, now time.Time) {
	if s.next == len(s.kept) {
		if n := len(s.kept); n == 0 || n < soundsMost && now.Sub(s.kept[0].at) < soundAge {
			s.kept = append(s.kept, make([]sound, max(soundsFirst, n))...)
		} else {
			s.next = 0
		}
	}
	k := &s.kept[s.next]
	s.next++
	k.at, k.ssrc, k.sequence, k.again = now, h.SSRC, h.SequenceNumber, false
	k.sealed = append(k.sealed[:0], sealed...)
}

// find gives the packet if it is young and was not sent again.
func (s *sounds) find(ssrc uint32, sequence uint16, now time.Time) *sound {
	for i := range s.kept {
		if k := &s.kept[i]; k.ssrc == ssrc && k.sequence == sequence && !k.again && now.Sub(k.at) < soundAge {
			return k
		}
	}
	return nil
}

// keepSounds is called when a subscriber has negotiated that it may ask for sound.
func (l *link) keepSounds() {
	l.sending.Lock()
	defer l.sending.Unlock()
	if l.sounds == nil {
		l.sounds = &sounds{}
	}
}

// again sends a packet of sound once more, if may says so of its bytes.
func (l *link) again(ssrc uint32, sequence uint16, now time.Time, may func(sealed []byte) bool) bool {
	l.sending.Lock()
	defer l.sending.Unlock()
	if l.sounds == nil || l.dest == nil {
		return false
	}
	k := l.sounds.find(ssrc, sequence, now)
	if k == nil || !may(k.sealed) {
		return false
	}
	k.again = true
	_, err := l.dest.Write(k.sealed)
	return err == nil
}

// resendSound sends a packet of a voice again: once, and only while it is young.
func (d *downTrack) resendSound(sequence uint16, now time.Time) {
	if !d.open || d.writer == nil {
		return
	}
	sub := d.subscriber.sub
	may := func(sealed []byte) bool { return d.numbers == 0 || sub.way.mayRepeat(now, sealed, d.numbers) }
	if sub.link.again(d.ssrc, sequence, now, may) {
		d.subscriber.sfu.stats.packetsAgain.Add(1)
	}
}

// mayRepeat is mayRepair for a packet that goes out again with the transport-wide number that it had, in the extension given.
func (w *way) mayRepeat(now time.Time, sealed []byte, extension uint8) bool {
	if !w.mayRepair(now, len(sealed)) {
		return false
	}
	var h rtp.Header
	if _, err := h.Unmarshal(sealed); err != nil {
		return false
	}
	if number := h.GetExtension(extension); len(number) == 2 {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.estimator.Again(binary.BigEndian.Uint16(number))
	}
	return true
}
