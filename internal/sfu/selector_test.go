package sfu

import (
	"math/rand/v2"
	"testing"

	"github.com/grotto-meet/grotto/internal/sfu/rewrite"
)

func TestEncodingsChangeOnKeyFrames(t *testing.T) {
	s := selector{encodings: true, target: layerChoice{1, 9}}
	frame := func(stream int8, key bool) verdict {
		return s.next(stream, &rewrite.Packet{Start: true, Key: key})
	}
	for i, step := range []struct {
		target int8
		stream int8
		key    bool
		want   verdict
	}{
		{1, 1, false, verdictIgnore},
		{1, 0, true, verdictIgnore},
		{1, 1, true, verdictBegin},
		{1, 0, true, verdictIgnore},
		{2, 1, false, verdictForward}, // goes on until the other one begins
		{2, 2, false, verdictIgnore},
		{2, 1, true, verdictForward},
		{2, 2, true, verdictBegin},
		{2, 1, true, verdictIgnore},
		{0, 2, false, verdictForward}, // and down the same
		{0, 0, false, verdictIgnore},
		{0, 0, true, verdictBegin},
		{-1, 0, true, verdictIgnore},
		{0, 0, false, verdictIgnore}, // after a pause as well
		{0, 0, true, verdictBegin},
	} {
		s.target.spatial = step.target
		if got := frame(step.stream, step.key); got != step.want {
			t.Errorf("step %d: %d, want %d", i, got, step.want)
		}
	}
}

// A stream of layers is selected at random, and held against what a decoder needs: every frame sent must have all that it
// builds upon, which here is the lower layers of its picture, and in its own and the lower temporal layers the frames
// before it, back to the last that needed none of them.
func TestEveryFrameSentCanBeDecoded(t *testing.T) {
	const spatials, temporals = 3, 3
	pattern := []uint8{0, 2, 1, 2}
	random := rand.New(rand.NewPCG(3, 4))
	most := layerChoice{}
	s := selector{target: allLayers}
	have := [spatials][temporals]bool{} // nothing is missing since the layer could last be begun with
	for picture := range uint32(200_000) {
		if random.IntN(20) == 0 {
			s.target = layerChoice{int8(random.IntN(spatials+1)) - 1, int8(random.IntN(temporals))}
		}
		key := random.IntN(100) == 0
		temporal := pattern[picture%4]
		up := picture%4 != 3 && temporal > 0 // the second T2 frame builds upon T1
		if key {
			temporal = 0
		}
		for spatial := range uint8(spatials) {
			p := rewrite.Packet{Timestamp: picture, Start: true, End: true, Spatial: spatial, Temporal: temporal, Key: key && spatial == 0}
			if up {
				p.Up = temporal
			}
			v := s.next(0, &p)
			sent := v == verdictBegin || v == verdictForward
			if sent {
				decodable := key || have[spatial][temporal] || up && have[spatial][0]
				if spatial > 0 && !have[spatial-1][temporal] {
					decodable = false
				}
				for lower := range temporal {
					decodable = decodable && (key || up && lower > 0 || have[spatial][lower])
				}
				if !decodable {
					t.Fatalf("picture %d: layer %d/%d was sent for nothing, target %v, current %v", picture, spatial, temporal, s.target, s.current)
				}
				most.spatial, most.temporal = max(most.spatial, int8(spatial)), max(most.temporal, int8(temporal))
			}
			have[spatial][temporal] = sent
			for upper := temporal + 1; upper < temporals && (key || !sent); upper++ {
				have[spatial][upper] = key && sent
			}
		}
	}
	if most.spatial != spatials-1 || most.temporal != temporals-1 {
		t.Errorf("never more than %v", most)
	}
}

// Where no frame says that one may go up in temporal layers, a key frame does.
func TestHeldTooLong(t *testing.T) {
	s := selector{target: layerChoice{0, 0}}
	s.next(0, &rewrite.Packet{Key: true, Start: true})
	upper := rewrite.Packet{Temporal: 1, Start: true}
	for range 2 * heldTooLong {
		upper.Timestamp++
		s.next(0, &upper)
	}
	if _, waits := s.waitsFor(); waits {
		t.Error("waits for what nobody wants")
	}
	s.target.temporal = 1
	for n := 0; ; n++ {
		if _, waits := s.waitsFor(); waits {
			break
		} else if n > heldTooLong {
			t.Fatal("waits for ever")
		}
		upper.Timestamp++
		if s.next(0, &upper) != verdictDrop {
			t.Error("went up")
		}
	}
	s.next(0, &rewrite.Packet{Key: true, Start: true})
	if _, waits := s.waitsFor(); waits || s.next(0, &upper) != verdictForward {
		t.Error("still waits")
	}
}

func TestPaddingIsLeftOut(t *testing.T) {
	s := selector{target: allLayers}
	if v := s.next(0, &rewrite.Packet{Empty: true, Key: true}); v != verdictIgnore {
		t.Errorf("begun with padding: %d", v)
	}
	s.next(0, &rewrite.Packet{Key: true})
	if v := s.next(0, &rewrite.Packet{Empty: true}); v != verdictDrop {
		t.Errorf("%d", v)
	}
}

func TestWaitsFor(t *testing.T) {
	for _, test := range []struct {
		s      selector
		stream int8
		waits  bool
	}{
		{selector{target: noLayers}, 0, false},
		{selector{target: allLayers}, 0, true},
		{selector{target: layerChoice{1, 1}, current: layerChoice{2, 2}, sending: true}, 0, false},
		{selector{target: layerChoice{2, 1}, current: layerChoice{1, 2}, sending: true}, 0, true},
		{selector{encodings: true, target: layerChoice{1, 1}, current: layerChoice{2, 2}, sending: true}, 1, true},
		{selector{encodings: true, target: layerChoice{1, 1}, current: layerChoice{1, 2}, sending: true}, 1, false},
	} {
		if stream, waits := test.s.waitsFor(); waits != test.waits || waits && stream != test.stream {
			t.Errorf("%+v: %d %v", test.s, stream, waits)
		}
	}
}
