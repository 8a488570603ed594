package allot

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var begin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

const (
	screen = iota
	pinned
	speaker
	grid
)

// simple is a track of options of those rates.
func simple(key string, rank int, rates ...float64) Track[string] {
	t := Track[string]{Key: key, Rank: rank}
	for i, r := range rates {
		t.Options = append(t.Options, Option{Spatial: i, Bits: r})
	}
	return t
}

func choices(tracks []Track[string]) (all []int) {
	for _, t := range tracks {
		all = append(all, t.Choice)
	}
	return all
}

// settle allots for some time and returns what it ends with.
func settle(a *Allocator[string], at *time.Time, bits float64, tracks []Track[string]) []int {
	for range 600 {
		*at = at.Add(100 * time.Millisecond)
		a.Allot(*at, Room{Bits: bits, Known: true}, tracks)
	}
	return choices(tracks)
}

func TestOrder(t *testing.T) {
	tracks := []Track[string]{
		simple("a", grid, 100, 300, 900),
		simple("b", grid, 100, 300, 900),
		simple("s", speaker, 100, 300, 900),
		simple("p", pinned, 100, 300, 900),
		simple("x", screen, 200, 800),
	}
	for _, c := range []struct {
		room float64
		want []int
	}{
		{0, []int{-1, -1, -1, -1, -1}},
		{210, []int{-1, -1, -1, -1, 0}}, // the screen first
		{320, []int{-1, -1, -1, 0, 0}},
		{430, []int{-1, -1, 0, 0, 0}},
		{640, []int{0, 0, 0, 0, 0}}, // everybody is seen before anybody is seen better
		{1300, []int{0, 0, 0, 0, 1}},
		{1480, []int{0, 0, 0, 1, 1}},
		{2320, []int{0, 0, 1, 2, 1}},
		{4640, []int{2, 2, 2, 2, 1}},
	} {
		var a Allocator[string]
		at := begin
		if got := settle(&a, &at, c.room, tracks); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.room, got, c.want)
		}
	}
}

// TestTemporalBeforeSpatial: on the way down frames go first, and size only when that does not do.
func TestTemporalBeforeSpatial(t *testing.T) {
	track := Track[string]{Key: "v"}
	for spatial, bits := range []float64{150, 500} {
		for temporal, share := range []float64{0.4, 0.6, 1} {
			track.Options = append(track.Options, Option{Spatial: spatial, Temporal: temporal, Bits: bits * share})
		}
	}
	tracks := []Track[string]{track}
	var a Allocator[string]
	at := begin
	var path []Option
	for _, room := range []float64{600, 470, 280, 185, 140, 80, 50} {
		if got := settle(&a, &at, room, tracks)[0]; got != Paused {
			path = append(path, track.Options[got])
		} else {
			path = append(path, Option{Spatial: -1})
		}
	}
	want := []Option{{1, 2, 500}, {1, 1, 300}, {1, 0, 200}, {0, 2, 150}, {0, 1, 90}, {0, 0, 60}, {Spatial: -1}}
	if !slices.Equal(path, want) {
		t.Errorf("%v, want %v", path, want)
	}
}

// TestUnknown: before anything is measured all are seen, at the least.
func TestUnknown(t *testing.T) {
	tracks := []Track[string]{simple("a", grid, 1500), simple("b", grid, 1500), simple("c", pinned, 100, 300)}
	var a Allocator[string]
	a.Allot(begin, Room{Bits: 400}, tracks)
	if got := choices(tracks); !slices.Equal(got, []int{0, 0, 0}) {
		t.Error(got)
	}
}

// TestWishesAtOnce: what the receiver asks for does not wait for a hold-down; what the path does, does.
func TestWishesAtOnce(t *testing.T) {
	tracks := []Track[string]{simple("a", grid, 100, 300, 900)}
	var a Allocator[string]
	at := begin
	settle(&a, &at, 1000, tracks)
	settle(&a, &at, 500, tracks)
	for range 5 {
		at = at.Add(100 * time.Millisecond)
		a.Allot(at, Room{Bits: 240, Known: true}, tracks)
	}
	if tracks[0].Choice != 0 {
		t.Fatalf("choice %d of too little", tracks[0].Choice)
	}
	at = at.Add(2 * time.Second)
	a.Allot(at, Room{Bits: 320, Known: true}, tracks)
	if tracks[0].Choice != 0 {
		t.Error("up again at once")
	}
	more := append(tracks, simple("b", screen, 150))
	a.Allot(at, Room{Bits: 320, Known: true}, more)
	if got := choices(more); !slices.Equal(got, []int{0, 0}) {
		t.Errorf("a new track: %v", got)
	}
	more[0].Options, more[0].Wish = more[0].Options[:1], 1
	a.Allot(at, Room{Bits: 320, Known: true}, more)
	if got := choices(more); !slices.Equal(got, []int{0, 0}) {
		t.Errorf("a smaller one: %v", got)
	}
}

// TestTakesFromTheLessImportant: a screen that begins gets its room from the grid, and a grid no room from the screen.
func TestTakesFromTheLessImportant(t *testing.T) {
	grids := []Track[string]{simple("a", grid, 100, 500), simple("b", grid, 100, 500)}
	var a Allocator[string]
	at := begin
	if got := settle(&a, &at, 1100, grids); !slices.Equal(got, []int{1, 1}) {
		t.Fatal(got)
	}
	all := append(grids, simple("x", screen, 800))
	a.Allot(at, Room{Bits: 1100, Known: true}, all)
	if got := choices(all); !slices.Equal(got, []int{0, 0, 0}) {
		t.Errorf("%v", got)
	}
	all = append(all, simple("c", grid, 100))
	a.Allot(at, Room{Bits: 1060, Known: true}, all)
	if got := choices(all); !slices.Equal(got, []int{0, 0, 0, -1}) {
		t.Errorf("%v", got)
	}
}

// TestHope: a new track is let in beyond what is known while all is calm, and stays if the estimate follows.
func TestHope(t *testing.T) {
	for name, follows := range map[string]bool{"follows": true, "does not": false} {
		t.Run(name, func(t *testing.T) {
			tracks := []Track[string]{simple("a", grid, 1000)}
			var a Allocator[string]
			at := begin
			settle(&a, &at, 1100, tracks)
			tracks = append(tracks, simple("b", grid, 600))
			room := Room{Bits: 1100, Known: true, Calm: true}
			a.Allot(at, room, tracks)
			if tracks[1].Choice != 0 {
				t.Fatal("not let in")
			}
			if follows {
				room.Bits = 1700
			}
			for range 50 {
				at = at.Add(100 * time.Millisecond)
				a.Allot(at, room, tracks)
			}
			if (tracks[1].Choice == 0) != follows {
				t.Error(choices(tracks))
			}
		})
	}
}

// TestNoise: an estimate that varies by some per cent changes nothing.
func TestNoise(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	tracks := []Track[string]{simple("a", grid, 100, 300, 900), simple("b", grid, 100, 300, 900)}
	var a Allocator[string]
	at := begin
	before := settle(&a, &at, 700, tracks)
	for range 1000 {
		at = at.Add(100 * time.Millisecond)
		a.Allot(at, Room{Bits: 700 * (0.95 + 0.1*random.Float64()), Known: true}, tracks)
		if got := choices(tracks); !slices.Equal(got, before) {
			t.Fatalf("%v, before %v", got, before)
		}
	}
}

// TestNeverTooMuch holds random wishes and estimates against the room: after a second of too little it fits.
func TestNeverTooMuch(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		var tracks []Track[string]
		for i := range 1 + random.IntN(12) {
			rates := []float64{50 + 100*random.Float64()}
			for range random.IntN(8) {
				rates = append(rates, rates[len(rates)-1]*(1.1+random.Float64()))
			}
			tracks = append(tracks, simple(string(rune('a'+i)), random.IntN(4), rates...))
		}
		var a Allocator[string]
		at := begin
		for range 20 {
			room := 5000 * random.Float64()
			for range 35 { // 3.5 s: longer than patience with what would be paused
				at = at.Add(100 * time.Millisecond)
				a.Allot(at, Room{Bits: room, Known: true, Calm: random.IntN(2) == 0}, tracks)
			}
			if used := cost(tracks, choices(tracks)); used > room*excess {
				t.Fatalf("%v of %v", used, room)
			}
		}
	}
}

// TestOptionsComeAndGo: a choice is a layer, not a place in the list.
func TestOptionsComeAndGo(t *testing.T) {
	tracks := []Track[string]{simple("a", grid, 100, 300, 900)}
	var a Allocator[string]
	at := begin
	settle(&a, &at, 350, tracks)
	all := tracks[0].Options
	for _, c := range []struct {
		options []Option
		want    int
	}{{all[1:], 0}, {all, 1}, {all[:2], 1}} {
		tracks[0].Options = c.options
		if a.Allot(at, Room{Bits: 350, Known: true}, tracks); tracks[0].Choice != c.want {
			t.Errorf("choice %d of %v", tracks[0].Choice, c.options)
		}
	}
}

func TestForgets(t *testing.T) {
	var a Allocator[string]
	a.Allot(begin, Room{}, []Track[string]{simple("a", grid, 1), simple("b", grid, 1)})
	a.Allot(begin, Room{}, []Track[string]{simple("b", grid, 1)})
	if len(a.kept) != 1 {
		t.Errorf("%d tracks kept", len(a.kept))
	}
}

func TestNoAllocations(t *testing.T) {
	tracks := []Track[string]{simple("a", grid, 100, 300, 900), simple("b", grid, 100, 300, 900), simple("s", screen, 500)}
	var a Allocator[string]
	at := begin
	settle(&a, &at, 1000, tracks)
	room := 1000.0
	if n := testing.AllocsPerRun(100, func() {
		at, room = at.Add(time.Second), 1900-room
		a.Allot(at, Room{Bits: room, Known: true}, tracks)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestDownTogether: where a line collapses under several tracks none stops at a size for which there is hardly room; one alone does,
// and so does what goes down by little.
func TestDownTogether(t *testing.T) {
	all := []Track[string]{simple("a", grid, 150, 250, 900), simple("b", grid, 150, 250, 900), simple("c", grid, 150, 250, 900)}
	for _, c := range []struct {
		tracks       []Track[string]
		before, room float64
		want         []int
	}{
		{all, 3000, 560, []int{0, 0, 0}},
		{all, 3000, 710, []int{1, 0, 0}}, // 25 % more than it takes
		{all, 900, 660, []int{1, 1, 0}},
		{all[:1], 1000, 255, []int{1}},
	} {
		var a Allocator[string]
		at := begin
		settle(&a, &at, c.before, c.tracks)
		a.Allot(at.Add(100*time.Millisecond), Room{Bits: c.room, Known: true}, c.tracks)
		a.Allot(at.Add(500*time.Millisecond), Room{Bits: c.room, Known: true}, c.tracks)
		if got := choices(c.tracks); !slices.Equal(got, c.want) {
			t.Errorf("%v to %v: %v, want %v", c.before, c.room, got, c.want)
		}
	}
}
