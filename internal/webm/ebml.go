package webm

import (
	"encoding/binary"
	"math"
)

// The elements that are written or understood, RFC 9559 §5.1 and RFC 8794 §11.
const (
	idEBML               = 0x1A45DFA3
	idEBMLVersion        = 0x4286
	idEBMLReadVersion    = 0x42F7
	idEBMLMaxIDLength    = 0x42F2
	idEBMLMaxSizeLength  = 0x42F3
	idDocType            = 0x4282
	idDocTypeVersion     = 0x4287
	idDocTypeReadVersion = 0x4285
	idVoid               = 0xEC

	idSegment        = 0x18538067
	idSeekHead       = 0x114D9B74
	idSeek           = 0x4DBB
	idSeekID         = 0x53AB
	idSeekPosition   = 0x53AC
	idInfo           = 0x1549A966
	idTimestampScale = 0x2AD7B1
	idDuration       = 0x4489
	idDateUTC        = 0x4461
	idTitle          = 0x7BA9
	idMuxingApp      = 0x4D80
	idWritingApp     = 0x5741

	idTracks           = 0x1654AE6B
	idTrackEntry       = 0xAE
	idTrackNumber      = 0xD7
	idTrackUID         = 0x73C5
	idTrackType        = 0x83
	idFlagLacing       = 0x9C
	idName             = 0x536E
	idCodecID          = 0x86
	idCodecPrivate     = 0x63A2
	idCodecDelay       = 0x56AA
	idSeekPreRoll      = 0x56BB
	idContentEncodings = 0x6D80
	idVideo            = 0xE0
	idPixelWidth       = 0xB0
	idPixelHeight      = 0xBA
	idAudio            = 0xE1
	idSampling         = 0xB5
	idChannels         = 0x9F

	idCluster     = 0x1F43B675
	idTimestamp   = 0xE7
	idSimpleBlock = 0xA3
	idBlockGroup  = 0xA0
	idBlock       = 0xA1

	idCues               = 0x1C53BB6B
	idCuePoint           = 0xBB
	idCueTime            = 0xB3
	idCueTrackPositions  = 0xB7
	idCueTrack           = 0xF7
	idCueClusterPosition = 0xF1
)

// unknownSize says that an element ends where its parent does, or another begins (RFC 8794 §6.2).
const unknownSize = 1<<56 - 1

func appendID(b []byte, id uint32) []byte {
	switch {
	case id > 1<<24:
		return binary.BigEndian.AppendUint32(b, id)
	case id > 1<<16:
		b = append(b, byte(id>>16))
		fallthrough
	case id > 1<<8:
		b = append(b, byte(id>>8))
	}
	return append(b, byte(id))
}

// appendWideSize takes eight bytes, whatever the size.
func appendWideSize(b []byte, size uint64) []byte {
	return binary.BigEndian.AppendUint64(b, size|1<<56)
}

// appendSize is RFC 8794 §4, as short as it can be: of each length, the value of all ones says "unknown".
func appendSize(b []byte, size uint64) []byte {
	for n := 1; n < 8; n++ {
		if size < 1<<(7*n)-1 {
			size |= 1 << (7 * n)
			for i := n - 1; i >= 0; i-- {
				b = append(b, byte(size>>(8*i)))
			}
			return b
		}
	}
	return appendWideSize(b, size)
}

func appendElement(b []byte, id uint32, data []byte) []byte {
	return append(appendSize(appendID(b, id), uint64(len(data))), data...)
}

func appendUint(b []byte, id uint32, v uint64) []byte {
	n := 1
	for v>>(8*n) > 0 && n < 8 {
		n++
	}
	data := binary.BigEndian.AppendUint64(nil, v)
	return appendElement(b, id, data[8-n:])
}

func appendFloat(b []byte, id uint32, v float64) []byte {
	return appendElement(b, id, binary.BigEndian.AppendUint64(nil, math.Float64bits(v)))
}

// appendVoid fills n bytes, of which there are none, or two or more.
func appendVoid(b []byte, n int) []byte {
	const wide = 9 // an id and the longest size
	switch {
	case n == 0:
		return b
	case n < wide:
		return append(appendSize(appendID(b, idVoid), uint64(n-2)), make([]byte, n-2)...)
	}
	return append(appendWideSize(appendID(b, idVoid), uint64(n-wide)), make([]byte, n-wide)...)
}
