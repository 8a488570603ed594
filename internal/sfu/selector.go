package sfu

import (
	"math"

	"github.com/grotto-meet/grotto/internal/sfu/rewrite"
)

// layerChoice is up to which layers a video is sent. A spatial layer is an encoding, or a layer of a scalable stream.
type layerChoice struct{ spatial, temporal int8 }

var (
	noLayers  = layerChoice{-1, -1}
	allLayers = layerChoice{math.MaxInt8, math.MaxInt8}
)

func (c layerChoice) none() bool { return c.spatial < 0 || c.temporal < 0 }

// least is what both allow.
func (c layerChoice) least(other layerChoice) layerChoice {
	return layerChoice{min(c.spatial, other.spatial), min(c.temporal, other.temporal)}
}

// selector decides which packets of a video one subscriber is sent. Between encodings it changes on a key frame of the one to
// come, up and down; up in the spatial layers of a stream on a key frame, down at any picture; up in temporal layers on a
// frame that says so, down at any picture. It knows no time, no connection and no numbers.
type selector struct {
	encodings bool        // the streams are encodings, else there is one of maybe several layers
	target    layerChoice // as wanted
	current   layerChoice // as sent; spatial is the stream where they are encodings
	picture   uint32      // timestamp of the last picture that began
	sending   bool
	held      int  // frames of wanted temporal layers that were left out, since no frame said that one may go up
	strained  bool // for now the lowest temporal layer is all there is room for
}

// heldTooLong is how many of them make us ask for a key frame instead: two seconds of half the pictures. Not every encoder
// says where one may go up.
const heldTooLong = 30

// verdict is what happens to a packet.
type verdict uint8

const (
	verdictIgnore  verdict = iota // it is of a stream that is not sent
	verdictBegin                  // it is the first one sent of its stream
	verdictForward                // it is sent
	verdictDrop                   // it is left out, and its number given to the next one
)

// next judges a packet that comes in the order of its stream.
func (s *selector) next(stream int8, p *rewrite.Packet) verdict {
	if s.target.none() {
		s.sending = false
		return verdictIgnore
	}
	if !s.sending || s.encodings && stream != s.current.spatial {
		return s.begin(stream, p)
	}
	if p.Empty {
		return verdictDrop
	}
	if p.Key {
		s.current, s.held = s.within(stream), 0
		s.picture = p.Timestamp
	} else if p.Start && p.Timestamp != s.picture {
		s.picture = p.Timestamp
		s.adjust(p)
	}
	if int8(p.Temporal) > s.current.temporal {
		if p.Start && int8(p.Temporal) <= s.temporal() {
			s.held++
		}
		return verdictDrop
	}
	if !s.encodings && int8(p.Spatial) > s.current.spatial {
		return verdictDrop
	}
	return verdictForward
}

// begin waits for the key frame of the stream to come.
func (s *selector) begin(stream int8, p *rewrite.Packet) verdict {
	if s.encodings && stream != s.target.spatial || p.Empty || !p.Key {
		return verdictIgnore
	}
	s.sending = true
	s.current, s.picture, s.held = s.within(stream), p.Timestamp, 0
	return verdictBegin
}

// within is the target as far as it can be reached in this stream.
func (s *selector) within(stream int8) layerChoice {
	if s.encodings {
		return layerChoice{stream, s.target.temporal}
	}
	return s.target
}

// adjust moves towards the target at the beginning of a picture.
func (s *selector) adjust(p *rewrite.Packet) {
	if !s.encodings {
		s.current.spatial = min(s.current.spatial, s.target.spatial)
	}
	switch target := s.temporal(); {
	case target <= s.current.temporal:
		s.current.temporal, s.held = target, 0
	case int8(p.Up) > s.current.temporal && int8(p.Temporal) <= target:
		s.current.temporal, s.held = min(int8(p.Up), target), 0
	}
}

// temporal is the layer to go to.
func (s *selector) temporal() int8 {
	if s.strained {
		return 0
	}
	return s.target.temporal
}

// waitsFor says which stream's key frame is needed to reach the target; ok is false when none is.
func (s *selector) waitsFor() (stream int8, ok bool) {
	stuck := !s.sending || s.held >= heldTooLong
	switch {
	case s.target.none():
		return 0, false
	case s.encodings:
		return s.target.spatial, stuck || s.current.spatial != s.target.spatial
	}
	return 0, stuck || s.current.spatial < s.target.spatial
}

// top is the highest spatial layer that is sent of a stream.
func (s *selector) top() uint8 {
	if s.encodings || s.current.spatial == math.MaxInt8 {
		return rewrite.AllLayers
	}
	return uint8(s.current.spatial)
}
