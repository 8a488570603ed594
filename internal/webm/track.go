package webm

// Codec is a codec by its Matroska name.
type Codec string

// The codecs.
const (
	VP8  Codec = "V_VP8"
	VP9  Codec = "V_VP9"
	AV1  Codec = "V_AV1"
	H264 Codec = "V_MPEG4/ISO/AVC" // not for WebM: a file that has it is Matroska
	Opus Codec = "A_OPUS"
)

// video says whether there are pictures.
func (c Codec) video() bool { return len(c) > 0 && c[0] == 'V' }

// Track is a stream of frames.
type Track struct {
	Codec         Codec
	Name          string // for people
	Private       []byte // what a decoder needs beforehand
	Width, Height int    // of pictures
	Encoded       bool   // compressed or encrypted: its frames are of no use. For a Reader only

	number uint64 // in the file that is read
}

// Opus runs at one rate. What a decoder gives in the beginning (RFC 7845 §5.1.1: 80 ms after a jump) is not to be heard.
const (
	opusRate      = 48000
	opusPreSkip   = 312 // samples, of libopus at that rate
	opusPreSkipNS = opusPreSkip * 1e9 / opusRate
	opusPreRollNS = 80e6
)

// OpusPrivate is the Private of an Opus track, RFC 7845 §5.1.
func OpusPrivate(channels byte) []byte {
	return []byte{'O', 'p', 'u', 's', 'H', 'e', 'a', 'd', 1, channels, opusPreSkip & 0xff, opusPreSkip >> 8, opusRate & 0xff, opusRate >> 8 & 0xff, 0, 0, 0, 0, 0}
}

const (
	typeVideo = 1
	typeAudio = 2
)

func appendTrack(b []byte, number uint64, t Track) []byte {
	e := appendUint(nil, idTrackNumber, number)
	e = appendUint(e, idTrackUID, number)
	kind := uint64(typeAudio)
	if t.Codec.video() {
		kind = typeVideo
	}
	e = appendUint(e, idTrackType, kind)
	e = appendUint(e, idFlagLacing, 0)
	if t.Name != "" {
		e = appendElement(e, idName, []byte(t.Name))
	}
	e = appendElement(e, idCodecID, []byte(t.Codec))
	if len(t.Private) > 0 {
		e = appendElement(e, idCodecPrivate, t.Private)
	}
	if t.Codec.video() {
		v := appendUint(nil, idPixelWidth, uint64(max(t.Width, 1))) // 0 is not allowed
		v = appendUint(v, idPixelHeight, uint64(max(t.Height, 1)))
		e = appendElement(e, idVideo, v)
	} else {
		e = appendUint(e, idCodecDelay, opusPreSkipNS)
		e = appendUint(e, idSeekPreRoll, opusPreRollNS)
		a := appendFloat(nil, idSampling, opusRate)
		a = appendUint(a, idChannels, 2)
		e = appendElement(e, idAudio, a)
	}
	return appendElement(b, idTrackEntry, e)
}

// header is the EBML header, of one size whatever the kind of file, so that it can be changed later.
func header(tracks []Track) []byte {
	docType, filler := "webm", 4
	for _, t := range tracks {
		if t.Codec == H264 {
			docType, filler = "matroska", 0
		}
	}
	h := appendUint(nil, idEBMLVersion, 1)
	h = appendUint(h, idEBMLReadVersion, 1)
	h = appendUint(h, idEBMLMaxIDLength, 4)
	h = appendUint(h, idEBMLMaxSizeLength, 8)
	h = appendElement(h, idDocType, []byte(docType))
	h = appendUint(h, idDocTypeVersion, 4)
	h = appendUint(h, idDocTypeReadVersion, 2)
	h = appendVoid(h, filler)
	return appendElement(nil, idEBML, h)
}

func tracksElement(tracks []Track) []byte {
	var all []byte
	for i, t := range tracks {
		all = appendTrack(all, uint64(i+1), t)
	}
	return appendElement(nil, idTracks, all)
}
