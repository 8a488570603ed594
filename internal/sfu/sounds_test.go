package sfu

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// sentBytes is what a link sent. It is a dest.
type sentBytes [][]byte

func (s *sentBytes) Write(b []byte) (int, error) {
	*s = append(*s, slices.Clone(b))
	return len(b), nil
}

func always([]byte) bool { return true }

const opusPayload = 111

func soundHeader(ssrc uint32, sequence uint16) *rtp.Header {
	return &rtp.Header{Version: 2, PayloadType: opusPayload, SSRC: ssrc, SequenceNumber: sequence, Timestamp: uint32(sequence) * 960}
}

// TestSoundIsSentAgain: once, while it is young, and to the last bit as it was: its number is a nonce.
func TestSoundIsSentAgain(t *testing.T) {
	var sent sentBytes
	l := &link{out: sealing(t), packet: make([]byte, 2000), dest: &sent}
	l.keepSounds()
	const voices, each = 8, 14
	const first = 65530 // numbers wrap
	const last = uint16((first + each - 1) & 0xffff)
	for i := range each {
		for ssrc := range uint32(voices) {
			if _, err := l.WriteRTP(soundHeader(ssrc, uint16(first+i)), []byte{byte(ssrc), byte(i)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := l.WriteRTP(&rtp.Header{Version: 2, PayloadType: vp8Payload, SSRC: 100}, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	was, now := slices.Clone(sent), time.Now()
	for i, sealed := range was[:voices*each] {
		ssrc, sequence := uint32(i%voices), uint16(first+i/voices)
		if l.again(ssrc, sequence, now, func([]byte) bool { return false }) {
			t.Fatal("sent without leave")
		}
		if !l.again(ssrc, sequence, now, always) || !bytes.Equal(sent[len(sent)-1], sealed) {
			t.Fatalf("packet %d of voice %d came again as %x", sequence, ssrc, sent[len(sent)-1])
		}
	}
	total := len(sent)
	for ssrc := range uint32(voices) {
		l.again(ssrc, first, now, always) // a second time
		l.again(ssrc, last+1, now, always)
	}
	l.again(100, 0, now, always) // a picture has a stream of its own for that
	if _, err := l.WriteRTP(soundHeader(0, last+1), []byte{1}); err != nil {
		t.Fatal(err)
	}
	l.again(0, last+1, time.Now().Add(soundAge), always)
	if len(sent) != total+1 {
		t.Errorf("%d packets too many", len(sent)-total-1)
	}
	l.sounds = nil // not negotiated
	if l.again(0, last+1, now, always) {
		t.Error("sent to somebody who did not negotiate it")
	}
}

// TestSoundsAreFew: a voice keeps what is young, many voices not more than there may be, and all of it takes no memory after
// that.
func TestSoundsAreFew(t *testing.T) {
	for _, c := range []struct{ voices, slots int }{{1, soundsFirst}, {3, 64}, {8, soundsMost}, {30, soundsMost}} {
		s, now := &sounds{}, time.Unix(0, 0)
		sealed := make([]byte, 120)
		var h rtp.Header
		turn := func() {
			now = now.Add(20 * time.Millisecond)
			h.SequenceNumber++
			for ssrc := range uint32(c.voices) {
				h.SSRC = ssrc
				s.keep(&h, sealed, now)
			}
		}
		for range 200 {
			turn()
		}
		if len(s.kept) != c.slots {
			t.Errorf("%d voices: %d packets kept, want %d", c.voices, len(s.kept), c.slots)
		}
		if n := testing.AllocsPerRun(100, turn); n > 0 {
			t.Errorf("%d voices: %v allocations", c.voices, n)
		}
		if s.find(0, h.SequenceNumber, now) == nil || s.find(0, h.SequenceNumber-1, now.Add(soundAge)) != nil {
			t.Error("the newest is not there, or what is old is")
		}
	}
}

// TestSoundOfBrowsers: who does not offer to send sound again is not asked to. Browsers would send it under the same number with
// another header.
func TestSoundOfBrowsers(t *testing.T) {
	for _, offers := range []bool{false, true} {
		media := &webrtc.MediaEngine{}
		if err := media.RegisterDefaultCodecs(); err != nil {
			t.Fatal(err)
		}
		if offers {
			media.RegisterFeedback(askedAgain, webrtc.RTPCodecTypeAudio)
		}
		settings := webrtc.SettingEngine{LoggerFactory: silent}
		settings.SetIncludeLoopbackCandidate(true)
		api := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithSettingEngine(settings))
		c := joinWith(t, newSFU(t, Config{}).Room("r"), "A", api)
		c.add("mic", "opus")
		c.publish()
		if asked := strings.Contains(c.pub.RemoteDescription().SDP, "rtcp-fb:111 nack"); asked != offers {
			t.Errorf("offered %v, answered %v", offers, asked)
		}
	}
}
