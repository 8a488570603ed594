package mediacrypt

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// slowOrder is the rule in the stupidest words. Positions are single numbers: the tests' counters stay below 2^16.
type slowOrder struct {
	track    uint64
	accepted []orderedFrame // on this track, all of them
	before   []orderedFrame // on the tracks before
	behind   int
}

func (s *slowOrder) accept(f orderedFrame, track uint64) bool {
	number := func(f orderedFrame) uint64 { return uint64(f.position.KID)<<16 | f.position.CTR }
	first := len(s.accepted)+len(s.before) == 0
	highest, newest := uint64(0), f
	for _, o := range slices.Concat(s.before, s.accepted) {
		if highest <= number(o) {
			highest, newest = number(o), o
		}
	}
	begin := func() bool {
		s.before = slices.Concat(s.before, s.accepted)
		s.accepted, s.track, s.behind = []orderedFrame{f}, track, 0
		return true
	}
	switch {
	case first:
		return begin()
	case track != s.track:
		return number(f) > highest && begin()
	}
	good := true
	for _, o := range s.before {
		good = good && number(f) > number(o)
	}
	slices.SortFunc(s.accepted, func(a, b orderedFrame) int { return int(int64(number(b)) - int64(number(a))) })
	above := 0
	for i, o := range s.accepted {
		if number(o) > number(f) {
			above++
		}
		if ahead := (int64(f.timestamp) - int64(o.timestamp) + 1<<32) % (1 << 32); i < 64 {
			later, earlier := ahead < 1<<31, ahead > 1<<31
			good = good && (number(f) > number(o) && later || number(f) < number(o) && earlier)
		}
	}
	late := (int64(newest.timestamp) - int64(f.timestamp) + 1<<32) % (1 << 32)
	good = good && above < 64 && (late <= 64*960 || late >= 1<<31)
	if good {
		s.accepted, s.behind = append(s.accepted, f), 0
		return true
	}
	if number(f) <= highest {
		return false
	}
	s.behind++
	return s.behind == 64 && begin()
}

func TestOrderAgainstList(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 15))
		var fast Order
		var slow slowOrder
		at, clock, track, accepted := uint64(r.IntN(3)), r.Uint32(), uint64(0), 0
		for i := range 1500 {
			switch r.IntN(400) {
			case 0:
				track, clock = track+r.Uint64N(2), r.Uint32() // sometimes without telling
			case 1:
				clock += 1<<31 - 3 + r.Uint32N(6)
			case 2:
				at = at>>16<<16 + 1<<16 // the next key
			}
			at += 1 + r.Uint64N(2)*r.Uint64N(3)
			clock += 960
			back := uint64(0)
			switch r.IntN(8) {
			case 0:
				back = min(at, r.Uint64N(5))
			case 1:
				back = min(at, r.Uint64N(150))
			}
			f := orderedFrame{Header{KeyID((at - back) >> 16), (at - back) & 0xffff}, clock - uint32(back)*960}
			switch r.IntN(40) {
			case 0:
				f.timestamp += r.Uint32N(200_000) - 100_000
			case 1:
				f.timestamp = clock - maxLateTicks + r.Uint32N(3) - 1
			}
			on := track
			if track > 0 && r.IntN(100) == 0 {
				on-- // a straggler of the track before
			}
			got, want := fast.Accept(f.position, f.timestamp, on), slow.accept(f, on)
			if (got == nil) != want || got != nil && !errors.Is(got, ErrOrder) {
				t.Fatalf("seed %d, frame %d: Accept(%v, %d, %d) = %v, want accepted: %v", seed, i, f.position, f.timestamp, on, got, want)
			}
			if want {
				accepted++
			}
		}
		if accepted < 500 || accepted > 1480 {
			t.Fatalf("seed %d: %d accepted, the orders tried are too tame or too wild", seed, accepted)
		}
	}
}

// orderVectors are shared with the worker's order.ts.
type orderVectors struct {
	Comment string      `json:"comment"`
	Cases   []orderCase `json:"cases"`
}

type orderCase struct {
	Name   string       `json:"name"`
	Frames []orderFrame `json:"frames"`
}

type orderFrame struct {
	KID       number `json:"kid"`
	CTR       number `json:"ctr"`
	Timestamp uint32 `json:"timestamp"`
	Track     uint64 `json:"track"`
	Accepted  bool   `json:"accepted"`
}

// makeOrderVectors says by hand what is accepted, so that the file is no echo of the code.
func makeOrderVectors() orderVectors {
	v := orderVectors{Comment: "Frames of one source of one sender as they arrive, made by go test ./mediacrypt -update. Numbers of 64 bits are decimal strings."}
	var c orderCase
	put := func(kid KeyID, ctr uint64, timestamp uint32, track uint64, accepted bool) {
		c.Frames = append(c.Frames, orderFrame{number(kid), number(ctr), timestamp, track, accepted})
	}
	run := func(kid KeyID, from, to uint64, timestamp uint32, track uint64, accepted bool) {
		for ctr := from; ctr < to; ctr++ {
			put(kid, ctr, timestamp+uint32(ctr-from)*960, track, accepted)
		}
	}
	end := func(name string) {
		c.Name = name
		v.Cases = append(v.Cases, c)
		c = orderCase{}
	}

	run(0, 0, 70, 0, 1, true)
	end("in order, from nothing")

	for _, ctr := range []uint64{3, 1, 0, 2, 7, 4, 6, 5} {
		put(5, ctr, 1000+uint32(ctr)*960, 1, true)
	}
	put(5, 9, 1000+8*960, 1, true)
	put(5, 8, 1000+9*960, 1, false)
	end("jitter with true timestamps; two frames with each other's")

	run(5, 0, 10, 1<<32-5*960, 1, true)
	put(5, 12, 7*960, 1, true)
	put(5, 10, 5*960, 1, true)
	put(5, 11, 1<<32-960/2, 1, false)
	end("timestamps wrap")

	run(1<<16|3, 100, 110, 0, 1, true)
	put(1<<16|4, 1, 11*960, 1, true)
	put(1<<16|4, 0, 10*960, 1, true)
	put(1<<16|3, 110, 12*960, 1, false)
	put(2<<16, 0, 13*960, 1, true)
	put(1<<16|5, 500, 14*960, 1, false)
	put(1<<16|5, 500, 12*960, 1, true)
	end("keys change: index, then generation")

	put(5, 10, 0, 1, true)
	put(5, 11, 19200, 1, true)
	put(5, 13, 19200*3, 1, true)
	put(5, 12, 19200*2, 1, true)
	put(5, 50, 48000*3600, 1, true)
	end("silence without frames, then an hour of it")

	run(5, 100, 164, 96000, 1, true)
	put(5, 99, 96000-1, 1, false)
	end("older than 64 that were accepted")

	put(5, 100, 100_000, 1, true)
	put(5, 2, 100_000-maxLateTicks-1, 1, false)
	put(5, 3, 100_000-maxLateTicks, 1, true)
	end("too late to be played")

	run(5, 0, 10, 0, 1, true)
	put(5, 10, 9*960, 1, true)
	put(5, 13, 9*960, 1, true)
	put(5, 12, 9*960, 1, false)
	put(5, 14, 9*960+1<<31, 1, false)
	end("the same timestamp; one 2^31 away")

	run(5, 0, 20, 7_000_000, 1, true)
	put(5, 19, 0, 2, false)
	put(5, 12, 50*960, 2, false)
	put(5, 22, 2*960, 2, true)
	put(5, 21, 960, 2, true)
	put(5, 20, 0, 2, true)
	put(5, 18, 1<<32-960, 2, false)
	put(5, 23, 7_000_000+20*960, 1, true)
	put(5, 24, 3*960, 2, true)
	end("a new track: only what lies above")

	run(5, 0, 10, 5_000_000, 1, true)
	run(5, 10, 73, 1000, 1, false)
	put(5, 8, 5_000_000+90*960, 1, false)
	run(5, 73, 80, 1000+63*960, 1, true)
	put(5, 9, 1000+62*960, 1, false)
	end("the sender's clock begins anew: 63 are lost")

	run(5, 0, 10, 5_000_000, 1, true)
	run(5, 10, 73, 1000, 1, false)
	put(5, 73, 5_000_000+20*960, 1, true)
	run(5, 74, 137, 1000, 1, false)
	end("63 behind are not in a row with 63 more")

	run(5, 500, 600, 0, 1, true)
	run(5, 100, 200, 100*960, 1, false)
	run(5, 600, 610, 200*960, 1, true)
	end("what was held back is played later")
	return v
}

func TestOrderVectors(t *testing.T) {
	path := filepath.Join("testdata", "order.json")
	want, err := json.MarshalIndent(makeOrderVectors(), "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(b) != string(want) {
		t.Error("testdata/order.json is not what this test makes: run go test ./mediacrypt -update")
	}
	var v orderVectors
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	for _, c := range v.Cases {
		var o Order
		var slow slowOrder
		for i, f := range c.Frames {
			position := Header{KeyID(f.KID), uint64(f.CTR)}
			err := o.Accept(position, f.Timestamp, f.Track)
			if (err == nil) != f.Accepted {
				t.Errorf("%s: frame %d (%v, %d): %v", c.Name, i, position, f.Timestamp, err)
			}
			if slow.accept(orderedFrame{position, f.Timestamp}, f.Track) != f.Accepted {
				t.Errorf("%s: frame %d: the list disagrees", c.Name, i)
			}
		}
	}
}

func TestOrderIsSafeForConcurrentUse(t *testing.T) {
	var o Order
	var wg sync.WaitGroup
	for track := range uint64(4) {
		wg.Go(func() {
			for i := range uint64(2000) {
				_ = o.Accept(Header{testKID, i*4 + track}, uint32(i)*960, track)
			}
		})
	}
	wg.Wait()
	if err := o.Accept(Header{testKID, 8000}, 0, 9); err != nil {
		t.Error(err)
	}
}

// speech is 82 seconds of it in frames of 20 ms: as many as the replay window holds.
func speech(t *testing.T) [][]byte {
	t.Helper()
	s, err := NewSealer(testKID, testKey)
	if err != nil {
		t.Fatal(err)
	}
	frames := make([][]byte, windowSize)
	for i := range frames {
		if frames[i], err = s.Seal(nil, SourceMic, CodecOpus, []byte{byte(i >> 8), byte(i), 1}); err != nil {
			t.Fatal(err)
		}
	}
	return frames
}

func TestF15_SpeechReordered(t *testing.T) {
	frames := speech(t)
	half := len(frames) / 2
	forth := make([]int, len(frames))
	for i := range forth {
		forth[i] = i
	}
	back := slices.Clone(forth)
	slices.Reverse(back)
	// What the server may hand on; it writes the timestamps as it likes: rising, or as the sender's were.
	for _, c := range []struct {
		name     string
		order    []int
		original bool
		min, max int // how many may be heard
	}{
		{"as it was said", forth, true, windowSize, windowSize},
		{"the halves swapped", slices.Concat(forth[half:], forth[:half]), false, half, half},
		{"the halves swapped, under their own timestamps", slices.Concat(forth[half:], forth[:half]), true, half, half},
		{"backwards", back, false, 1, 1},
		{"backwards, under their own timestamps", back, true, 1, orderMemory},
		{"shuffled", rand.New(rand.NewPCG(15, 15)).Perm(len(frames)), false, 1, 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := openerWith(t, testKID, testKey)
			var order Order
			opened, heard := 0, []int(nil)
			for at, i := range c.order {
				_, h, err := o.Open(nil, SourceMic, CodecOpus, frames[i])
				if err != nil {
					t.Fatal(err)
				}
				opened++ // with the check off, each of them is heard
				timestamp := uint32(at) * 960
				if c.original {
					timestamp = uint32(i) * 960
				}
				if order.Accept(h, timestamp, 1) == nil {
					heard = append(heard, i)
				}
			}
			if opened != windowSize {
				t.Errorf("only %d open without the check: this test proves nothing", opened)
			}
			if len(heard) < c.min || len(heard) > c.max {
				t.Errorf("%d heard, want %d to %d", len(heard), c.min, c.max)
			}
			if !c.original && !slices.IsSorted(heard) {
				t.Error("heard out of order")
			}
		})
	}
}

// A server can hold speech back and play it on a track it makes anew: the replay window does not know these frames.
func TestF15_SpeechHeldBackForANewTrack(t *testing.T) {
	frames := speech(t)
	o := openerWith(t, testKID, testKey)
	var order Order
	hear := func(frames [][]byte, track uint64) (opened, heard int) {
		for i, f := range frames {
			_, h, err := o.Open(nil, SourceMic, CodecOpus, f)
			if err != nil {
				continue
			}
			opened++
			if order.Accept(h, uint32(i)*960, track) == nil {
				heard++
			}
		}
		return opened, heard
	}
	if _, heard := hear(frames[1000:2000], 1); heard != 1000 {
		t.Fatalf("%d of 1000 heard", heard)
	}
	if opened, heard := hear(frames[:1000], 2); opened != 1000 || heard != 0 {
		t.Errorf("held back: %d of 1000 open, %d heard", opened, heard)
	}
	if opened, _ := hear(frames[1000:2000], 3); opened != 0 {
		t.Errorf("%d replayed", opened)
	}
	if _, heard := hear(frames[2000:], 4); heard != len(frames)-2000 {
		t.Errorf("what lies above: %d heard", heard)
	}
}
