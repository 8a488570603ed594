package webm

import (
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"time"
)

// ErrFull says that a file has no room for one more track: begin another file.
var ErrFull = errors.New("webm: no room for another track")

// A cluster is written when it is this long or large: what a crash may cost. Times within one are 16 bits of
// milliseconds.
const (
	clusterSpan = time.Second
	clusterSize = 1 << 20
)

// File is what a Writer writes to. An *os.File is one.
type File interface {
	io.Writer
	io.WriterAt
}

// Info is said of a file as a whole.
type Info struct {
	Title   string
	Began   time.Time // the moment of time 0
	Program string    // that writes it
}

// Writer makes a file.
type Writer struct {
	file   File
	info   Info
	room   int // for what stands before the first cluster
	tracks []Track
	last   []time.Duration // of each track
	end    time.Duration
	at     int64 // bytes written
	start  int64 // of the segment's content
	blocks []block
	early  time.Duration // of the blocks, as is
	late   time.Duration
	size   int // of their frames
	cues   []byte
	cued   time.Duration
	err    error // the first: the file is of no use behind it
}

type block struct {
	track int
	at    time.Duration
	key   bool
	data  []byte
}

// NewWriter begins a file. Room is how many bytes are set aside for the list of tracks: about 100 each, and their names.
func NewWriter(file File, info Info, room int) (*Writer, error) {
	w := &Writer{file: file, info: info, room: room}
	begin := appendWideSize(appendID(header(nil), idSegment), unknownSize)
	w.start = int64(len(begin))
	head, err := w.head(0)
	if err != nil {
		return nil, err
	}
	w.write(append(begin, head...))
	return w, w.err
}

func (w *Writer) write(b []byte) {
	if w.err != nil {
		return
	}
	n, err := w.file.Write(b)
	w.at += int64(n)
	w.err = err
}

func (w *Writer) writeAt(b []byte, at int64) {
	if w.err == nil {
		_, w.err = w.file.WriteAt(b, at)
	}
}

// Add adds a track and returns its index. It may be called at any time.
func (w *Writer) Add(t Track) (int, error) {
	w.tracks = append(w.tracks, t)
	head, err := w.head(0)
	if err != nil {
		w.tracks = w.tracks[:len(w.tracks)-1]
		return 0, err
	}
	w.last = append(w.last, 0)
	w.writeAt(header(w.tracks), 0)
	w.writeAt(head, w.start)
	return len(w.tracks) - 1, w.err
}

// Rename changes a track's name, if there is room for it.
func (w *Writer) Rename(track int, name string) {
	was := w.tracks[track].Name
	w.tracks[track].Name = name
	if _, err := w.head(0); err != nil {
		w.tracks[track].Name = was
	}
}

// Sync writes what is kept of the last second, where a while may pass until the next frame.
func (w *Writer) Sync() error {
	w.flush()
	return w.err
}

// head is what stands before the first cluster, filled up to the room for it. Cues stand at that place of the segment,
// once there are any.
func (w *Writer) head(cues int64) ([]byte, error) {
	info := w.information()
	tracks := tracksElement(w.tracks)
	if len(w.tracks) == 0 {
		tracks = nil // an empty list is not allowed
	}
	var head []byte
	if cues > 0 {
		// Positions are given as eight bytes, so that they do not move what they point to.
		entry := func(id uint32, at int64) []byte {
			e := appendElement(nil, idSeekID, appendID(nil, id))
			return appendElement(nil, idSeek, appendElement(e, idSeekPosition, binary.BigEndian.AppendUint64(nil, uint64(at))))
		}
		size := int64(len(appendElement(nil, idSeekHead, slices.Repeat(entry(idCues, 0), 3))))
		seek := entry(idInfo, size)
		seek = append(seek, entry(idTracks, size+int64(len(info)))...)
		head = appendElement(nil, idSeekHead, append(seek, entry(idCues, cues)...))
	}
	head = append(append(head, info...), tracks...)
	rest := w.room - len(head)
	if rest < 0 || rest == 1 { // nothing fills one byte
		return nil, ErrFull
	}
	return appendVoid(head, rest), nil
}

func (w *Writer) information() []byte {
	info := appendUint(nil, idTimestampScale, uint64(time.Millisecond))
	if w.end > 0 {
		info = appendFloat(info, idDuration, float64(w.end.Milliseconds()))
	}
	return appendElement(nil, idInfo, appendAbout(info, w.info))
}

func appendAbout(info []byte, about Info) []byte {
	if !about.Began.IsZero() {
		epoch := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC) // RFC 8794 §7.5
		info = appendElement(info, idDateUTC, binary.BigEndian.AppendUint64(nil, uint64(about.Began.Sub(epoch))))
	}
	if about.Title != "" {
		info = appendElement(info, idTitle, []byte(about.Title))
	}
	info = appendElement(info, idMuxingApp, []byte(about.Program))
	return appendElement(info, idWritingApp, []byte(about.Program))
}

// Frame adds a frame. Times of a track do not go back: one that would is the one before. Key says whether a player can
// begin here; of sound, it always can. Data is kept until the cluster is written.
func (w *Writer) Frame(track int, at time.Duration, key bool, data []byte) error {
	at = max(at, w.last[track]).Truncate(time.Millisecond)
	w.last[track] = at
	if len(w.blocks) > 0 && (max(at, w.late)-min(at, w.early) >= clusterSpan || w.size >= clusterSize) {
		w.flush()
	}
	if len(w.blocks) == 0 {
		w.early, w.late = at, at
	}
	w.early, w.late = min(at, w.early), max(at, w.late)
	w.blocks = append(w.blocks, block{track, at, key, data})
	w.size += len(data)
	w.end = max(w.end, at)
	return w.err
}

// flush writes what was kept, in the order of its times.
func (w *Writer) flush() {
	if len(w.blocks) == 0 {
		return
	}
	slices.SortStableFunc(w.blocks, func(a, b block) int { return cmp.Compare(a.at, b.at) })
	first := w.early
	body := make([]byte, 0, w.size+16*(len(w.blocks)+1))
	body = appendUint(body, idTimestamp, uint64(first.Milliseconds()))
	for _, b := range w.blocks {
		if b.key && w.tracks[b.track].Codec.video() && (len(w.cues) == 0 || b.at-w.cued >= clusterSpan) {
			w.cue(b)
		}
		body = appendBlock(body, b, first)
	}
	w.write(appendElement(nil, idCluster, body))
	w.blocks, w.size = w.blocks[:0], 0
}

func (w *Writer) cue(b block) {
	place := appendUint(nil, idCueTrack, uint64(b.track+1))
	place = appendUint(place, idCueClusterPosition, uint64(w.at-w.start))
	point := appendUint(nil, idCueTime, uint64(b.at.Milliseconds()))
	w.cues = appendElement(w.cues, idCuePoint, appendElement(point, idCueTrackPositions, place))
	w.cued = b.at
}

func appendBlock(body []byte, b block, cluster time.Duration) []byte {
	flags := byte(0)
	if b.key {
		flags = 0x80
	}
	body = appendID(body, idSimpleBlock)
	head := appendSize(nil, uint64(b.track+1))
	head = binary.BigEndian.AppendUint16(head, uint16(int16((b.at - cluster).Milliseconds())))
	head = append(head, flags)
	body = appendSize(body, uint64(len(head)+len(b.data)))
	return append(append(body, head...), b.data...)
}

// Close writes what is left: the length, and where players can jump to. It does not close the file.
func (w *Writer) Close() error {
	w.flush()
	cues := w.at - w.start
	if len(w.cues) > 0 {
		w.write(appendElement(nil, idCues, w.cues))
	} else {
		cues = 0
	}
	head, err := w.head(cues)
	if errors.Is(err, ErrFull) {
		head, err = w.head(0) // it plays without them, too
	}
	if err != nil {
		return err
	}
	w.writeAt(head, w.start)
	w.writeAt(appendWideSize(nil, uint64(w.at-w.start)), w.start-8)
	return w.err
}

// Stream writes to a pipe, each frame at once.
type Stream struct {
	to    io.Writer
	first time.Duration // of the cluster
	open  bool
	last  []time.Duration
	all   []Track
}

// NewStream begins with the head.
func NewStream(to io.Writer, info Info, tracks []Track) (*Stream, error) {
	head := appendWideSize(appendID(header(tracks), idSegment), unknownSize)
	head = appendElement(head, idInfo, appendAbout(appendUint(nil, idTimestampScale, uint64(time.Millisecond)), info))
	head = append(head, tracksElement(tracks)...)
	_, err := to.Write(head)
	return &Stream{to: to, last: make([]time.Duration, len(tracks)), all: tracks}, err
}

// Frame writes a frame. See Writer.Frame.
func (s *Stream) Frame(track int, at time.Duration, key bool, data []byte) error {
	at = max(at, s.last[track]).Truncate(time.Millisecond)
	s.last[track] = at
	var out []byte
	const most = 30 * time.Second // of 32, that 16 bits can say
	if away := (at - s.first).Abs(); !s.open || away > most || key && s.all[track].Codec.video() {
		s.open, s.first = true, at
		out = appendUint(appendWideSize(appendID(nil, idCluster), unknownSize), idTimestamp, uint64(at.Milliseconds()))
	}
	_, err := s.to.Write(appendBlock(out, block{track, at, key, data}, s.first))
	return err
}
