// Package depdesc reads and writes the Dependency Descriptor, the RTP header extension by which a forwarder knows which
// frame belongs to which layer, and which layers still decode when it leaves others out, without looking into the payload
// (AV1 RTP Payload Specification 1.0, appendix A). [Reader.Read] keeps the structure that key frames announce and
// understands the descriptors after them; [Append] writes one.
//
// # Limits
//
// What the bit fields can say: 64 templates, 32 decode targets, 32 chains, 4 spatial and 8 temporal layers. Frame
// differences: 8 a frame, more is refused; libwebrtc sends 5 at most.
//
// # Does not protect
//
// Nothing in a descriptor is authenticated towards the receiver: the SFU may write what it likes, and drop or confuse
// layers with it. It cannot make a frame open that its sender did not seal.
package depdesc

import "errors"

// Limits of the format, and of ours where it has none.
const (
	MaxTemplates     = 64
	MaxDecodeTargets = 32
	MaxChains        = 32
	MaxSpatial       = 4
	maxTemporal      = 8
	maxDiffs         = 8

	mandatorySize = 3 // bytes of a descriptor without extended fields
)

// Errors of reading. A descriptor that cannot be read says nothing: treat the packet as one without.
var (
	ErrMalformed   = errors.New("depdesc: malformed")
	ErrNoStructure = errors.New("depdesc: the structure it refers to was not seen")
)

// Indication says what a frame is to a decode target (A.8.2, table A.5).
type Indication uint8

// The indications.
const (
	NotPresent  Indication = iota // the target does not have the frame
	Discardable                   // the target has it, and nothing else of the target needs it
	Switch                        // one may begin with the target at this frame
	Required                      // the target needs it
)

// Frame is what a descriptor says of its frame. The slices are the reader's or the structure's: do not keep them.
type Frame struct {
	Spatial, Temporal uint8
	Indications       []Indication // by decode target
	Diffs             []uint16     // how many frames before this one stand those that it needs
	ChainDiffs        []uint8      // by chain: how many frames before this one stands the chain's last one
}

// Structure is what a key frame announces for the frames after it.
type Structure struct {
	Offset         uint8 // of template ids
	Templates      []Frame
	DecodeTargets  int
	Chains         int
	ProtectedBy    []uint8 // by decode target: its chain; empty without chains
	Resolutions    []Resolution
	TargetSpatial  []uint8 // by decode target: the highest layers in it
	TargetTemporal []uint8
}

// Resolution is the size in pixels of a spatial layer.
type Resolution struct{ Width, Height int }

// Descriptor is one packet's.
type Descriptor struct {
	First, Last bool // packet of the frame
	Template    uint8
	Number      uint16 // of the frame
	Attached    *Structure
	Active      uint32 // decode targets that are being sent, bit by bit
	HasActive   bool   // the descriptor says so itself
	Frame       Frame

	ownIndications, ownDiffs, ownChains bool // differ from the template's
}

// targets fills what follows from the templates: the highest layers of each decode target (A.8.2, decode_target_layers).
func (s *Structure) targets() {
	s.TargetSpatial = make([]uint8, s.DecodeTargets)
	s.TargetTemporal = make([]uint8, s.DecodeTargets)
	for target := range s.DecodeTargets {
		for _, t := range s.Templates {
			if t.Indications[target] != NotPresent {
				s.TargetSpatial[target] = max(s.TargetSpatial[target], t.Spatial)
				s.TargetTemporal[target] = max(s.TargetTemporal[target], t.Temporal)
			}
		}
	}
}

// Spatial is the number of spatial layers.
func (s *Structure) Spatial() int {
	highest := uint8(0)
	for _, t := range s.Templates {
		highest = max(highest, t.Spatial)
	}
	return int(highest) + 1
}

// all is the mask of all decode targets.
func (s *Structure) all() uint32 { return uint32(1)<<s.DecodeTargets - 1 }

func (s *Structure) template(id uint8) (*Frame, bool) {
	i := (int(id) + MaxTemplates - int(s.Offset)) % MaxTemplates
	if i >= len(s.Templates) {
		return nil, false
	}
	return &s.Templates[i], true
}
