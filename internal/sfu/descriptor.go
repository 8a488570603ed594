package sfu

import (
	"encoding/binary"

	"github.com/grotto-meet/grotto/internal/sfu/depdesc"
	"github.com/grotto-meet/grotto/internal/sfu/rewrite"
)

func descriptorOf(c *codec) rewrite.Codec {
	switch c.name {
	case "vp8":
		return rewrite.VP8
	case "vp9":
		return rewrite.VP9
	}
	return rewrite.Other
}

// describe takes from a dependency descriptor what the payload does not say of itself. Up to those decode targets' temporal
// layers that a frame switches, a receiver may go from it on.
func describe(p *rewrite.Packet, d *depdesc.Descriptor, s *depdesc.Structure, codec rewrite.Codec) {
	p.Frame, p.HasFrame = d.Number, true
	if codec != rewrite.Other {
		return
	}
	p.Start, p.End = d.First, d.Last
	p.Spatial, p.Temporal = d.Frame.Spatial, d.Frame.Temporal
	for target, indication := range d.Frame.Indications {
		if indication == depdesc.Switch && s.TargetSpatial[target] >= p.Spatial {
			p.Up = max(p.Up, s.TargetTemporal[target])
		}
	}
}

// activeTargets are the decode targets of what is sent now, 0 where that is all that there is.
func (d *downTrack) activeTargets(s *upStream) (mask uint32) {
	structure := s.frames.Structure()
	if !s.described || structure == nil {
		return 0
	}
	for target := range structure.DecodeTargets {
		spatial, temporal := int8(structure.TargetSpatial[target]), int8(structure.TargetTemporal[target])
		if temporal <= d.selector.current.temporal && (d.selector.encodings || spatial <= d.selector.current.spatial) {
			mask |= 1 << target
		}
	}
	if mask &= s.frame.Active; mask == s.frame.Active {
		return 0
	}
	return mask
}

// editDescriptor returns the value of the packet's dependency descriptor for this subscriber.
func (d *downTrack) editDescriptor(s *upStream, value []byte, edit *rewrite.Edit, begins bool) []byte {
	if s.described && edit.Active != 0 && (s.frame.Attached != nil || begins) {
		d.descriptor = appendDescriptor(d.descriptor[:0], s.frame, s.frames.Structure(), edit)
		return d.descriptor
	}
	return d.renumber(value, edit)
}

// editDescriptorAgain does it for a packet out of the history. A descriptor that has the structure in it can be written anew
// without what came before.
func (d *downTrack) editDescriptorAgain(value []byte, edit *rewrite.Edit) []byte {
	var reader depdesc.Reader
	var frame depdesc.Descriptor
	if edit.Active != 0 && len(value) > 0 && reader.Read(value, &frame) == nil {
		d.descriptor = appendDescriptor(d.descriptor[:0], frame, reader.Structure(), edit)
		return d.descriptor
	}
	return d.renumber(value, edit)
}

func appendDescriptor(to []byte, frame depdesc.Descriptor, structure *depdesc.Structure, edit *rewrite.Edit) []byte {
	frame.Number += edit.Frame
	frame.HasActive, frame.Active = true, edit.Active
	return depdesc.Append(to, &frame, structure)
}

// renumber changes the frame number, which is where it is in all of them: behind one byte.
func (d *downTrack) renumber(value []byte, edit *rewrite.Edit) []byte {
	const at = 1
	if edit.Frame == 0 || len(value) < at+2 {
		return value
	}
	d.descriptor = append(d.descriptor[:0], value...)
	binary.BigEndian.PutUint16(d.descriptor[at:], binary.BigEndian.Uint16(value[at:])+edit.Frame)
	return d.descriptor
}
