package sfu

import "math"

// show replaces what the subscriber sees and hears.
func (s *subscriber) show(videos []Shown, silent []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown, s.silent = make(map[string]Shown, len(videos)), make(map[string]bool, len(silent))
	for _, v := range videos {
		s.shown[v.MID] = v
	}
	for _, mid := range silent {
		s.silent[mid] = true
	}
	for _, d := range s.order {
		s.choose(d)
	}
}

// mid is empty for a track that is not offered yet, or not any more: another may have its section then.
func (s *subscriber) mid(d *downTrack) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.downs[d.up] != d {
		return ""
	}
	return d.tr.Mid()
}

// choose tells a track what the subscriber wants of it. Before the first word that is everything.
func (s *subscriber) choose(d *downTrack) {
	mid := d.tr.Mid()
	if mid == "" {
		return
	}
	if d.up.codec.keyFrame == nil {
		want := allLayers
		if s.silent[mid] {
			want = noLayers
		}
		d.show(want, Shown{MID: mid})
		return
	}
	if s.shown == nil {
		return
	}
	if shown, seen := s.shown[mid]; seen {
		d.show(d.up.want(shown), shown)
	} else {
		d.show(noLayers, Shown{MID: mid})
	}
}

// want is up to which layer a video is sent that is shown so large.
func (up *upTrack) want(shown Shown) layerChoice {
	layers := *up.sizes.Load()
	want := wantedLayer(layers, shown)
	if want == len(layers)-1 { // whatever comes besides is wanted as well
		return allLayers
	}
	return layerChoice{int8(want), math.MaxInt8}
}

// resize takes over the sizes that a publisher announced anew.
func (up *upTrack) resize(layers []Layer) {
	up.sizes.Store(&layers)
	for _, d := range *up.downs.Load() {
		d.mu.Lock()
		shown, seen := d.shown, !d.want.none() && d.shown.MID != ""
		d.mu.Unlock()
		if seen {
			d.show(up.want(shown), shown)
		}
	}
}
