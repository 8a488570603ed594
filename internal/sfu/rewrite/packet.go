package rewrite

// maxTemporal is the highest temporal layer that a descriptor can name.
const maxTemporal = 7

// Codec says which payload descriptor packets have.
type Codec uint8

// The codecs. Other ones have no numbers of their own in their packets.
const (
	Other Codec = iota
	VP8
	VP9
)

// Packet is what is read of a packet once, for everybody who is sent it.
type Packet struct {
	Number    uint64 // its sequence number, extended; never 0
	Timestamp uint32
	Marker    bool // ends a picture: the frames of all spatial layers at one moment
	Empty     bool // padding only

	Start, End        bool  // of a frame
	Key               bool  // starts a key frame: whoever begins here needs nothing older. The caller's to set
	Up                uint8 // starts a frame from which on the temporal layers up to this need none of their older frames
	Spatial, Temporal uint8

	Frame    uint16 // number in the dependency descriptor. The caller's to set, as is what it says of layers
	HasFrame bool

	picture         uint16
	pictureBits     uint8 // 0, 7, 15
	level, keyIndex uint8 // TL0PICIDX, KEYIDX
	pictureAt       uint8 // offsets in the payload; 0: not there
	levelAt         uint8
	keyIndexAt      uint8
}

// Read reads the payload descriptor. What it cannot read it leaves: such a packet is of the lowest layers and starts nothing.
func (p *Packet) Read(codec Codec, payload []byte) {
	p.Empty = len(payload) == 0
	p.End = p.Marker
	switch codec {
	case VP8:
		p.readVP8(payload)
	case VP9:
		p.readVP9(payload)
	case Other:
	}
}

// readVP8 reads RFC 7741 §4.2.
//
//	 0 1 2 3 4 5 6 7
//	|X|R|N|S|R| PID |   X: the next byte is there
//	|I|L|T|K| RSV   |
//	|M| PictureID   |   if I; two bytes if M
//	|  TL0PICIDX    |   if L
//	|TID|Y| KEYIDX  |   if T or K
func (p *Packet) readVP8(b []byte) {
	const (
		extended, begin, partition   = 0x80, 0x10, 0x07
		hasPicture, hasLevel, hasTID = 0x80, 0x40, 0x20
		hasKeyIndex, sync, keyIndex  = 0x10, 0x20, 0x1f
	)
	if len(b) < 2 {
		return
	}
	n := 1
	if b[0]&extended != 0 {
		flags := b[1]
		n++
		if flags&hasPicture != 0 {
			if n = p.readPicture(b, n); n == 0 {
				return
			}
		}
		if flags&hasLevel != 0 {
			if len(b) <= n {
				return
			}
			p.level, p.levelAt = b[n], uint8(n)
			n++
		}
		if flags&(hasTID|hasKeyIndex) != 0 {
			if len(b) <= n {
				return
			}
			if flags&hasTID != 0 {
				p.Temporal = b[n] >> 6
				if b[n]&sync != 0 {
					p.Up = p.Temporal
				}
			}
			if flags&hasKeyIndex != 0 {
				p.keyIndex, p.keyIndexAt = b[n]&keyIndex, uint8(n)
			}
		}
	}
	p.Start = b[0]&begin != 0 && b[0]&partition == 0
}

// readVP9 reads RFC 9628 §4.2.
//
//	|I|P|L|F|B|E|V|Z|
//	|M| PictureID   |   if I; two bytes if M
//	| TID |U| SID |D|   if L
//	|  TL0PICIDX    |   if L and not F
func (p *Packet) readVP9(b []byte) {
	const (
		hasPicture, hasLayers, flexible = 0x80, 0x20, 0x10
		begin, end                      = 0x08, 0x04
		up, spatial                     = 0x10, 0x07
	)
	if len(b) < 2 {
		return
	}
	n := 1
	if b[0]&hasPicture != 0 {
		if n = p.readPicture(b, n); n == 0 {
			return
		}
	}
	if b[0]&hasLayers != 0 {
		if len(b) <= n {
			return
		}
		p.Temporal, p.Spatial = b[n]>>5, b[n]>>1&spatial
		if b[n]&up != 0 {
			p.Up = maxTemporal
		}
		n++
		if b[0]&flexible == 0 {
			if len(b) <= n {
				return
			}
			p.level, p.levelAt = b[n], uint8(n)
		}
	}
	p.Start, p.End = b[0]&begin != 0, b[0]&end != 0
}

// readPicture reads a picture id and returns what follows it, or 0 when nothing does.
func (p *Packet) readPicture(b []byte, n int) int {
	const long = 0x80
	if len(b) <= n+1 {
		return 0
	}
	p.pictureAt = uint8(n)
	if b[n]&long == 0 {
		p.picture, p.pictureBits = uint16(b[n]), 7
		return n + 1
	}
	p.picture, p.pictureBits = uint16(b[n]&^long)<<8|uint16(b[n+1]), 15
	return n + 2
}

// newer says whether the packet's picture comes after that one.
func (p *Packet) newer(than uint16) bool {
	if p.pictureBits == 0 {
		return false
	}
	behind := (p.picture - than) & p.pictureMask()
	return behind != 0 && behind < p.pictureMask()/2+1
}

func (p *Packet) pictureMask() uint16 { return 1<<p.pictureBits - 1 }
