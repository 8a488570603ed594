package repair

import (
	"slices"
	"testing"
	"time"
)

// receiver has an Asker and a Leap, and notes what it is to go on with.
type receiver struct {
	asker Asker
	leap  Leap[uint16]
	now   time.Time
	on    []uint16
}

// got takes packets of three a frame; every thirtieth is a key frame.
func (r *receiver) got(sequences ...uint16) {
	for _, s := range sequences {
		frame := s / 3
		r.now = r.now.Add(10 * time.Millisecond)
		r.asker.Got(s, r.now)
		if on := r.leap.Got(&r.asker, s, uint32(frame)*3000, s%3 == 2, s%3 == 0 && frame%30 == 0, s, r.now); on != nil {
			r.on = on
		}
	}
}

func row(from, to uint16) (all []uint16) {
	for s := from; s < to; s++ {
		all = append(all, s)
	}
	return all
}

// TestLeap: behind a gap that stays it goes on with the key frame as soon as that is whole, in order.
func TestLeap(t *testing.T) {
	r := &receiver{now: start}
	r.got(row(3, 80)...)
	r.got(row(82, 90)...)
	r.got(90, 93, 92)
	if r.on != nil {
		t.Fatalf("goes on with %v, which is not whole", r.on)
	}
	r.got(91)
	if want := []uint16{90, 91, 92, 93}; !slices.Equal(r.on, want) {
		t.Fatalf("goes on with %v, want %v", r.on, want)
	}
	if due := r.asker.Due(r.now.Add(time.Second/2), nil); len(due) > 0 {
		t.Errorf("still asks for %v", due)
	}
	r.on = nil
	r.got(row(94, 300)...)
	if r.on != nil || len(r.leap.kept) > 0 {
		t.Errorf("without a gap goes on with %v, keeps %d", r.on, len(r.leap.kept))
	}
}

// TestNoLeap: what is repaired in time, or is missing behind the key frame or in it, is waited for.
func TestNoLeap(t *testing.T) {
	for name, sequences := range map[string][]uint16{
		"repaired in time": slices.Concat(row(3, 89), row(90, 98), []uint16{89}, row(98, 180)),
		"in the key frame": slices.Concat(row(3, 91), row(92, 140)),
		"behind it":        slices.Concat(row(3, 94), row(95, 140)),
		"no key frame":     slices.Concat(row(93, 100), row(101, 170)),
		"twice":            slices.Concat(row(3, 94), row(85, 110)),
	} {
		r := &receiver{now: start}
		r.got(sequences...)
		if r.on != nil {
			t.Errorf("%s: goes on with %v", name, r.on)
		}
	}
}

// TestLeapWaits: a key frame that comes right behind the gap has to wait a little, and then what came meanwhile comes along.
func TestLeapWaits(t *testing.T) {
	r := &receiver{now: start}
	r.got(row(3, 88)...)
	r.got(row(89, 120)...)
	if len(r.on) < 8 || !slices.Equal(r.on, row(90, 90+uint16(len(r.on)))) {
		t.Errorf("goes on with %v", r.on)
	}
}

// TestLeapIsBounded: a key frame without an end is not kept for ever.
func TestLeapIsBounded(t *testing.T) {
	var a Asker
	var l Leap[int]
	a.Got(1, start)
	for s := uint16(3); s < 3000; s++ {
		a.Got(s, start)
		if l.Got(&a, s, 7, false, s == 3, 0, start.Add(time.Second)) != nil || len(l.kept) > mostKept {
			t.Fatalf("at %d: %d kept", s, len(l.kept))
		}
	}
}
