package sfu

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

const validAnswer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 00\r\n" +
	"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\na=mid:0\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n"

func TestBadDescriptionsLeaveThePeerAlive(t *testing.T) {
	s := newSFU(t, Config{})
	room := s.Room("r")
	a, b := join(t, room, "A"), join(t, room, "B")
	a.add("mic", "opus")
	a.add("cam", "vp8")
	offer, list := a.description()
	mid := list[0].MID
	bad := []struct {
		name string
		sdp  string
		list []UpTrack
		want error
	}{
		{"empty", "", list, ErrDescription},
		{"noise", "\x00\xff not a description", list, ErrDescription},
		{"cut", offer[:len(offer)/2], list, nil},
		{"huge", offer + strings.Repeat("a=x:y\r\n", maxOffer/7), list, ErrDescription},
		{"no media", offer[:strings.Index(offer, "m=")], nil, ErrDescription},
		{"data channel", strings.Replace(offer, "m=audio", "m=application", 1), nil, ErrDescription},
		{"no mid", strings.ReplaceAll(offer, "a=mid:", "a=x-mid:"), nil, ErrDescription},
		{"one mid twice", strings.Replace(offer, "a=mid:1", "a=mid:0", 1), nil, ErrDescription},
		{"line break in mid", strings.Replace(offer, "a=mid:0", "a=mid:0 0", 1), nil, ErrDescription},
		{"no credentials", strings.ReplaceAll(offer, "a=ice-pwd", "a=x-pwd"), list, ErrDescription},
		{"no fingerprint", strings.ReplaceAll(offer, "a=fingerprint", "a=x"), list, ErrDescription},
		{"odd fingerprint", strings.ReplaceAll(offer, "a=fingerprint:sha-256 ", "a=fingerprint:"), list, ErrDescription},
		{"unknown mid", offer, []UpTrack{{MID: "77", Label: "x", Codec: "opus"}}, ErrTracks},
		{"mid twice", offer, append(list[:1:1], list[0]), ErrTracks},
		{"unknown codec", offer, []UpTrack{{MID: mid, Label: "x", Codec: "h265"}}, ErrTracks},
		{"codec of the other kind", offer, []UpTrack{{MID: "0", Codec: "vp8"}, {MID: "1", Codec: "vp8"}}, ErrTracks},
		{"codec not offered", strings.ReplaceAll(offer, "VP8", "VP7"), list, ErrTracks},
		{"not sending", strings.ReplaceAll(offer, "a=sendonly", "a=recvonly"), list, ErrTracks},
		{"too many", offer, make([]UpTrack, maxTracks+1), ErrTracks},
	}
	try := func(when string) {
		for _, test := range bad {
			answer, err := a.peer.Publish(test.sdp, test.list)
			if err == nil || answer != "" || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%s, %s: %v, want %v", test.name, when, err, test.want)
			}
		}
	}
	try("before")
	a.complete(offer, list)
	b.next("sound", func(p packet) bool { return p.Label == "mic" })
	offer, list = a.description() // under way when the bad ones come
	try("between")
	a.complete(offer, list)
	before := len(b.seen)
	b.next("sound after bad descriptions", func(p packet) bool { return p.Label == "mic" && len(b.seen) > before })
	select {
	case err := <-a.failed:
		t.Errorf("peer failed: %v", err)
	default:
	}
	if n := s.Stats().DescriptionsRefused; n != uint64(2*len(bad)) {
		t.Errorf("%d counted, want %d", n, 2*len(bad))
	}
}

func TestBadAnswers(t *testing.T) {
	room := newSFU(t, Config{}).Room("r")
	a, b := join(t, room, "A"), join(t, room, "B")
	b.silent.Store(true)
	a.add("mic", "opus")
	a.publish()
	offer := wait(t, b.offers)
	for _, bad := range []string{"", "noise", validAnswer[:strings.Index(validAnswer, "m=")], strings.ReplaceAll(validAnswer, "a=ice-pwd", "a=x"),
		strings.ReplaceAll(validAnswer, "a=fingerprint:sha-256 ", "a=fingerprint:")} {
		if err := b.peer.Answer(offer, bad); !errors.Is(err, ErrDescription) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	answer, err := b.answerTo(b.peer.sub.pc.LocalDescription().SDP)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.peer.Answer(offer, answer); err != nil {
		t.Errorf("the good answer after the bad ones: %v", err)
	}
	b.next("sound", func(packet) bool { return true })
}

// A server that took candidates from clients could be made to send packets to third parties.
func TestCandidatesAreNotRead(t *testing.T) {
	const candidate = "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
	for _, with := range []string{validAnswer + candidate, strings.Replace(validAnswer, "m=audio", candidate+"m=audio", 1)} {
		if !strings.Contains(with, "192.0.2.1") {
			t.Fatal("the test's own description has no address")
		}
		answer, _, err := readAnswer(with+"a=end-of-candidates\r\n", validAnswer)
		if err != nil || answer != validAnswer {
			t.Errorf("%v: %q", err, answer)
		}
		offer, _, err := readOffer(with)
		if err != nil || offer != validAnswer {
			t.Errorf("%v: %q", err, offer)
		}
	}
}

func TestProfile(t *testing.T) {
	offer := strings.Replace(validAnswer, "m=audio 9 UDP/TLS/RTP/SAVPF 111", "m=video 9 UDP/TLS/RTP/SAVPF 98 100 101", 1)
	offer = strings.Replace(offer, "a=recvonly", "a=sendonly", 1) +
		"a=rtpmap:98 VP9/90000\r\na=fmtp:98 profile-id=2\r\na=rtpmap:100 vp9/90000\r\na=fmtp:100 profile-id=0; x=1\r\na=rtpmap:101 VP9/90000\r\n"
	_, sections, err := readOffer(offer)
	if err != nil {
		t.Fatal(err)
	}
	if got := sections["0"].payloads["vp9"]; len(got) != 2 || got[0] != 100 || got[1] != 101 {
		t.Errorf("profile 0 is %v, want 100 and, since it names none, 101", got)
	}
}

func TestH264Profile(t *testing.T) {
	chromium, err := os.ReadFile("testdata/chromium-156.sdp")
	if err != nil {
		t.Fatal(err)
	}
	_, sections, err := readOffer(string(chromium))
	if err != nil {
		t.Fatal(err)
	}
	if got := sections["1"].payloads["h264"]; len(got) != 1 || got[0] != 108 {
		t.Errorf("constrained baseline in packetization mode 1 is %v, want 108 of six", got)
	}
}

// Pion keeps all that was ever offered: one connection must not grow without end by giving up sections for others.
func TestS5_ManyMIDs(t *testing.T) {
	a := join(t, newSFU(t, Config{}).Room("r"), "A")
	a.add("mic", "opus")
	a.publish()
	offer, list := a.description()
	i := strings.Index(offer, "m=audio")
	next := 0
	more := func(n int) error {
		sdp := offer
		for range n {
			next++
			sdp += strings.Replace(strings.Replace(offer[i:], "a=mid:0\r\n", fmt.Sprintf("a=mid:x%d\r\n", next), 1), "a=sendonly", "a=inactive", 1)
		}
		_, err := a.peer.Publish(sdp, list)
		return err
	}
	for left := maxMIDs - 1; left > 0; left -= min(left, maxSections-1) {
		if err := more(min(left, maxSections-1)); err != nil {
			t.Fatalf("%d mids: %v", next+1, err)
		}
	}
	if err := more(1); !errors.Is(err, ErrConnection) {
		t.Errorf("%d mids: %v, want %v", next+1, err, ErrConnection)
	}
	if n := len(a.peer.pub.pc.GetTransceivers()); n > maxMIDs {
		t.Errorf("%d transceivers", n)
	}
	if err := wait(t, a.failed); !errors.Is(err, ErrConnection) {
		t.Error(err)
	}
}
