package sfu

import (
	"encoding/binary"
	"errors"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/sfu/bwe"
	"github.com/grotto-meet/grotto/internal/sfu/pace"
	"github.com/grotto-meet/grotto/internal/sfu/rewrite"
)

// class says what a packet to a subscriber has to wait for.
type class uint8

const (
	classPicture class = iota // waits for its turn
	classSound                // waits for nobody
	classAgain                // neither, and pictures wait the longer for it, as for sound
	classPadding              // is not even counted: it is to be more than there is room for
)

// pacing is what a way needs to send later what has to wait.
type pacing struct {
	out  webrtc.TrackLocalWriter // the subscriber's link; set before anything is sent
	load atomic.Uint32           // a pace.Load, for those without the lock

	timer   *time.Timer // under the way's lock; nil until something waited
	closed  bool        // as is this
	packet  rtp.Packet  // scratch of the timer's function, as is what follows
	scratch []byte
	wide    [2]byte
}

// errNoRoom: too much waits already.
var errNoRoom = errors.New("sfu: too much waits")

// class is that of the track's packets.
func (d *downTrack) class() class {
	if d.up.codec.keyFrame == nil {
		return classSound
	}
	return classPicture
}

// send gives a packet its transport-wide number, the last of its extensions, and sends it. If it has to wait, it is copied. It
// must be called with the lock held.
func (d *downTrack) send(h *rtp.Header, payload []byte, c class, now time.Time) error {
	if d.numbers != 0 {
		number, waits, err := d.subscriber.sub.way.admit(h, payload, d.numbers, c, now)
		if waits || err != nil {
			return err
		}
		binary.BigEndian.PutUint16(d.wide[:], number)
		_ = h.SetExtension(d.numbers, d.wide[:]) // fails only for ids the form cannot hold: then nobody reports on it
	}
	_, err := d.writer.WriteRTP(h, payload)
	return err
}

// crowded reports whether a packet is left out before it has a number, since too much waits: with it goes all of its picture,
// and what comes up to a key frame. Before it comes to that the pictures that no others need are left out by the selector.
func (d *downTrack) crowded(p *rewrite.Packet) bool {
	if d.numbers == 0 || d.up.codec.keyFrame == nil {
		return false
	}
	load := pace.Load(d.subscriber.sub.way.pacing.load.Load())
	d.selector.strained = load != pace.Light
	if load != pace.Full {
		return false
	}
	if edit, _ := d.rewriter.Current(); d.selector.sending && p.Timestamp+edit.Timestamp == d.rewriter.Timestamp() {
		return false // the rest of a picture
	}
	d.stop()
	return true
}

// stop sends nothing more up to a key frame.
func (d *downTrack) stop() {
	if d.selector.sending {
		d.selector.sending = false
		d.askForKeyFrames()
	}
}

// admit returns the number of a packet that is to be sent now, or keeps it for later.
func (w *way) admit(h *rtp.Header, payload []byte, id uint8, c class, now time.Time) (number uint16, waits bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	size := packetCost + len(payload) + int(h.PaddingSize)
	switch c {
	case classPicture:
		if !w.pacer.Pass(now, size+bwe.Overhead) {
			return 0, true, w.wait(h, payload, id, now)
		}
	case classSound:
		w.sound += size + bwe.Overhead
		w.pacer.Sent(now, size+bwe.Overhead)
	case classAgain:
		w.pacer.Sent(now, size+bwe.Overhead)
	case classPadding:
	}
	return w.estimator.Sent(now, size), false, nil
}

// wait keeps a packet behind the id of the extension that its number will be in. It must be called with the lock held.
func (w *way) wait(h *rtp.Header, payload []byte, id uint8, now time.Time) error {
	size := h.MarshalSize() + len(payload) + int(h.PaddingSize)
	if w.pacing.closed {
		return errNotOpen
	}
	b, first := w.pacer.Put(1+size, packetCost+len(payload)+int(h.PaddingSize)+bwe.Overhead)
	if b == nil {
		return errNoRoom
	}
	w.pacing.load.Store(uint32(w.pacer.Load()))
	if first {
		w.arm(now)
	}
	b[0] = id
	b = b[1:]
	n, err := h.MarshalTo(b)
	n += copy(b[n:], payload)
	if h.PaddingSize > 0 {
		clear(b[n:])
		b[size-1] = h.PaddingSize
	}
	return err
}

// arm sets the timer for what is due next, if anything. It must be called with the lock held.
func (w *way) arm(now time.Time) {
	after, waits := w.pacer.Due(now)
	switch {
	case !waits:
	case w.pacing.timer == nil:
		w.pacing.timer = time.AfterFunc(after, w.release)
	default:
		w.pacing.timer.Reset(after)
	}
}

// release is the timer's function: it sends what is due.
func (w *way) release() {
	p := &w.pacing
	for {
		id, number, ok := w.leave(time.Now())
		if !ok {
			return
		}
		binary.BigEndian.PutUint16(p.wide[:], number)
		_ = p.packet.SetExtension(id, p.wide[:])
		_, _ = p.out.WriteRTP(&p.packet.Header, p.packet.Payload) // fails only when the connection is gone
	}
}

// leave makes the packet that is due the scratch one, or sets the timer.
func (w *way) leave(now time.Time) (id uint8, number uint16, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := &w.pacing
	for b := w.pacer.Next(now); b != nil; b = w.pacer.Next(now) {
		p.load.Store(uint32(w.pacer.Load()))
		p.scratch = append(p.scratch[:0], b[1:]...)
		if p.packet.Unmarshal(p.scratch) == nil {
			return b[0], w.estimator.Sent(now, packetCost+len(p.packet.Payload)+int(p.packet.Header.PaddingSize)), true
		}
	}
	w.arm(now)
	p.load.Store(uint32(w.pacer.Load()))
	return 0, 0, false
}

// clear forgets what waits.
func (w *way) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pacing.closed = true
	w.pacer.Clear()
	if w.pacing.timer != nil {
		w.pacing.timer.Stop()
	}
}
