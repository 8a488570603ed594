// Package rewrite makes one stream of packets out of several: of the encodings of a video that a receiver is sent one after
// the other, with layers left out. To the receiver it is a stream like any other, without gaps but those of the network.
// [Packet.Read] reads what is needed, a [Rewriter] gives out the numbers, an [Edit] changes the packet.
//
// What is rewritten: sequence numbers; timestamps; VP8's picture id, TL0PICIDX and KEYIDX (RFC 7741 §4.2); VP9's picture id
// and TL0PICIDX (RFC 9628 §4.2); the frame number of the dependency descriptor. All of them lie outside of sealed frames.
//
// # One number, one packet
//
// An outgoing sequence number is SRTP's nonce (RFC 7714 §8.1): two packets under one give away the key that
// authenticates the connection. So the map from packets to numbers is one to one by construction, and beside it stands
// a window of the numbers used, which refuses what the construction should have made impossible.
package rewrite

const (
	// window is how far behind the newest packet a late one may be.
	window = 1024
	// maxGap is the longest row of missing packets that stays visible to the receiver. Longer ones are closed: they are not
	// going to be repaired, and SRTP's rollover counter must follow (RFC 3711 §3.3.1).
	maxGap = 1 << 13
	// maxSegments is how many changes of the map are remembered for packets that come late or are asked for again: two seconds
	// of a stream in which every second frame is left out.
	maxSegments = 128
	// MaxStreams is how many streams there may be, numbered from 0.
	MaxStreams = 4
)

// segment is a row of packets under one map: those from in on, up to the next segment.
type segment struct {
	in, out uint64
	edit    Edit
	stream  uint8
}

// Rewriter makes the numbers for one receiver. The zero value is ready for Begin. It allocates while its first segments come.
type Rewriter struct {
	segments []segment // oldest first; the last is the current one
	in       uint64    // highest number seen of the current stream
	highest  uint64    // highest number given out
	first    uint64    // lowest number given out: SRTP's rollover counter cannot count below it
	used     [window / 64]uint64
	left     [MaxStreams]uint64 // highest number seen of a stream when another one began

	// The newest that the receiver was sent, and the newest picture seen of the current stream.
	timestamp       uint32
	picture, seen   uint16
	level, keyIndex uint8
	frame           uint16
	pictures        bool // there was a picture id
}

// Begun says whether anything was sent.
func (w *Rewriter) Begun() bool { return w.highest != 0 }

// Timestamp is the newest that was sent.
func (w *Rewriter) Timestamp() uint32 { return w.timestamp }

// Current is the edit under which packets are sent now, and the stream they come from.
func (w *Rewriter) Current() (Edit, uint8) {
	if len(w.segments) == 0 {
		return Edit{Top: AllLayers}, 0
	}
	current := &w.segments[len(w.segments)-1]
	return current.edit, current.stream
}

// Begin starts with a packet of another stream, or of the same one after a pause; the packet itself goes to Forward next. It
// must need nothing older. Timestamp is what its timestamp becomes.
func (w *Rewriter) Begin(stream uint8, p *Packet, timestamp uint32, top uint8, active uint32) {
	s := segment{in: p.Number, out: w.highest + 1, stream: stream, edit: Edit{Timestamp: timestamp - p.Timestamp, Top: top, Active: active}}
	if !w.Begun() {
		s.out = p.Number
	} else {
		if p.pictureBits > 0 && w.pictures {
			s.edit.Picture = w.picture + 1 - p.picture
			s.edit.Level = w.level + 1 - p.level
			s.edit.KeyIndex = w.keyIndex + 1 - p.keyIndex
		}
		s.edit.Frame = w.frame + 1 - p.Frame
	}
	if last := len(w.segments) - 1; last >= 0 {
		w.left[w.segments[last].stream] = w.in
	}
	w.in, w.seen = p.Number-1, p.picture-1
	w.push(s)
}

// Layers changes what is sent of the current stream from this packet on, which starts a picture.
func (w *Rewriter) Layers(p *Packet, top uint8, active uint32) {
	current := &w.segments[len(w.segments)-1]
	if current.edit.Top == top && current.edit.Active == active || p.Number <= w.in {
		return
	}
	s := segment{in: p.Number, out: current.out + p.Number - current.in, stream: current.stream, edit: current.edit}
	s.edit.Top, s.edit.Active = top, active
	w.push(s)
}

// Forward gives a packet of the current stream its number, if it may still be sent. Begins says that it is the first one
// under its edit.
func (w *Rewriter) Forward(p *Packet) (number uint16, edit *Edit, begins, ok bool) {
	if len(w.segments) == 0 {
		return 0, nil, false, false
	}
	current := &w.segments[len(w.segments)-1]
	if p.Number <= w.in {
		return w.Fill(current.stream, p)
	}
	out := current.out + p.Number - current.in
	if out > w.highest+maxGap && w.Begun() {
		w.push(segment{in: p.Number, out: w.highest + 1, stream: current.stream, edit: current.edit})
		current = &w.segments[len(w.segments)-1]
		out = current.out
	}
	w.in = p.Number
	w.advance(out)
	w.sent(p, &current.edit)
	return uint16(out), &current.edit, p.Number == current.in, true
}

// Fill gives a late packet the place that was left for it, if there is one. Its picture has its place in the row as well, so
// it is sent whatever layer it is of, and even when another stream has begun meanwhile: a gap that never closes would cost
// the receiver more.
func (w *Rewriter) Fill(stream uint8, p *Packet) (number uint16, edit *Edit, begins, ok bool) {
	last := len(w.segments) - 1
	for i := last; i >= 0; i-- {
		s := &w.segments[i]
		if s.stream != stream || p.Number < s.in {
			continue
		}
		out := s.out + p.Number - s.in
		if i < last && out >= w.segments[i+1].out || out+window <= w.highest || out < w.first || out > w.highest || w.marked(out) {
			return 0, nil, false, false
		}
		w.mark(out)
		return uint16(out), &s.edit, p.Number == s.in, true
	}
	return 0, nil, false, false
}

// Drop leaves a packet of the current stream out, so that the receiver sees no gap. Late ones are none of its business: their
// place is taken.
func (w *Rewriter) Drop(p *Packet, codec Codec) {
	if len(w.segments) == 0 || p.Number <= w.in {
		return
	}
	current := &w.segments[len(w.segments)-1]
	s := *current
	s.in, s.out = p.Number+1, current.out+p.Number-current.in
	w.in = p.Number
	// VP8 receivers wait for pictures that are missing from the row. VP9's know by other fields, and references are by
	// difference of ids there.
	if codec == VP8 && p.newer(w.seen) {
		w.seen = p.picture
		s.edit.Picture--
	}
	if current.in == p.Number { // nothing was sent under it
		*current = s
		return
	}
	w.push(s)
}

// sent remembers the newest that the receiver has.
func (w *Rewriter) sent(p *Packet, e *Edit) {
	w.timestamp = p.Timestamp + e.Timestamp
	if p.HasFrame {
		w.frame = p.Frame + e.Frame
	}
	if p.pictureBits == 0 {
		return
	}
	w.pictures = true
	w.picture, w.level, w.keyIndex = (p.picture+e.Picture)&p.pictureMask(), p.level+e.Level, p.keyIndex+e.KeyIndex
	if p.newer(w.seen) {
		w.seen = p.picture
	}
}

// Find says which packet a receiver means by a number, and how it is changed. It may be one that was not sent: what arrived
// before the stream was begun with an older packet, which had come late.
func (w *Rewriter) Find(number uint16) (stream uint8, in uint64, edit Edit, ok bool) {
	out := w.highest + uint64(int64(int16(number-uint16(w.highest))))
	if out > w.highest || out+window <= w.highest || out < w.first {
		return 0, 0, Edit{}, false
	}
	for i := len(w.segments) - 1; i >= 0; i-- {
		if s := &w.segments[i]; s.out <= out {
			return s.stream, s.in + out - s.out, s.edit, true
		}
	}
	return 0, 0, Edit{}, false
}

// push makes a segment the current one. The oldest half is forgotten when there is no room.
func (w *Rewriter) push(s segment) {
	for last := len(w.segments) - 1; last >= 0 && w.segments[last].out >= s.out; last-- { // nothing was sent under those
		w.segments = w.segments[:last]
	}
	if len(w.segments) == maxSegments {
		w.segments = w.segments[:copy(w.segments, w.segments[maxSegments/2:])]
	}
	w.segments = append(w.segments, s)
}

// advance makes out the newest number.
func (w *Rewriter) advance(out uint64) {
	if w.first == 0 {
		w.first, w.highest = out, out
		w.mark(out)
		return
	}
	if out-w.highest >= window {
		clear(w.used[:])
	} else {
		for n := w.highest + 1; n <= out; n++ {
			w.used[n%window/64] &^= 1 << (n % 64)
		}
	}
	w.highest = out
	w.mark(out)
}

func (w *Rewriter) mark(n uint64)        { w.used[n%window/64] |= 1 << (n % 64) }
func (w *Rewriter) marked(n uint64) bool { return w.used[n%window/64]&(1<<(n%64)) != 0 }

// Late says whether a packet belongs to a time that is over: then at most its place is still free, see Fill.
func (w *Rewriter) Late(stream uint8, p *Packet) bool {
	if len(w.segments) == 0 {
		return false
	}
	if w.segments[len(w.segments)-1].stream == stream {
		return p.Number <= w.in
	}
	return p.Number <= w.left[stream]
}
