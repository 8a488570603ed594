package sfu

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"github.com/grotto-meet/grotto/internal/sfu/rewrite"
)

func TestWantedLayer(t *testing.T) {
	for _, test := range []struct {
		width, height int
		rank          Rank
		want          int
	}{
		{1, 1, RankGrid, 0},
		{320, 180, RankGrid, 0},
		{400, 225, RankGrid, 0}, // a little larger is not seen
		{401, 225, RankGrid, 1},
		{180, 320, RankGrid, 1}, // upright: cut on both sides
		{180, 320, RankScreen, 0},
		{640, 360, RankGrid, 1},
		{1280, 720, RankPinned, 2},
		{3840, 2160, RankPinned, 2},
	} {
		if got := wantedLayer(simulcastLayers, Shown{Width: test.width, Height: test.height, Rank: test.rank}); got != test.want {
			t.Errorf("%+v: %d", test, got)
		}
	}
	if got := wantedLayer([]Layer{{RID: "a"}, {RID: "b"}}, Shown{Width: 1, Height: 1}); got != 1 {
		t.Errorf("of unknown sizes: %d", got)
	}
}

func TestPickLive(t *testing.T) {
	for _, test := range []struct {
		wanted int
		live   []bool
		want   int
	}{
		{2, []bool{true, true, true}, 2},
		{127, []bool{true, true, true}, 2},
		{2, []bool{true, true, false}, 1},
		{1, []bool{false, false, true}, 2},
		{0, []bool{false, true, true}, 1},
		{1, []bool{false, false, false}, 1},
	} {
		if got := pickLive(test.wanted, test.live); got != test.want {
			t.Errorf("%+v: %d", test, got)
		}
	}
}

func TestSilentEncodingIsGivenUp(t *testing.T) {
	for _, test := range []struct {
		name          string
		others        uint64 // pictures between two looks
		want          int    // looks until it is given up
		lastOnesAgain bool
	}{
		{"beside a fast one", 8, liveChecks, false},
		{"beside a slow one", 1, livePictures, false},
		{"beside none", 0, 100, false},
	} {
		var w streamWatch
		total, looks := uint64(0), 0
		w.look(5)
		w.stopped(total)
		for looks < 100 {
			looks++
			total += test.others
			if w.look(5); w.stopped(total) {
				break
			}
		}
		if looks != test.want {
			t.Errorf("%s: after %d looks, want %d", test.name, looks, test.want)
		}
		if w.look(6); w.stopped(total) {
			t.Errorf("%s: it sends again", test.name)
		}
	}
}

func TestMeter(t *testing.T) {
	var m meter
	now := time.Unix(1000, 0)
	if rates, spatial := m.look(now); spatial != 0 || rates[0][0] != 0 {
		t.Error("something out of nothing")
	}
	for range 20 { // two seconds: 100 kbit/s, and 40 in a layer above
		m.count(0, 0, 1250, true, now)
		m.count(9, 1, 500, false, now)
		now = now.Add(100 * time.Millisecond)
		m.look(now)
	}
	rates, spatial := m.look(now)
	if low, high := rates[0][0], rates[maxSpatial-1][1]; low < 90e3 || low > 110e3 || high < 36e3 || high > 44e3 || spatial != maxSpatial {
		t.Errorf("%.0f %.0f, %d layers", low, high, spatial)
	}
	for range 10 {
		now = now.Add(meterWindow)
		rates, _ = m.look(now)
	}
	if rates[0][0] > 1000 {
		t.Errorf("%.0f long after the end", rates[0][0])
	}
}

// layeredTrack is a simulcast video without connections.
func layeredTrack(s *SFU) *upTrack {
	owner := &Peer{id: "A", sfu: s, news: newNews()}
	return newUpTrack(owner, UpTrack{MID: "0", Label: "cam", Codec: "vp8", Layers: simulcastLayers}, func(*upStream) {})
}

func TestWantedIsHeldDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &SFU{}
		up := layeredTrack(s)
		defer up.end()
		var told []int
		up.owner.callbacks.Wanted = func(list []WantedTrack) { told = append(told, list[0].Layers) }
		expect := func(want ...int) {
			t.Helper()
			synctest.Wait()
			up.owner.tellNews()
			if len(told) != len(want) {
				t.Fatalf("told %v, want %v", told, want)
			}
			for i := range want {
				if told[i] != want[i] {
					t.Fatalf("told %v, want %v", told, want)
				}
			}
			told = nil
		}
		expect()
		time.Sleep(wantedHold)
		expect(0) // nobody is there
		a, b := newDownTrack(up, &Peer{sfu: s, news: newNews()}), newDownTrack(up, &Peer{sfu: s, news: newNews()})
		up.attach(a)
		expect(3)
		up.attach(b)
		small := Shown{Width: 320, Height: 180}
		a.show(up.want(small), small)
		b.show(up.want(small), small)
		time.Sleep(wantedHold - time.Millisecond)
		expect()
		b.show(allLayers, Shown{}) // back again before it was told
		time.Sleep(2 * wantedHold)
		expect()
		b.show(noLayers, Shown{})
		time.Sleep(wantedHold)
		expect(1)
		up.detach(a)
		time.Sleep(wantedHold)
		expect(0)
		b.show(up.want(small), small)
		expect(1)
	})
}

// The publisher that was told to send less goes by the MID: a track that takes another's place there must not be believed to
// be sent whole.
func TestWantedOutlivesTheTrack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &SFU{}
		owner := &Peer{id: "A", sfu: s, news: newNews()}
		var told []int
		owner.callbacks.Wanted = func(list []WantedTrack) { told = append(told, list[0].Layers) }
		last := func() int { // -1: nothing new
			synctest.Wait()
			told = told[:0]
			if owner.tellNews(); len(told) == 0 {
				return -1
			}
			return told[len(told)-1]
		}
		p := &publisher{peer: owner, sources: map[string]*source{}}
		publish := func(label string) *upTrack {
			p.assign([]UpTrack{{MID: "0", Label: label, Codec: "vp8", Layers: simulcastLayers}})
			return p.sources["0"].track.Load()
		}
		up := publish("cam")
		d := newDownTrack(up, &Peer{sfu: s, news: newNews()})
		up.attach(d)
		small := Shown{Width: 320, Height: 180}
		d.show(up.want(small), small)
		time.Sleep(wantedHold)
		if n := last(); n != 1 {
			t.Fatalf("told %d, want 1", n)
		}
		for _, gone := range []bool{false, true} {
			if gone {
				p.assign(nil)
			}
			next := publish(fmt.Sprint("after ", gone))
			if n := last(); n != 1 {
				t.Errorf("gone %v: told %d of the next track, want 1", gone, n)
			}
			d := newDownTrack(next, &Peer{sfu: s, news: newNews()})
			next.attach(d)
			if n := last(); n != 3 {
				t.Errorf("gone %v: told %d when all is wanted, want 3", gone, n)
			}
			d.show(next.want(small), small)
			time.Sleep(wantedHold)
			if n := last(); n != 1 {
				t.Errorf("gone %v: told %d, want 1 again", gone, n)
			}
		}
		p.assign(nil)
	})
}

// A limit that leaves nothing out is none: lifting it costs no key frame.
func TestLiftingAnIdleLimit(t *testing.T) {
	s := &SFU{}
	for _, layers := range [][]Layer{nil, {{"", 320, 180}, {"", 640, 360}}} {
		owner := &Peer{id: "A", sfu: s, news: newNews()}
		up := newUpTrack(owner, UpTrack{MID: "0", Label: "cam", Codec: "vp9", Layers: layers}, func(*upStream) {})
		defer up.end()
		d := newDownTrack(up, &Peer{sfu: s, news: newNews()})
		top := int8(up.layers() - 1)
		d.allow(layerChoice{top, 0})
		d.selector.next(0, &rewrite.Packet{Key: true, Start: true})
		d.allow(allLayers)
		if _, waits := d.selector.waitsFor(); waits {
			t.Errorf("%d layers: waits for a key frame", len(layers))
		}
		if layers == nil {
			continue
		}
		d.allow(layerChoice{0, 9})
		d.selector.next(0, &rewrite.Packet{Start: true, Timestamp: 1})
		d.allow(allLayers)
		if _, waits := d.selector.waitsFor(); !waits {
			t.Error("goes up without a key frame")
		}
	}
}

// What a receiver asks for again comes under the numbers that it knows, whichever encoding it was of.
func TestSentAgainAsBefore(t *testing.T) {
	s := &SFU{}
	up := layeredTrack(s)
	defer up.end()
	w := &recorder{}
	d := newDownTrack(up, &Peer{sfu: s, news: newNews()})
	d.writer, d.open, d.ssrc, d.again = w, true, 1, resender{ssrc: 2, payload: 97}
	up.attach(d)
	send := func(stream int, number uint16, timestamp uint32, key bool) {
		payload := []byte{0x90, 0xe0, 0x80, byte(number), byte(stream), 0, 0x11, byte(stream), byte(number)}
		if key {
			payload[6] = 0x10
		}
		up.streams[stream].forward(&rtp.Packet{Header: rtp.Header{Version: 2, Marker: true, SequenceNumber: number, Timestamp: timestamp}, Payload: payload}, extensionValues{})
	}
	send(2, 65535, 1000, true)
	send(2, 0, 4000, false)
	d.allow(layerChoice{0, 9})
	send(0, 30000, 77, true)
	send(0, 30002, 3077, false) // one is missing
	d.allow(allLayers)
	send(2, 500, 90000, true)
	sent := w.packets
	if len(sent) != 5 {
		t.Fatalf("%d packets", len(sent))
	}
	for i, p := range sent {
		if want := []uint16{65535, 0, 1, 3, 4}[i]; p.SequenceNumber != want {
			t.Errorf("packet %d is number %d, want %d", i, p.SequenceNumber, want)
		}
	}
	w.packets = nil
	for i, p := range sent {
		d.resend(p.SequenceNumber, time.Unix(1000, 0))
		if len(w.packets) != i+1 {
			t.Fatalf("%d was not sent again", p.SequenceNumber)
		}
		again := w.packets[i]
		if again.SSRC != 2 || again.Timestamp != p.Timestamp || again.Marker != p.Marker || again.Payload[0] != byte(p.SequenceNumber>>8) ||
			again.Payload[1] != byte(p.SequenceNumber) || string(again.Payload[2:]) != string(p.Payload) {
			t.Errorf("% x sent again as % x", p.Payload, again.Payload)
		}
	}
	d.resend(2, time.Unix(1000, 0))
	if len(w.packets) != len(sent) {
		t.Error("sent what there never was")
	}
	send(0, 30001, 77, false) // comes late, when another encoding is sent
	if n := len(w.packets) - len(sent); n != 1 || w.packets[len(sent)].SequenceNumber != 2 {
		t.Errorf("%d packets for the place of the one that came late", n)
	}
	send(0, 30001, 77, false)
	send(0, 30003, 6077, false) // after that encoding was left
	if n := len(w.packets) - len(sent); n != 1 {
		t.Errorf("%d packets too many", n-1)
	}
}

// recorder keeps what a downtrack sends.
type recorder struct{ packets []rtp.Packet }

func (r *recorder) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	r.packets = append(r.packets, rtp.Packet{Header: h.Clone(), Payload: append([]byte{}, payload...)})
	return len(payload), nil
}

func (r *recorder) Write([]byte) (int, error) { panic("not used") }

func TestTimestampsFollowTheReports(t *testing.T) {
	s := &SFU{}
	up := layeredTrack(s)
	defer up.end()
	d := newDownTrack(up, &Peer{sfu: s, news: newNews()})
	now := time.Unix(1000, 0)
	begin := func(stream int, timestamp uint32) uint32 {
		p := rewrite.Packet{Number: 70000, Timestamp: timestamp, Marker: true}
		up.streams[stream].packet = p
		out := d.timestamp(up.streams[stream], now)
		d.rewriter.Begin(uint8(stream), &p, out, rewrite.AllLayers, 0)
		d.rewriter.Forward(&p)
		d.at = now
		return out
	}
	if got := begin(0, 5000); got != 5000 {
		t.Errorf("the first one is changed to %d", got)
	}
	now = now.Add(time.Second)
	if got := begin(1, 123456789); got != 5000+videoClock {
		t.Errorf("by our clock: %d", got)
	}
	const second = 1 << 32
	up.streams[1].moment.Store(&moment{ntp: 100 * second, rtp: 123456789 - 2*videoClock}) // the last one was taken at 102 s
	up.streams[2].moment.Store(&moment{ntp: 90 * second, rtp: 7})
	now = now.Add(1100 * time.Millisecond)
	if got, want := begin(2, 7+13*videoClock), uint32(5000+2*videoClock); max(got-want, want-got) > 1 && max(int32(got-want), int32(want-got)) > 1 {
		t.Errorf("by the reports: %d, want %d", got, want)
	}
	if got, want := begin(1, 123456789+videoClock), uint32(5000+2*videoClock+1); max(int32(got-want), int32(want-got)) > 1 {
		t.Errorf("of the same moment: %d, want %d", got, want)
	}
	up.streams[0].moment.Store(&moment{ntp: 500 * second, rtp: 0})
	before := d.rewriter.Timestamp()
	now = now.Add(time.Second)
	if got := begin(0, 0); got != before+videoClock {
		t.Errorf("reports that cannot be: %d after %d", got, before)
	}
}

// void sends nothing.
type void struct{}

func (void) WriteRTP(_ *rtp.Header, payload []byte) (int, error) { return len(payload), nil }
func (void) Write([]byte) (int, error)                           { panic("not used") }

func TestLayersCostNoMemory(t *testing.T) {
	s := &SFU{}
	up := layeredTrack(s)
	defer up.end()
	d := newDownTrack(up, &Peer{sfu: s, news: newNews()})
	d.writer, d.open = void{}, true
	up.attach(d)
	d.allow(layerChoice{2, 0}) // every second frame is left out
	packet := rtp.Packet{Header: rtp.Header{Version: 2, Marker: true}, Payload: make([]byte, 1000)}
	copy(packet.Payload, []byte{0x90, 0xe0, 0x80, 0, 0, 0, 0x10})
	step := func() {
		packet.SequenceNumber++
		packet.Timestamp += 3000
		packet.Payload[3]++
		packet.Payload[5] = byte(packet.SequenceNumber%2) << 6
		up.streams[2].forward(&packet, extensionValues{})
		packet.Payload[6] = 0x11
	}
	for range 2 * historySize {
		step()
	}
	if n := testing.AllocsPerRun(500, step); n > 0 {
		t.Errorf("%v allocations a packet", n)
	}
	if stats := s.Stats(); stats.PacketsOut < historySize/2 {
		t.Errorf("%d packets out", stats.PacketsOut)
	}
}
