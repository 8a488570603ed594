package depdesc

import "fmt"

// Reader understands the descriptors of one stream of packets. The zero value is ready. It allocates for structures only.
type Reader struct {
	structure *Structure
	active    uint32

	indications [MaxDecodeTargets]Indication
	diffs       [maxDiffs]uint16
	chains      [MaxChains]uint8
}

// Structure is the one that the last key frame announced, or nil.
func (r *Reader) Structure() *Structure { return r.structure }

// Read understands a descriptor. An attached structure is in use from this packet on; malformed input changes nothing.
func (r *Reader) Read(b []byte, d *Descriptor) error {
	in := bitReader{b: b}
	*d = Descriptor{First: in.flag(), Last: in.flag(), Template: uint8(in.read(6)), Number: uint16(in.read(16))}
	if in.short {
		return fmt.Errorf("%w: %d bytes", ErrMalformed, len(b))
	}
	structure, active := r.structure, r.active
	if len(b) > mandatorySize {
		attached := in.flag()
		d.HasActive = in.flag()
		d.ownIndications, d.ownDiffs, d.ownChains = in.flag(), in.flag(), in.flag()
		if attached {
			s, err := readStructure(&in)
			if err != nil {
				return err
			}
			structure, active, d.Attached = s, s.all(), s
		}
		if structure == nil {
			return ErrNoStructure
		}
		if d.HasActive {
			active = in.read(structure.DecodeTargets)
		}
	}
	if structure == nil {
		return ErrNoStructure
	}
	template, ok := structure.template(d.Template)
	if !ok {
		return fmt.Errorf("%w: template %d", ErrMalformed, d.Template)
	}
	d.Active, d.Frame = active, *template
	if d.ownIndications {
		d.Frame.Indications = r.indications[:structure.DecodeTargets]
		readIndications(&in, d.Frame.Indications)
	}
	if d.ownDiffs {
		diffs, ok := readDiffs(&in, r.diffs[:0])
		if !ok {
			return fmt.Errorf("%w: more than %d frame differences", ErrMalformed, maxDiffs)
		}
		d.Frame.Diffs = diffs
	}
	if d.ownChains {
		d.Frame.ChainDiffs = r.chains[:structure.Chains]
		for i := range d.Frame.ChainDiffs {
			d.Frame.ChainDiffs[i] = uint8(in.read(8))
		}
	}
	if in.short {
		return fmt.Errorf("%w: too short", ErrMalformed)
	}
	r.structure, r.active = structure, active
	return nil
}

func readIndications(in *bitReader, to []Indication) {
	for i := range to {
		to[i] = Indication(in.read(2))
	}
}

// readDiffs reads frame_fdiffs: sizes of 4, 8 or 12 bits, 0 ends them.
func readDiffs(in *bitReader, to []uint16) (diffs []uint16, ok bool) {
	for size := in.read(2); size > 0; size = in.read(2) {
		if len(to) == maxDiffs {
			return nil, false
		}
		to = append(to, uint16(in.read(int(4*size)))+1)
	}
	return to, true
}

func readStructure(in *bitReader) (*Structure, error) {
	s := &Structure{Offset: uint8(in.read(6)), DecodeTargets: int(in.read(5)) + 1}
	if err := readLayers(in, s); err != nil {
		return nil, err
	}
	for i := range s.Templates {
		s.Templates[i].Indications = make([]Indication, s.DecodeTargets)
		readIndications(in, s.Templates[i].Indications)
	}
	for i := range s.Templates {
		t := &s.Templates[i]
		for in.flag() {
			if len(t.Diffs) == maxDiffs {
				return nil, fmt.Errorf("%w: more than %d frame differences in a template", ErrMalformed, maxDiffs)
			}
			t.Diffs = append(t.Diffs, uint16(in.read(4))+1)
		}
	}
	readChains(in, s)
	if in.flag() {
		for range s.Spatial() {
			s.Resolutions = append(s.Resolutions, Resolution{int(in.read(16)) + 1, int(in.read(16)) + 1})
		}
	}
	if in.short {
		return nil, fmt.Errorf("%w: structure too short", ErrMalformed)
	}
	for _, chain := range s.ProtectedBy {
		if int(chain) >= s.Chains {
			return nil, fmt.Errorf("%w: chain %d of %d", ErrMalformed, chain, s.Chains)
		}
	}
	s.targets()
	return s, nil
}

// What follows a template in the order of layers (next_layer_idc).
const (
	sameLayer = iota
	nextTemporal
	nextSpatial
	noMoreLayers
)

func readLayers(in *bitReader, s *Structure) error {
	var spatial, temporal uint8
	for {
		if len(s.Templates) == MaxTemplates || spatial >= MaxSpatial || temporal >= maxTemporal {
			return fmt.Errorf("%w: too many templates or layers", ErrMalformed)
		}
		s.Templates = append(s.Templates, Frame{Spatial: spatial, Temporal: temporal})
		switch in.read(2) {
		case nextTemporal:
			temporal++
		case nextSpatial:
			spatial, temporal = spatial+1, 0
		case noMoreLayers:
			return nil
		}
		if in.short {
			return fmt.Errorf("%w: structure too short", ErrMalformed)
		}
	}
}

func readChains(in *bitReader, s *Structure) {
	s.Chains = int(in.nonSymmetric(uint32(s.DecodeTargets) + 1))
	if s.Chains == 0 {
		return
	}
	for range s.DecodeTargets {
		s.ProtectedBy = append(s.ProtectedBy, uint8(in.nonSymmetric(uint32(s.Chains))))
	}
	for i := range s.Templates {
		s.Templates[i].ChainDiffs = make([]uint8, s.Chains)
		for chain := range s.Chains {
			s.Templates[i].ChainDiffs[chain] = uint8(in.read(4))
		}
	}
}
