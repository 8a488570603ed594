package sfu

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

const simulcastOffer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 00\r\n" +
	"m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\na=mid:0\r\na=sendonly\r\n" +
	"a=msid:- t\r\na=rtpmap:96 VP8/90000\r\na=rid:q send\r\na=rid:h send\r\na=rid:f send pt=96\r\na=simulcast:send q;h;~f\r\n"

func TestEncodingsOfAnOffer(t *testing.T) {
	_, sections, err := readOffer(simulcastOffer)
	if err != nil || !slices.Equal(sections["0"].rids, []string{"q", "h", "f"}) {
		t.Fatalf("%q, %v", sections["0"].rids, err)
	}
	change := strings.NewReplacer
	for name, r := range map[string]*strings.Replacer{
		"received":     change("a=rid:h send", "a=rid:h recv"),
		"both ways":    change("send q;h;~f", "send q;h;~f recv a"),
		"twice":        change("a=rid:h", "a=rid:q"),
		"no direction": change("a=rid:h send", "a=rid:h"),
		"odd":          change("a=rid:h", "a=rid:h;x"),
		"long":         change("a=rid:h", "a=rid:"+strings.Repeat("h", maxRID+1)),
		"many":         change("a=rid:h send", "a=rid:a send\r\na=rid:b send\r\na=rid:c send"),
		"no track id":  change("a=msid:- t", "a=msid:-"),
	} {
		if _, _, err := readOffer(r.Replace(simulcastOffer)); !errors.Is(err, ErrDescription) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLayersAreThoseOfTheOffer(t *testing.T) {
	layers := func(rids ...string) UpTrack {
		track := UpTrack{MID: "0", Codec: "vp8"}
		for _, rid := range rids {
			track.Layers = append(track.Layers, Layer{RID: rid})
		}
		return track
	}
	for _, test := range []struct {
		listed, offered []string
		ok              bool
	}{
		{nil, nil, true},
		{[]string{"", ""}, nil, true}, // of a scalable stream
		{[]string{"q", "f"}, []string{"f", "q"}, true},
		{nil, []string{"q"}, false},
		{[]string{"q"}, nil, false},
		{[]string{"q"}, []string{"q", "f"}, false},
		{[]string{"q", "q"}, []string{"q", "f"}, false},
		{[]string{"", "q"}, nil, false},
		{make([]string, maxEncodings+1), nil, false},
	} {
		if err := checkLayers(layers(test.listed...), test.offered); (err == nil) != test.ok || err != nil && !errors.Is(err, ErrTracks) {
			t.Errorf("%q of %q: %v", test.listed, test.offered, err)
		}
	}
}
