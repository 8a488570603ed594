package call

import (
	"errors"
	"os"
	"time"

	"github.com/grotto-meet/grotto/internal/webm"
	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// film is a WebM file of several tracks. Of a track that ends and begins anew, as after a lost connection, it is one track.
type film struct {
	file   *os.File
	writer *webm.Writer
	began  time.Time
	tracks map[filmKey]*filmTrack
	order  []filmKey
	going  int  // tracks that have not ended
	h264   bool // which WebM has not
}

type filmKey struct {
	user, device string
	source       wire.Source
	codec        wire.Codec
}

// filmTrack is a track in the file.
type filmTrack struct {
	index int
	ref   olmkeys.Ref
}

// How much is set aside in a file for the list of its tracks.
const (
	roomForOne = 4 << 10
	roomForAll = 64 << 10
)

// program is named in files as what wrote them.
const program = "Grotto"

// tooLate: by as much behind its time, a frame's track has lost count of it. A slow line is within it.
const tooLate = 3 * time.Second

func newFilm(file *os.File, title string, began time.Time, room int) (*film, error) {
	w, err := webm.NewWriter(file, webm.Info{Title: title, Began: began, Program: program}, room)
	return &film{file: file, writer: w, began: began, tracks: map[filmKey]*filmTrack{}}, err
}

// begin gives a writer for a track whose first frame this is; nil if nothing can be decoded from here on.
func (f *film) begin(first Frame, name string) (*take, error) {
	key := filmKey{first.Track.From.User, first.Track.From.Device, first.Track.Source, first.Track.Codec}
	track := f.tracks[key]
	if track == nil {
		description, ok := webmTrack(first.Track.Codec, first.Data)
		if !ok {
			return nil, nil
		}
		description.Name = trackName(name, first.Track.Source)
		index, err := f.writer.Add(description)
		if err != nil {
			return nil, err
		}
		track = &filmTrack{index: index, ref: first.Track.From}
		f.tracks[key], f.order = track, append(f.order, key)
		f.h264 = f.h264 || first.Track.Codec == wire.CodecH264
	}
	f.going++
	codec, _ := codecNamed(first.Track.Codec)
	return &take{to: f.writer, index: track.index, codec: codec, began: f.began, ended: f.ended}, nil
}

func trackName(name string, source wire.Source) string {
	return name + ", " + map[wire.Source]string{wire.SourceMic: "microphone", wire.SourceCamera: "camera",
		wire.SourceScreen: "screen", wire.SourceScreenAudio: "sound of the screen"}[source]
}

// take is a track from its beginning to its end, or to a lost connection.
type take struct {
	to    frameSink
	index int // of the track there
	codec codecInfo
	began time.Time // time 0 there
	clock clock
	base  time.Time // when the clock was 0, by our own
	ended func() error

	layers [][]byte // of the picture that may go on
	stamp  uint32
	key    bool
	at     time.Duration
}

// frameSink is a webm.Writer or a webm.Stream.
type frameSink interface {
	Frame(track int, at time.Duration, key bool, data []byte) error
}

// write implements frameWriter. A picture of layers, which come one by one, is written when the next begins.
func (t *take) write(f Frame) (bool, error) {
	if len(t.layers) > 0 && f.Timestamp == t.stamp {
		t.layers = append(t.layers, f.Data)
		return true, nil
	}
	err := t.flush()
	t.layers, t.stamp, t.key, t.at = [][]byte{f.Data}, f.Timestamp, f.Key, t.when(f)
	if err == nil && t.codec.wire != wire.CodecVP9 && t.codec.wire != wire.CodecAV1 {
		err = t.flush()
	}
	return err == nil, err
}

func (t *take) flush() error {
	if len(t.layers) == 0 {
		return nil
	}
	data := webmFrame(t.codec.wire, t.layers)
	t.layers = nil
	return t.to.Frame(t.index, t.at, t.key, data)
}

// when is the time of a frame in the file. The clocks of a sender's tracks have nothing to do with each other, so each is
// set by the frame that took least on its way.
func (t *take) when(f Frame) time.Duration {
	arrived := f.arrival()
	ticks := t.clock.since(f.Timestamp)
	played := time.Duration(float64(ticks) / float64(t.codec.params.ClockRate) * float64(time.Second))
	if late := arrived.Sub(t.base.Add(played)); t.base.IsZero() || late < 0 || late > tooLate {
		t.base = arrived.Add(-played)
	}
	return t.base.Add(played).Sub(t.began)
}

// arrival is when a frame came; one that is not remembered came just now.
func (f Frame) arrival() time.Time {
	if f.Arrived.IsZero() {
		return time.Now()
	}
	return f.Arrived
}

// close implements frameWriter. The file stays open: the track may come again.
func (t *take) close() error { return errors.Join(t.flush(), t.ended()) }

// ended writes what is kept once nobody sends any more: the next frame may be far.
func (f *film) ended() error {
	if f.going--; f.going > 0 {
		return nil
	}
	return f.writer.Sync()
}

// finish ends the file, with the names that are known by now.
func (f *film) finish(name func(olmkeys.Ref) string) error {
	for _, key := range f.order {
		t := f.tracks[key]
		f.writer.Rename(t.index, trackName(name(t.ref), key.source))
	}
	err := f.writer.Close()
	if closing := f.file.Close(); err == nil {
		err = closing
	}
	return err
}
