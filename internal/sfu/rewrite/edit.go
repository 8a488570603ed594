package rewrite

import "encoding/binary"

// Edit is how packets of a stream are changed on their way to one receiver. All but Top and Active is added.
type Edit struct {
	Timestamp uint32
	Picture   uint16
	Level     uint8  // TL0PICIDX
	KeyIndex  uint8  // KEYIDX
	Frame     uint16 // of the dependency descriptor
	Top       uint8  // the highest spatial layer that is sent: its frames end the picture
	Active    uint32 // the decode targets that are sent
}

// AllLayers is an [Edit].Top that leaves the marker bit as it is.
const AllLayers = 0xff

// MaxHead is how many bytes of a payload an edit may change, counted from its start.
const MaxHead = 8

// Marker is the marker bit that the packet gets.
func (e *Edit) Marker(p *Packet) bool { return p.Marker || p.End && p.Spatial == e.Top }

// Head writes the changed beginning of the payload to head and returns its length, 0 if the payload stays as it is.
func (e *Edit) Head(p *Packet, payload []byte, head *[MaxHead]byte) int {
	picture, level, keyIndex := e.Picture != 0 && p.pictureAt != 0, e.Level != 0 && p.levelAt != 0, e.KeyIndex != 0 && p.keyIndexAt != 0
	if !picture && !level && !keyIndex {
		return 0
	}
	n := copy(head[:], payload)
	if picture {
		id := (p.picture + e.Picture) & p.pictureMask()
		if p.pictureBits == 15 {
			binary.BigEndian.PutUint16(head[p.pictureAt:], 0x8000|id)
		} else {
			head[p.pictureAt] = byte(id)
		}
	}
	if level {
		head[p.levelAt] = p.level + e.Level
	}
	if keyIndex {
		head[p.keyIndexAt] = head[p.keyIndexAt]&^0x1f | (p.keyIndex+e.KeyIndex)&0x1f
	}
	return n
}
