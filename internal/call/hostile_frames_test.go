package call

import (
	"bytes"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/grotto-meet/grotto/internal/e2e/relay"
	"github.com/grotto-meet/grotto/internal/sfu"
	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

const opusFrame = 960 // ticks of 20 ms

// recording is sealed sound as the SFU recorded it.
type recording struct {
	mu     sync.Mutex
	frames [][]byte
	from   string // the SFU's name of the publisher
}

func (r *recording) take(t sfu.TapPacket, p *rtp.Packet) {
	if t.Label != string(wire.SourceMic) || len(p.Payload) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.from == "" {
		r.from = t.Publisher
	}
	if r.from == t.Publisher && len(r.frames) < 200 {
		r.frames = append(r.frames, bytes.Clone(p.Payload))
	}
}

func (r *recording) all() [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.frames)
}

// TestF2_TheSFUReplays: what the SFU recorded is never heard again: sent twice at once, sent again later, after the key
// changed, and on another track that signalling says is a new microphone of the same person. With fresh windows and the
// same keys, which only this test has, all of it opens.
func TestF2_TheSFUReplays(t *testing.T) {
	h, secret := newHostile(t), newSecret()
	var tape recording
	var sent, replayed atomic.Int64
	h.sends(func(tap sfu.TapPacket, p *rtp.Packet) []sfu.Forgery {
		tape.take(tap, p)
		sent.Add(1)
		return []sfu.Forgery{{Packet: *p}, {Packet: with(p, p.Payload, 0)}, {Packet: with(p, p.Payload, opusFrame/2)}}
	})
	var keys loot
	a := h.join(secret, Config{Name: "A"}, "opus.ogg")
	b := h.join(secret, Config{Name: "B", observe: keys.observe})
	b.listens(t, a.device(), 100)
	if got := b.trackOf(a.device(), wire.SourceMic); got.FramesOpened > int(sent.Load()) || got.FramesFailed < got.FramesOpened {
		t.Errorf("sent %d times, and again at once: %+v", sent.Load(), got)
	}

	frames := tape.all()
	replay := func(tap sfu.TapPacket, p *rtp.Packet) []sfu.Forgery {
		sent.Add(1)
		n := int(replayed.Add(1))
		return []sfu.Forgery{{Packet: *p}, {Packet: with(p, frames[n%len(frames)], opusFrame/2)}}
	}
	// The counts of a moment ago, while the same SFU replays to the same receiver.
	watch := func(what string) {
		t.Helper()
		before, passed, again := b.trackOf(a.device(), wire.SourceMic), sent.Load(), replayed.Load()
		b.listens(t, a.device(), 100)
		after := b.trackOf(a.device(), wire.SourceMic)
		if opened, most := after.FramesOpened-before.FramesOpened, int(sent.Load()-passed)+10; opened > most {
			t.Errorf("%s: %d of %d frames opened", what, opened, most)
		}
		refused := after.FramesFailed + after.FramesNoKey - before.FramesFailed - before.FramesNoKey
		if least := int(replayed.Load()-again) - 30; refused < least {
			t.Errorf("%s: %d of %d replays were refused", what, refused, least)
		}
	}
	h.sends(replay)
	watch("later")
	generation := a.Report().Generation
	h.sends(nil)
	c := h.join(secret, Config{Name: "C"})
	eventually(t, "C is let in", func() bool { return b.state("C") == olmkeys.StateNew })
	c.Leave()
	eventually(t, "A uses another key", func() bool { return a.Report().Generation > generation })
	b.listens(t, a.device(), 50)
	h.sends(replay)
	watch("after a rotation")
	h.sends(nil)

	// D's microphone is announced to B as A's.
	told := h.connOf(a.device()).Member().Device
	h.relay.FromServer(forClient(b.device(), func(m wire.ServerMessage) []wire.ServerMessage {
		if offer, ok := m.(*wire.SubscribeOffer); ok {
			for i, s := range offer.Tracks {
				if s.From.Device != told.Device {
					offer.Tracks[i].From = told
				}
			}
		}
		return []wire.ServerMessage{m}
	}))
	tracks := len(b.Report().Tracks)
	h.sends(func(tap sfu.TapPacket, p *rtp.Packet) []sfu.Forgery {
		if tap.Publisher == tape.from {
			return asSent(p)
		}
		n := int(replayed.Add(1))
		return []sfu.Forgery{{Packet: with(p, frames[n%len(frames)], 0)}}
	})
	h.join(secret, Config{Name: "D"}, "opus.ogg")
	eventually(t, "frames come on the new track", func() bool {
		all := b.Report().Tracks
		return len(all) > tracks && refusedFrames(Report{Tracks: all[tracks:]}) > 50
	})
	for _, track := range b.Report().Tracks {
		if track.FramesOpened == 0 {
			continue
		}
		if track.Device != told.Device || track.FramesOpened < 100 {
			t.Errorf("of what was replayed on another track %d frames opened", track.FramesOpened)
		}
	}
	if n := count(frames, func(f []byte) bool { return keys.open(f, false) }); n < 60 {
		t.Errorf("only %d of %d recorded frames open without a window: the test shows nothing", n, len(frames))
	}
}

// TestF3_TheSFUReorders: frames that change places on the way, under their own timestamps, are each accepted once.
func TestF3_TheSFUReorders(t *testing.T) {
	h, secret := newHostile(t), newSecret()
	var held *rtp.Packet
	var sent atomic.Int64
	h.sends(func(_ sfu.TapPacket, p *rtp.Packet) []sfu.Forgery {
		if len(p.Payload) == 0 {
			return nil
		}
		sent.Add(1)
		q := with(p, p.Payload, 0)
		if held == nil {
			held = &q
			return nil
		}
		first := *held
		held = nil
		return []sfu.Forgery{{Packet: q}, {Packet: first}}
	})
	a := h.join(secret, Config{Name: "A"}, "opus.ogg")
	b := h.join(secret, Config{Name: "B"})
	b.listens(t, a.device(), 20)
	before, passed := b.trackOf(a.device(), wire.SourceMic), sent.Load()
	b.listens(t, a.device(), 100)
	after := b.trackOf(a.device(), wire.SourceMic)
	if refused := after.FramesFailed - before.FramesFailed; refused > 0 {
		t.Errorf("%d frames were refused", refused)
	}
	if opened, most := after.FramesOpened-before.FramesOpened, int(sent.Load()-passed)+10; opened > most {
		t.Errorf("%d frames opened of %d", opened, most)
	}
}

// TestF4_StreamsSwapped: signalling calls a camera a screen and A's microphone C's; the SFU sends A's sound on B's track.
// Nothing of it opens. What is left alone does.
func TestF4_StreamsSwapped(t *testing.T) {
	h, secret := newHostile(t), newSecret()
	a := h.join(secret, Config{Name: "A"}, "vp8.ivf", "opus.ogg")
	c := h.join(secret, Config{Name: "C"})
	c.listens(t, a.device(), 20)
	inPlaceOf := h.connOf(c.device()).Member().Device
	h.relay.FromServer(func(conn *relay.Conn, m wire.ServerMessage) []wire.ServerMessage {
		if offer, ok := m.(*wire.SubscribeOffer); ok && conn.Member().Device.Device != c.device() {
			for i := range offer.Tracks {
				switch offer.Tracks[i].Source {
				case wire.SourceCamera:
					offer.Tracks[i].Source = wire.SourceScreen
				case wire.SourceMic:
					offer.Tracks[i].From = inPlaceOf
				}
			}
		}
		return []wire.ServerMessage{m}
	})
	b := h.join(secret, Config{Name: "B"})
	eventually(t, "swapped frames come to B", func() bool {
		screen, mic := b.trackOf(a.device(), wire.SourceScreen), b.trackOf(c.device(), wire.SourceMic)
		return screen.FramesFailed+screen.FramesNoKey > 30 && mic.FramesFailed+mic.FramesNoKey > 50
	})
	for _, track := range b.Report().Tracks {
		if track.FramesOpened > 0 {
			t.Errorf("%d frames opened on the %s of %s", track.FramesOpened, track.Source, track.Name)
		}
	}
	c.listens(t, a.device(), 20) // told the truth
	h.relay.FromServer(nil)

	// A's sound on D's track, for C.
	var mu sync.Mutex
	var ofA []byte
	first := ""
	h.sends(func(tap sfu.TapPacket, p *rtp.Packet) []sfu.Forgery {
		mu.Lock()
		defer mu.Unlock()
		if tap.Label != string(wire.SourceMic) {
			return asSent(p)
		}
		if first == "" {
			first = tap.Publisher // D is not here yet
		}
		if tap.Publisher == first {
			ofA = bytes.Clone(p.Payload)
			return nil // so that the frame is new to C
		}
		return []sfu.Forgery{{Packet: with(p, ofA, 0)}}
	})
	eventually(t, "some of A's sound is there", func() bool { mu.Lock(); defer mu.Unlock(); return ofA != nil })
	d := h.join(secret, Config{Name: "D"}, "opus.ogg")
	eventually(t, "A's sound comes to C as D's", func() bool {
		got := c.trackOf(d.device(), wire.SourceMic)
		return got.FramesFailed+got.FramesNoKey > 50
	})
	if got := c.trackOf(d.device(), wire.SourceMic); got.FramesOpened > 0 {
		t.Errorf("%d frames of A opened as D's", got.FramesOpened)
	}
	h.sends(nil)
	c.listens(t, d.device(), 20)
}

// TestF6_TheSFUInjects: plain frames, silence and frames with a magic trailer, which other systems let a server send, are
// counted and not heard; those of the sender between them are. Each kind is sent alone once, to see that it arrives: a
// receiver that passes on what it cannot open would play it.
func TestF6_TheSFUInjects(t *testing.T) {
	h, secret := newHostile(t), newSecret()
	plain := pieces(t, "../../testdata/media/opus.ogg")
	trailer := append(bytes.Clone(plain[0]), []byte("LKROCKS")...)
	var n, sent atomic.Int64
	h.sends(func(_ sfu.TapPacket, p *rtp.Packet) []sfu.Forgery {
		sent.Add(1)
		forged := [][]byte{{0xf8, 0xff, 0xfe}, plain[int(n.Add(1))%len(plain)], trailer, append(bytes.Clone(p.Payload), 0xde, 0xad)}
		list := asSent(p)
		for i, f := range forged {
			list = append(list, sfu.Forgery{Packet: with(p, f, uint32(i+1)*opusFrame/8)})
		}
		return list
	})
	var heard atomic.Int64
	a := h.join(secret, Config{Name: "A"}, "opus.ogg")
	b := h.join(secret, Config{Name: "B", OnFrame: func(Frame) { heard.Add(1) }})
	b.listens(t, a.device(), 100)
	got := b.trackOf(a.device(), wire.SourceMic)
	if heard.Load() > sent.Load() || got.FramesOpened > int(sent.Load()) {
		t.Errorf("%d frames were sent, %d opened and %d handed on", sent.Load(), got.FramesOpened, heard.Load())
	}
	if got.FramesFailed+got.FramesNoKey < 3*got.FramesOpened {
		t.Errorf("not counted: %+v", got)
	}
	for kind, forge := range map[string]func(sealed []byte) []byte{
		"silence":        func([]byte) []byte { return []byte{0xf8, 0xff, 0xfe} },
		"a plain frame":  func([]byte) []byte { return plain[int(n.Add(1))%len(plain)] },
		"magic trailer":  func([]byte) []byte { return trailer },
		"a frame and on": func(sealed []byte) []byte { return append(bytes.Clone(sealed), 0xde, 0xad) },
	} {
		h.sends(func(_ sfu.TapPacket, p *rtp.Packet) []sfu.Forgery {
			return []sfu.Forgery{{Packet: with(p, forge(p.Payload), 0)}}
		})
		b.refuses(t, a.device(), 25) // what was on its way is over
		opened := b.trackOf(a.device(), wire.SourceMic).FramesOpened
		b.refuses(t, a.device(), 25)
		if now := b.trackOf(a.device(), wire.SourceMic).FramesOpened; now != opened {
			t.Errorf("%s: %d opened", kind, now-opened)
		}
	}
	h.sends(nil)
	b.listens(t, a.device(), 20)
}

// TestF10_Flood: for each frame of a sender the SFU sends 200 forged ones, 10,000 a second, that look like its own. The
// frames of the sender go on opening, its key is not given up, and nobody is asked for keys again and again.
func TestF10_Flood(t *testing.T) {
	h, secret := newHostile(t), newSecret()
	a := h.join(secret, Config{Name: "A"}, "opus.ogg")
	b := h.join(secret, Config{Name: "B"})
	b.listens(t, a.device(), 50)
	var asked atomic.Int64
	h.relay.FromClient(func(_ *relay.Conn, m wire.ClientMessage) []wire.ClientMessage {
		if to, ok := m.(*wire.ToDevice); ok {
			asked.Add(int64(len(to.Messages)))
		}
		return []wire.ClientMessage{m}
	})
	var sent, forged atomic.Int64
	h.sends(func(_ sfu.TapPacket, p *rtp.Packet) []sfu.Forgery {
		if len(p.Payload) < 30 {
			return asSent(p)
		}
		sent.Add(1)
		list := asSent(p)
		for i := range 200 {
			f := with(p, p.Payload, uint32(i*4+1))
			f.Payload[len(f.Payload)-1-i%16] ^= byte(1 + i%255)
			if i%4 == 0 {
				f.Payload[1] ^= 0x01 // another key id or counter
			}
			list = append(list, sfu.Forgery{Packet: f})
		}
		forged.Add(200)
		return list
	})
	const seconds = 3
	before := b.trackOf(a.device(), wire.SourceMic)
	began := time.Now()
	eventually(t, "three seconds of flood", func() bool { return sent.Load() >= seconds*50 })
	took := time.Since(began)
	eventually(t, "it has arrived", func() bool {
		return b.trackOf(a.device(), wire.SourceMic).FramesOpened-before.FramesOpened >= seconds*50*8/10
	})
	after := b.trackOf(a.device(), wire.SourceMic)
	t.Logf("%d frames and %d forged ones in %v: %d opened, %d failed, %d without a key; %d Olm messages", sent.Load(), forged.Load(),
		took, after.FramesOpened-before.FramesOpened, after.FramesFailed-before.FramesFailed, after.FramesNoKey-before.FramesNoKey, asked.Load())
	if refused := after.FramesFailed + after.FramesNoKey - before.FramesFailed - before.FramesNoKey; refused < 1000 {
		t.Errorf("%d forged frames were looked at: the test shows nothing", refused)
	}
	if state, _ := b.shows(a.device()); state != olmkeys.StateNew {
		t.Errorf("A is shown as %q", state)
	}
	if asked.Load() > 20 {
		t.Errorf("%d Olm messages because of forged frames", asked.Load())
	}
	h.sends(nil)
	b.listens(t, a.device(), 50)
}

// TestF11_Misshapen: unknown keys, empty and truncated frames and mad lengths are counted; the sender's frames open. A
// receiver that gave up a key after ten failures in a row, as some do, would have been deaf after the first frame.
func TestF11_Misshapen(t *testing.T) {
	h, secret := newHostile(t), newSecret()
	a := h.join(secret, Config{Name: "A"}, "opus.ogg")
	b := h.join(secret, Config{Name: "B"})
	b.listens(t, a.device(), 50)
	var n atomic.Int64
	h.sends(func(_ sfu.TapPacket, p *rtp.Packet) []sfu.Forgery {
		if len(p.Payload) == 0 {
			return nil
		}
		cut := int(n.Add(1)) % len(p.Payload)
		shapes := [][]byte{p.Payload[:cut+1], {0xff}, bytes.Repeat([]byte{0xff}, 40), {0x00}, {}}
		list := asSent(p)
		for i := range 4 * len(shapes) {
			list = append(list, sfu.Forgery{Packet: with(p, shapes[i%len(shapes)], uint32(i+1))})
		}
		return list
	})
	before := b.trackOf(a.device(), wire.SourceMic)
	b.listens(t, a.device(), 100)
	after := b.trackOf(a.device(), wire.SourceMic)
	if after.FramesFailed+after.FramesNoKey-before.FramesFailed-before.FramesNoKey < 10*(after.FramesOpened-before.FramesOpened) {
		t.Errorf("not counted, or it did not arrive: %+v then %+v", before, after)
	}
	// Only such frames: the tile says so.
	h.sends(func(_ sfu.TapPacket, p *rtp.Packet) []sfu.Forgery {
		if len(p.Payload) < 20 {
			return nil
		}
		f := with(p, p.Payload, 0)
		f.Payload[len(f.Payload)-1] ^= 1
		return []sfu.Forgery{{Packet: f}}
	})
	eventually(t, "the tile says that frames do not open", func() bool {
		state, _ := b.shows(a.device())
		return state == olmkeys.StateCannotDecrypt
	})
	h.sends(nil)
	b.listens(t, a.device(), 20)
	eventually(t, "the tile takes it back", func() bool {
		state, _ := b.shows(a.device())
		return state == olmkeys.StateNew
	})
}
