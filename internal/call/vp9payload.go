package call

import (
	"encoding/binary"
	"math/rand/v2"

	"github.com/grotto-meet/grotto/internal/wire"
)

// The bits of the first byte of a VP9 payload descriptor, RFC 9628 §4.2.
const (
	vp9PictureID    = 0x80 // I
	vp9InterPicture = 0x40 // P: not a key frame
	vp9Begin        = 0x08 // B: starts a frame
	vp9End          = 0x04 // E: ends a frame
	vp9Structure    = 0x02 // V: a scalability structure follows
	vp9NotReference = 0x01 // Z: not a reference for upper spatial layers
)

const (
	vp9DescriptorSize = 3 // flags and 15 bits of picture id
	vp9StructureSize  = 8 // one spatial layer with its size, one picture in the group
	vp9PictureIDMask  = 0x7fff
)

// vp9Payloader splits sealed VP9 frames into RTP payloads. Pion's own reads the frame's header to fill the descriptor;
// a sealed frame has none that could be read, so this one is told beforehand what the descriptor must say.
type vp9Payloader struct {
	pictureID     uint16
	key           bool
	width, height uint16
}

func newVP9Payloader() *vp9Payloader {
	return &vp9Payloader{pictureID: uint16(rand.Uint32()) & vp9PictureIDMask}
}

// describe is called with each encoder frame before its sealed form is split.
func (p *vp9Payloader) describe(frame []byte) {
	p.key = keyFrame(wire.CodecVP9, frame)
	p.width, p.height, _ = frameSize(wire.CodecVP9, frame)
}

// Payload implements rtp.Payloader, in non-flexible mode, which Chromium and Firefox send too.
func (p *vp9Payloader) Payload(mtu uint16, sealed []byte) [][]byte {
	var out [][]byte
	for begin := true; len(sealed) > 0; begin = false {
		head := make([]byte, vp9DescriptorSize, mtu)
		head[0] = vp9PictureID | vp9NotReference
		binary.BigEndian.PutUint16(head[1:], 0x8000|p.pictureID) // M: 15 bits follow
		if !p.key {
			head[0] |= vp9InterPicture
		}
		if begin {
			head[0] |= vp9Begin
			if p.key {
				head[0] |= vp9Structure
				head = p.appendStructure(head)
			}
		}
		room := int(mtu) - len(head)
		if room <= 0 {
			return nil
		}
		n := min(room, len(sealed))
		if n == len(sealed) {
			head[0] |= vp9End
		}
		out = append(out, append(head, sealed[:n]...))
		sealed = sealed[n:]
	}
	p.pictureID = (p.pictureID + 1) & vp9PictureIDMask
	return out
}

// appendStructure writes the scalability structure of a stream without layers: the size of the picture, and a group of
// one picture that refers to the one before it.
func (p *vp9Payloader) appendStructure(b []byte) []byte {
	b = append(b, 0x18) // N_S = 0, Y = 1, G = 1
	b = binary.BigEndian.AppendUint16(b, p.width)
	b = binary.BigEndian.AppendUint16(b, p.height)
	return append(b, 1, 1<<4|1<<2, 1) // N_G = 1; TID 0, U, R = 1; P_DIFF = 1
}
