package depdesc

import "slices"

// Append writes a descriptor of a stream with that structure. What it says of its frame is written out where it differs
// from the template's. A frame or structure that the format cannot say is our bug.
func Append(dst []byte, d *Descriptor, s *Structure) []byte {
	template, ok := s.template(d.Template)
	if !ok {
		panic("depdesc: a descriptor of another structure")
	}
	w := bitWriter{b: dst}
	w.flag(d.First)
	w.flag(d.Last)
	w.write(uint32(d.Template), 6)
	w.write(uint32(d.Number), 16)
	ownIndications := !slices.Equal(d.Frame.Indications, template.Indications)
	ownDiffs := !slices.Equal(d.Frame.Diffs, template.Diffs)
	ownChains := !slices.Equal(d.Frame.ChainDiffs, template.ChainDiffs)
	if d.Attached == nil && !d.HasActive && !ownIndications && !ownDiffs && !ownChains {
		return w.b
	}
	w.flag(d.Attached != nil)
	w.flag(d.HasActive)
	w.flag(ownIndications)
	w.flag(ownDiffs)
	w.flag(ownChains)
	if d.Attached != nil {
		writeStructure(&w, s)
	}
	if d.HasActive {
		w.write(d.Active, s.DecodeTargets)
	}
	if ownIndications {
		for _, indication := range d.Frame.Indications {
			w.write(uint32(indication), 2)
		}
	}
	if ownDiffs {
		writeDiffs(&w, d.Frame.Diffs)
	}
	if ownChains {
		for _, diff := range d.Frame.ChainDiffs {
			w.write(uint32(diff), 8)
		}
	}
	return w.b
}

func writeDiffs(w *bitWriter, diffs []uint16) {
	for _, diff := range diffs {
		size := uint32(1)
		for diff > 1<<(4*size) {
			size++
		}
		w.write(size, 2)
		w.write(uint32(diff-1), int(4*size))
	}
	w.write(0, 2)
}

func writeStructure(w *bitWriter, s *Structure) {
	w.write(uint32(s.Offset), 6)
	w.write(uint32(s.DecodeTargets-1), 5)
	for i, t := range s.Templates {
		next := uint32(noMoreLayers)
		if i+1 < len(s.Templates) {
			switch following := s.Templates[i+1]; {
			case following.Spatial != t.Spatial:
				next = nextSpatial
			case following.Temporal != t.Temporal:
				next = nextTemporal
			default:
				next = sameLayer
			}
		}
		w.write(next, 2)
	}
	for _, t := range s.Templates {
		for _, indication := range t.Indications {
			w.write(uint32(indication), 2)
		}
	}
	for _, t := range s.Templates {
		for _, diff := range t.Diffs {
			w.flag(true)
			w.write(uint32(diff-1), 4)
		}
		w.flag(false)
	}
	w.nonSymmetric(uint32(s.Chains), uint32(s.DecodeTargets)+1)
	for _, chain := range s.ProtectedBy {
		w.nonSymmetric(uint32(chain), uint32(s.Chains))
	}
	for _, t := range s.Templates {
		for _, diff := range t.ChainDiffs {
			w.write(uint32(diff), 4)
		}
	}
	w.flag(len(s.Resolutions) > 0)
	for _, r := range s.Resolutions {
		w.write(uint32(r.Width-1), 16)
		w.write(uint32(r.Height-1), 16)
	}
}
