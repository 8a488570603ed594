package sfu

import (
	"strings"
	"testing"
)

// TestStereo: two channels are agreed on where the sender says it has them, and nowhere else.
func TestStereo(t *testing.T) {
	room := newSFU(t, Config{}).Room("r")
	b := join(t, room, "B")
	a := join(t, room, "A")
	a.add("mic", "opus")
	screen := a.add("screen_audio", "opus")
	offer, list := a.description()
	mid := screen.tr.Mid()
	answer, err := a.peer.Publish(withStereo(offer, senderStereo, map[string]bool{mid: true}), list)
	if err != nil {
		t.Fatal(err)
	}
	opus := func(description string) map[string]string {
		found := map[string]string{}
		for _, section := range strings.Split(description, "\r\nm=")[1:] {
			found[attribute(section, "mid:")] = attribute(section, "fmtp:")
		}
		return found
	}
	for m, parameters := range opus(answer) {
		if strings.Contains(parameters, " stereo=1") != (m == mid) {
			t.Errorf("the answer says %q of %s", parameters, m)
		}
	}
	b.subscribed("A/mic/opus", "A/screen_audio/opus")
	b.mu.Lock()
	offered := opus(b.sub.RemoteDescription().SDP)
	b.mu.Unlock()
	stereo := 0
	for m, parameters := range offered {
		if strings.Contains(parameters, "sprop-stereo=1") {
			stereo++
		}
		if !strings.Contains(parameters, "useinbandfec=1") { // what was there is there still
			t.Errorf("the offer says %q of %s", parameters, m)
		}
	}
	if len(offered) != 2 || stereo != 1 {
		t.Errorf("%d of %d sections are offered in stereo, want 1 of 2", stereo, len(offered))
	}
}
