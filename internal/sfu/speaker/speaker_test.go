package speaker

import (
	"slices"
	"testing"
	"time"
)

const quiet = 90 // a room with nobody speaking, as a level

// talk is so many packets of everybody, at the level of each.
func talk(f *Floor[string], from time.Duration, packets int, levels map[string]uint8) (until time.Duration, sent map[string]int) {
	sent = map[string]int{}
	for range packets {
		for who, level := range levels {
			if f.Heard(who, level, from) {
				sent[who]++
			}
		}
		from += packetTime
	}
	return from, sent
}

// TestSpeaking: who speaks is listed after a moment, the loudest first, and not a second after having stopped, whether
// packets go on or not.
func TestSpeaking(t *testing.T) {
	for name, goesOn := range map[string]bool{"silence is sent": true, "silence is not sent": false} {
		t.Run(name, func(t *testing.T) {
			f := &Floor[string]{}
			now, _ := talk(f, 0, 50, map[string]uint8{"a": quiet, "b": quiet, "c": quiet})
			if got := f.Speaking(now, nil); len(got) > 0 {
				t.Fatal("in silence", got)
			}
			now, _ = talk(f, now, 10, map[string]uint8{"a": 35, "b": 20, "c": quiet})
			if got := f.Speaking(now, nil); !slices.Equal(got, []string{"b", "a"}) {
				t.Fatal("200 ms later", got)
			}
			if goesOn {
				now, _ = talk(f, now, 50, map[string]uint8{"a": quiet, "b": quiet, "c": quiet})
			} else {
				now += time.Second
			}
			if got := f.Speaking(now, nil); len(got) > 0 {
				t.Error("a second after", got)
			}
		})
	}
}

// TestBreath: a pause between words is not the end of speaking.
func TestBreath(t *testing.T) {
	f := &Floor[string]{}
	now, _ := talk(f, 0, 20, map[string]uint8{"a": 25})
	for range 20 {
		now, _ = talk(f, now, 8, map[string]uint8{"a": 70})
		if got := f.Speaking(now, nil); len(got) != 1 {
			t.Fatal("a breath", got)
		}
		now, _ = talk(f, now, 10, map[string]uint8{"a": 25})
	}
}

// TestPlaces: never more than there are places; nothing of a first word is lost while one is free or its owner is silent;
// who speaks is not cut off by an equal, but by somebody clearly louder.
func TestPlaces(t *testing.T) {
	f := &Floor[string]{Places: 2}
	now, sent := talk(f, 0, 50, map[string]uint8{"a": quiet, "b": quiet, "c": quiet, "d": quiet})
	if len(sent) > 0 {
		t.Fatal("silence was sent", sent)
	}
	now, sent = talk(f, now, 50, map[string]uint8{"a": 30, "b": 32})
	if sent["a"] != 50 || sent["b"] != 50 {
		t.Fatal("words were lost", sent)
	}
	now, sent = talk(f, now, 50, map[string]uint8{"a": 30, "b": 32, "c": 30})
	if sent["a"] != 50 || sent["b"] != 50 || sent["c"] != 0 {
		t.Fatal("an equal took a place", sent)
	}
	now, sent = talk(f, now, 50, map[string]uint8{"a": 30, "b": 32, "c": 10})
	if sent["a"] != 50 || sent["c"] < 40 || sent["b"] > 10 {
		t.Fatal("somebody louder got none", sent)
	}
	now, _ = talk(f, now, 120, map[string]uint8{"a": quiet, "c": 25}) // a has stopped
	now, sent = talk(f, now, 50, map[string]uint8{"d": 40, "c": 25})
	if sent["d"] != 50 || sent["c"] != 50 {
		t.Fatal("the place of a silent one was not given", sent)
	}
	f.Forget("c")
	if _, sent = talk(f, now, 10, map[string]uint8{"d": 40, "b": 40}); sent["b"] != 10 {
		t.Error("the place of one who left was not given", sent)
	}
	if f.taken != 2 {
		t.Error(f.taken)
	}
}

// TestAll: without places everything is sent.
func TestAll(t *testing.T) {
	f := &Floor[string]{}
	if _, sent := talk(f, 0, 10, map[string]uint8{"a": 127, "b": 0}); sent["a"] != 10 || sent["b"] != 10 {
		t.Error(sent)
	}
}

func TestNoAllocations(t *testing.T) {
	f := &Floor[string]{Places: 1}
	now := time.Duration(0)
	list := make([]string, 0, 4)
	step := func() {
		now += packetTime
		f.Heard("a", 20, now)
		f.Heard("b", 120, now)
	}
	step()
	if n := testing.AllocsPerRun(1000, step); n > 0 {
		t.Error(n)
	}
	_ = f.Speaking(now, list)
}
