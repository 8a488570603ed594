package sfu

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// extension is a header extension (RFC 8285) that is forwarded. The others end here: they describe the hop, not the media.
type extension uint8

const (
	extensionDescriptor extension = iota // first, since it may need the two-byte form and the others then follow
	extensionAudioLevel
	extensionCount
	extensionNone = extensionCount
)

func extensionOf(uri string) extension {
	switch uri {
	case dependencyDescriptorURI:
		return extensionDescriptor
	case sdp.AudioLevelURI:
		return extensionAudioLevel
	}
	return extensionNone
}

// extensionIDs are the ids one connection negotiated; 0 where it did not. They differ from connection to connection, so they
// are mapped for each subscriber.
type extensionIDs [extensionCount]uint8

func newExtensionIDs(parameters []webrtc.RTPHeaderExtensionParameter) extensionIDs {
	var ids extensionIDs
	for _, p := range parameters {
		if e := extensionOf(p.URI); e != extensionNone && p.ID > 0 && p.ID < 256 {
			ids[e] = uint8(p.ID)
		}
	}
	return ids
}

// extensionValues are the values of one packet; empty where it has none. They point into the packet.
type extensionValues [extensionCount][]byte

func (ids *extensionIDs) read(h *rtp.Header) extensionValues {
	var values extensionValues
	for e, id := range ids {
		if id != 0 {
			values[e] = h.GetExtension(id)
		}
	}
	return values
}

// write adds the values to a header that has no extensions yet. A dependency descriptor of more than 16 bytes makes it
// the two-byte form (RFC 8285 §4.3), which our descriptions allow (a=extmap-allow-mixed).
func (ids *extensionIDs) write(h *rtp.Header, values *extensionValues) {
	for e, id := range ids {
		if id != 0 && len(values[e]) > 0 {
			_ = h.SetExtension(id, values[e]) // fails only for sizes and ids the form cannot hold: then it is left out
		}
	}
}

// withExtensions names the header extensions in sections that tracks have taken over. Pion offers in a section only what the last
// answer had there, and a section at rest has none: without them nobody would report on what arrives, and the way would be taken
// for one that carries nothing.
func withExtensions(description string, tracks []*downTrack) string {
	const media = "\r\nm="
	sections := strings.Split(description, media)
	for i, section := range sections[1:] {
		mid := attribute(section, "mid:")
		taken := slices.IndexFunc(tracks, func(d *downTrack) bool { return d.tr.Mid() == mid })
		if taken < 0 || strings.Contains(section, "\r\na="+sdp.AttrKeyExtMap+":") {
			continue
		}
		line := "\r\na=mid:" + mid
		lines := line
		for _, e := range tracks[taken].tr.Sender().GetParameters().HeaderExtensions {
			lines += fmt.Sprintf("\r\na=%s:%d %s", sdp.AttrKeyExtMap, e.ID, e.URI)
		}
		sections[i+1] = strings.Replace(section, line, lines, 1)
	}
	return strings.Join(sections, media)
}
