package call

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

const annexBHint = "ffmpeg -i in.mp4 -an -c:v libx264 -profile:v baseline -pix_fmt yuv420p out.h264"

// annexBReader reads the frames of an H.264 byte stream (Annex B), as in files named .h264. It has no times of its own:
// each frame lasts as long as the parameter set says.
type annexBReader struct {
	units    *bufio.Scanner
	ahead    []byte // the unit that begins the next frame
	interval time.Duration
}

func newAnnexBReader(r io.Reader) (wire.Codec, mediaReader, error) {
	a := &annexBReader{units: bufio.NewScanner(r)}
	a.units.Buffer(nil, ivfMaxFrame)
	a.units.Split(splitUnits)
	for {
		unit, err := a.unit()
		if err != nil {
			return "", nil, &Error{Class: ErrMedia, What: "is a byte stream of no H.264 that can be sent: it has no parameter set", Hint: annexBHint, Err: err}
		}
		a.ahead = append(append(a.ahead, nalLongStart...), unit...)
		if unit[0]&nalTypeMask == nalDelimiter || unit[0]&nalTypeMask == nalInformation {
			continue
		}
		set, ok := readSequenceSet(unit)
		if !ok {
			return "", nil, &Error{Class: ErrMedia, What: "is a byte stream that does not begin with an H.264 parameter set", Hint: annexBHint}
		}
		// Profile 66 has no B frames, whose order is not that of their times, and every decoder has it.
		if set.profile != profileBaseline {
			return "", nil, &Error{Class: ErrMedia, What: fmt.Sprintf("is H.264 of profile %d, and only baseline (66) can be sent", set.profile), Hint: annexBHint}
		}
		a.interval = ivfDefaultInterval
		if set.interval > 0 {
			a.interval = min(max(set.interval, ivfMinInterval), ivfMaxInterval)
		}
		return wire.CodecH264, a, nil
	}
}

// next gives a picture with all its slices, and what stands before them.
func (a *annexBReader) next() ([]byte, time.Duration, error) {
	frame := a.ahead
	a.ahead = nil
	sliced := h264Unit(frame, nalSlice, nalIDR) != nil
	for {
		unit, err := a.unit()
		if errors.Is(err, io.EOF) && sliced {
			return frame, a.interval, nil
		}
		if err != nil {
			return nil, 0, err
		}
		if sliced && beginsPicture(unit) {
			a.ahead = append(append(a.ahead, nalLongStart...), unit...)
			return frame, a.interval, nil
		}
		if frame = append(append(frame, nalLongStart...), unit...); len(frame) > ivfMaxFrame {
			return nil, 0, &Error{Class: ErrMedia, What: fmt.Sprintf("holds a frame of more than %d bytes", ivfMaxFrame), Hint: "check how the file was made"}
		}
		sliced = sliced || unit[0]&nalTypeMask >= nalSlice && unit[0]&nalTypeMask <= nalIDR
	}
}

// unit gives the next unit that is not empty.
func (a *annexBReader) unit() ([]byte, error) {
	for a.units.Scan() {
		if unit := a.units.Bytes(); len(unit) > 0 {
			return unit, nil
		}
	}
	switch err := a.units.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, &Error{Class: ErrMedia, What: fmt.Sprintf("holds a NAL unit of more than %d bytes", ivfMaxFrame), Hint: "check how the file was made"}
	case err != nil:
		return nil, err
	}
	return nil, io.EOF
}

// beginsPicture says whether a unit, behind a slice, is the first of another picture (H.264 §7.4.1.2.3). Of slices only
// the first has macroblock 0, whose number is the bit 1: encoders number slices upwards.
func beginsPicture(unit []byte) bool {
	switch typ := unit[0] & nalTypeMask; {
	case typ == nalSlice || typ == nalIDR:
		return len(unit) > 1 && unit[1]&0x80 != 0
	case typ >= nalInformation && typ <= nalDelimiter, typ >= nalFirstReserve && typ <= nalLastReserve:
		return true
	}
	return false
}

// splitUnits is a bufio.SplitFunc: what stands between two start codes, without the zeros that may follow it. What stands
// before the first is an empty unit.
func splitUnits(data []byte, atEOF bool) (advance int, token []byte, err error) {
	from := 0
	if bytes.HasPrefix(data, nalStart) {
		from = len(nalStart)
	}
	end := bytes.Index(data[from:], nalStart)
	switch {
	case end >= 0 && from == 0:
		return end, []byte{}, nil
	case end >= 0:
		return from + end, bytes.TrimRight(data[from:from+end], "\x00"), nil
	case atEOF && len(data) > 0:
		return len(data), bytes.TrimRight(data[from:], "\x00"), nil
	}
	return 0, nil, nil
}
