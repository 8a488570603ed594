package sfu

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pion/sdp/v3"
)

const (
	// maxEncodings of one video. Browsers send three at most.
	maxEncodings = 4
	maxRID       = 16 // characters, as the one-byte header extension allows
)

// readEncodings returns the encodings that a section sends (RFC 8851, RFC 8853), in its order. Pion takes every a=rid line
// for an encoding that is sent, and none at all without a track id, so neither may be otherwise.
func readEncodings(media *sdp.MediaDescription) ([]string, error) {
	var rids []string
	for _, a := range media.Attributes {
		switch a.Key {
		case "rid":
			words := strings.Split(a.Value, " ")
			switch {
			case len(words) < 2 || words[1] != "send" || !ridToken(words[0]):
				return nil, fmt.Errorf("%w: rid %q; only encodings that are sent may be offered", ErrDescription, a.Value)
			case slices.Contains(rids, words[0]):
				return nil, fmt.Errorf("%w: rid %q twice", ErrDescription, words[0])
			case len(rids) == maxEncodings:
				return nil, fmt.Errorf("%w: more than %d encodings a video", ErrDescription, maxEncodings)
			}
			rids = append(rids, words[0])
		case "simulcast":
			if !strings.HasPrefix(a.Value, "send ") || strings.Contains(a.Value, "recv") {
				return nil, fmt.Errorf("%w: simulcast %q; it may only be sent here", ErrDescription, a.Value)
			}
		}
	}
	if len(rids) == 0 {
		return nil, nil
	}
	if id, _ := media.Attribute(sdp.AttrKeyMsid); len(strings.Split(id, " ")) != 2 {
		return nil, fmt.Errorf("%w: several encodings without a=msid", ErrDescription)
	}
	return rids, nil
}

// ridToken: RFC 8851 §10, and short enough for the header extension.
func ridToken(s string) bool {
	return s != "" && len(s) <= maxRID && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}

// rids are those that the layers of an announced track name: several encodings, or "" for the one that has no name.
func (t UpTrack) rids() []string {
	if len(t.Layers) == 0 || t.Layers[0].RID == "" {
		return []string{""}
	}
	rids := make([]string, len(t.Layers))
	for i, l := range t.Layers {
		rids[i] = l.RID
	}
	return rids
}

// checkLayers holds the layers of a listed track against the encodings of its section.
func checkLayers(t UpTrack, offered []string) error {
	if len(t.Layers) > maxEncodings {
		return fmt.Errorf("%w: mid %q: %d layers, at most %d allowed", ErrTracks, t.MID, len(t.Layers), maxEncodings)
	}
	if len(offered) == 0 {
		if slices.ContainsFunc(t.Layers, func(l Layer) bool { return l.RID != "" }) {
			return fmt.Errorf("%w: mid %q: layers with a rid, but the offer has none", ErrTracks, t.MID)
		}
		return nil
	}
	listed := t.rids()
	slices.Sort(listed)
	offered = slices.Sorted(slices.Values(offered))
	if !slices.Equal(listed, offered) {
		return fmt.Errorf("%w: mid %q: layers %q, but the offer has the encodings %q", ErrTracks, t.MID, listed, offered)
	}
	return nil
}
