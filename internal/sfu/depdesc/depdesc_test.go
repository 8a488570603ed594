package depdesc

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// l2t2 is two spatial layers of two temporal ones, as libwebrtc's L2T2_KEY and the specification's example A.10.2 have
// them: every frame in its layers' chains.
func l2t2() *Structure {
	s := &Structure{
		Offset: 60, DecodeTargets: 4, Chains: 2, ProtectedBy: []uint8{0, 0, 1, 1},
		Resolutions: []Resolution{{640, 360}, {1280, 720}},
		Templates: []Frame{
			{Spatial: 0, Temporal: 0, Indications: []Indication{Switch, Switch, Switch, Switch}, ChainDiffs: []uint8{0, 0}},
			{Spatial: 0, Temporal: 0, Indications: []Indication{Switch, Switch, Required, Required}, Diffs: []uint16{4}, ChainDiffs: []uint8{4, 3}},
			{Spatial: 0, Temporal: 1, Indications: []Indication{NotPresent, Discardable, NotPresent, Required}, Diffs: []uint16{2}, ChainDiffs: []uint8{2, 1}},
			{Spatial: 1, Temporal: 0, Indications: []Indication{NotPresent, NotPresent, Switch, Switch}, Diffs: []uint16{1}, ChainDiffs: []uint8{1, 1}},
			{Spatial: 1, Temporal: 1, Indications: []Indication{NotPresent, NotPresent, NotPresent, Discardable}, Diffs: []uint16{2, 1}, ChainDiffs: []uint8{3, 2}},
		},
	}
	s.targets()
	return s
}

func key(s *Structure, number uint16) *Descriptor {
	return &Descriptor{First: true, Last: true, Template: s.Offset, Number: number, Attached: s, Frame: s.Templates[0]}
}

func TestStructureTravels(t *testing.T) {
	s := l2t2()
	b := Append(nil, key(s, 7), s)
	var r Reader
	var d Descriptor
	if err := r.Read(b, &d); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(r.Structure(), s) {
		t.Errorf("%+v\n%+v", r.Structure(), s)
	}
	if d.Active != 0b1111 || !d.First || !d.Last || d.Number != 7 || d.Attached == nil {
		t.Errorf("%+v", d)
	}
	if !slices.Equal(s.TargetSpatial, []uint8{0, 0, 1, 1}) || !slices.Equal(s.TargetTemporal, []uint8{0, 1, 0, 1}) || s.Spatial() != 2 {
		t.Errorf("targets: %v %v", s.TargetSpatial, s.TargetTemporal)
	}
	delta := &Descriptor{First: true, Template: 3 % MaxTemplates, Number: 8, Frame: s.Templates[3]}
	delta.Template = (s.Offset + 3) % MaxTemplates
	b = Append(nil, delta, s)
	if len(b) != mandatorySize {
		t.Errorf("%d bytes for a frame like its template", len(b))
	}
	if err := r.Read(b, &d); err != nil || d.Frame.Spatial != 1 || d.Frame.Temporal != 0 || d.Last {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestBits holds the first bytes against the specification's field by field layout.
func TestBits(t *testing.T) {
	s := l2t2()
	b := Append(nil, key(s, 0x1234), s)
	// start 1, end 1, template id 111100 | number | structure 1, active 0, custom 000 | offset 111 100, dt_cnt_minus_one 00011 ...
	want := []byte{0b11111100, 0x12, 0x34, 0b10000_111, 0b100_00011, 0b00_01_10_01}
	if !bytes.Equal(b[:5], want[:5]) {
		t.Errorf("%08b\n%08b", b[:6], want)
	}
	// next_layer_idc of the five templates: same, temporal, spatial, temporal, none
	if got := uint16(b[5])<<8 | uint16(b[6]); got>>6 != 0b00_01_10_01_11 {
		t.Errorf("%010b", got>>6)
	}
}

func TestOwnFields(t *testing.T) {
	s := l2t2()
	var r Reader
	var d Descriptor
	if err := r.Read(Append(nil, key(s, 1), s), &d); err != nil {
		t.Fatal(err)
	}
	frame := Frame{Spatial: 1, Temporal: 1, Indications: []Indication{Required, Switch, NotPresent, Discardable},
		Diffs: []uint16{1, 16, 17, 256, 257, 4096}, ChainDiffs: []uint8{200, 3}}
	own := &Descriptor{Template: (s.Offset + 4) % MaxTemplates, Number: 9, Active: 0b0101, HasActive: true, Frame: frame}
	if err := r.Read(Append(nil, own, s), &d); err != nil || !reflect.DeepEqual(d.Frame, frame) || d.Active != 0b0101 {
		t.Errorf("%+v, %v", d, err)
	}
	// What is active stays so until said otherwise.
	if err := r.Read(Append(nil, &Descriptor{Template: s.Offset, Number: 10, Frame: s.Templates[0]}, s), &d); err != nil || d.Active != 0b0101 {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestRefused(t *testing.T) {
	s := l2t2()
	whole := Append(nil, key(s, 1), s)
	var r Reader
	var d Descriptor
	if err := r.Read([]byte{0xc0, 0, 1}, &d); !errors.Is(err, ErrNoStructure) {
		t.Error(err)
	}
	for n := range len(whole) {
		if err := r.Read(whole[:n], &d); err == nil {
			t.Errorf("%d of %d bytes were enough", n, len(whole))
		}
	}
	if r.Structure() != nil {
		t.Error("a broken structure is in use")
	}
	if err := r.Read(whole, &d); err != nil {
		t.Fatal(err)
	}
	if err := r.Read([]byte{20, 0, 2}, &d); !errors.Is(err, ErrMalformed) {
		t.Errorf("a template that does not exist: %v", err)
	}
}

func TestNoAllocations(t *testing.T) {
	s := l2t2()
	var r Reader
	var d Descriptor
	if err := r.Read(Append(nil, key(s, 1), s), &d); err != nil {
		t.Fatal(err)
	}
	b := Append(nil, &Descriptor{Template: s.Offset, Number: 2, Frame: Frame{Indications: make([]Indication, 4), Diffs: []uint16{3}, ChainDiffs: []uint8{1, 2}}}, s)
	if n := testing.AllocsPerRun(100, func() { _ = r.Read(b, &d) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// random draws any structure that the format can say.
func random(r *rand.Rand) *Structure {
	s := &Structure{Offset: uint8(r.IntN(MaxTemplates)), DecodeTargets: 1 + r.IntN(MaxDecodeTargets)}
	s.Chains = r.IntN(s.DecodeTargets + 1)
	if s.Chains > 0 {
		for range s.DecodeTargets {
			s.ProtectedBy = append(s.ProtectedBy, uint8(r.IntN(s.Chains)))
		}
	}
	for spatial := range 1 + r.IntN(MaxSpatial) {
		for temporal := range 1 + r.IntN(3) {
			for range 1 + r.IntN(3) {
				t := Frame{Spatial: uint8(spatial), Temporal: uint8(temporal)}
				for range s.DecodeTargets {
					t.Indications = append(t.Indications, Indication(r.IntN(4)))
				}
				for range r.IntN(4) {
					t.Diffs = append(t.Diffs, uint16(1+r.IntN(16)))
				}
				for range s.Chains {
					t.ChainDiffs = append(t.ChainDiffs, uint8(r.IntN(16)))
				}
				s.Templates = append(s.Templates, t)
			}
		}
	}
	if r.IntN(2) == 0 {
		for range s.Spatial() {
			s.Resolutions = append(s.Resolutions, Resolution{1 + r.IntN(1<<16), 1 + r.IntN(1<<16)})
		}
	}
	s.targets()
	return s
}

func TestAnyStructure(t *testing.T) {
	source := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		s := random(source)
		var r Reader
		var d Descriptor
		if err := r.Read(Append(nil, key(s, 1), s), &d); err != nil {
			t.Fatalf("%v: %+v", err, s)
		}
		if !reflect.DeepEqual(r.Structure(), s) {
			t.Fatalf("%+v\n%+v", r.Structure(), s)
		}
	}
}

// FuzzRead: whatever is read can be written, and says the same when it is read again.
func FuzzRead(f *testing.F) {
	s := l2t2()
	f.Add(Append(nil, key(s, 1), s), []byte{0xc0, 0, 2})
	f.Add(Append(nil, key(s, 1), s), Append(nil, &Descriptor{Template: s.Offset, HasActive: true, Active: 5, Frame: s.Templates[1]}, s))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		var r, again Reader
		var d, copied Descriptor
		for _, b := range [][]byte{first, second} {
			if r.Read(b, &d) != nil {
				continue
			}
			if err := again.Read(Append(nil, &d, r.Structure()), &copied); err != nil {
				t.Fatalf("%x: %v", b, err)
			}
			d.ownIndications, d.ownDiffs, d.ownChains = copied.ownIndications, copied.ownDiffs, copied.ownChains
			if d.Active != copied.Active || d.Number != copied.Number || !sameFrame(d.Frame, copied.Frame) ||
				!reflect.DeepEqual(r.Structure().TargetSpatial, again.Structure().TargetSpatial) {
				t.Fatalf("%x:\n%+v\n%+v", b, d, copied)
			}
		}
	})
}

func sameFrame(a, b Frame) bool {
	return a.Spatial == b.Spatial && a.Temporal == b.Temporal && slices.Equal(a.Indications, b.Indications) &&
		slices.Equal(a.Diffs, b.Diffs) && slices.Equal(a.ChainDiffs, b.ChainDiffs)
}
