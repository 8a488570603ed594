package sfu

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

const (
	maxDescription = 128 << 10 // bytes of a client's session description
	maxAnswer      = 640 << 10 // bytes of a client's answer, which grows with what it subscribes to
	maxSections    = 128       // media sections a client may offer, dead ones included
	maxMID         = 16        // characters, as the one-byte header extension allows
)

// section is one media section of a client's offer.
type section struct {
	mid, kind string
	sending   bool
	payloads  map[string][]uint8 // codec name -> payload types that carry it
}

// readOffer checks a client's offer before anything is applied, since Pion cannot roll back a half-applied one. It
// returns the offer without candidates and its sections by MID.
func readOffer(raw string) (string, map[string]section, error) {
	clean, parsed, err := readDescription(raw, maxDescription)
	if err != nil {
		return "", nil, err
	}
	if n := len(parsed.MediaDescriptions); n == 0 || n > maxSections {
		return "", nil, fmt.Errorf("%w: %d media sections, from 1 to %d allowed", ErrDescription, n, maxSections)
	}
	sections := make(map[string]section, len(parsed.MediaDescriptions))
	for _, media := range parsed.MediaDescriptions {
		s, err := readSection(parsed, media)
		if err != nil {
			return "", nil, err
		}
		if _, twice := sections[s.mid]; twice {
			return "", nil, fmt.Errorf("%w: mid %q twice", ErrDescription, s.mid)
		}
		sections[s.mid] = s
	}
	return clean, sections, nil
}

// readAnswer checks what Pion would only notice after half of it was applied.
func readAnswer(raw string) (string, error) {
	clean, parsed, err := readDescription(raw, maxAnswer)
	if err != nil {
		return "", err
	}
	if len(parsed.MediaDescriptions) == 0 {
		return "", fmt.Errorf("%w: no media section", ErrDescription)
	}
	if err := readTransport(parsed, parsed.MediaDescriptions[0]); err != nil {
		return "", err
	}
	return clean, nil
}

// readDescription drops the client's candidates: an ICE-lite server learns the address from the checks it gets, and so nobody
// can name an address here that packets would go to.
func readDescription(raw string, limit int) (string, *sdp.SessionDescription, error) {
	if len(raw) > limit {
		return "", nil, fmt.Errorf("%w: %d bytes, at most %d allowed", ErrDescription, len(raw), limit)
	}
	var clean strings.Builder
	for line := range strings.Lines(raw) {
		if !strings.HasPrefix(line, "a=candidate:") && !strings.HasPrefix(line, "a=end-of-candidates") {
			clean.WriteString(line)
		}
	}
	var parsed sdp.SessionDescription
	if err := parsed.UnmarshalString(clean.String()); err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrDescription, err)
	}
	return clean.String(), &parsed, nil
}

func readSection(parsed *sdp.SessionDescription, media *sdp.MediaDescription) (section, error) {
	s := section{kind: media.MediaName.Media, payloads: map[string][]uint8{}}
	s.mid, _ = media.Attribute(sdp.AttrKeyMID)
	if !token(s.mid) {
		return s, fmt.Errorf("%w: media section without a usable mid", ErrDescription)
	}
	if s.kind != "audio" && s.kind != "video" {
		return s, fmt.Errorf("%w: media section of kind %q, only audio and video allowed", ErrDescription, s.kind)
	}
	if _, simulcast := media.Attribute("simulcast"); simulcast {
		return s, fmt.Errorf("%w: simulcast is not supported yet; offer one encoding a track", ErrDescription)
	}
	_, recvonly := media.Attribute(sdp.AttrKeyRecvOnly)
	_, inactive := media.Attribute(sdp.AttrKeyInactive)
	s.sending = !recvonly && !inactive && (media.MediaName.Port.Value != 0 || bundleOnly(media))
	if s.sending {
		if err := readTransport(parsed, media); err != nil {
			return s, err
		}
	}
	for _, c := range codecs {
		if c.kind.String() == s.kind {
			s.payloads[c.name] = payloadTypes(media, c)
		}
	}
	return s, nil
}

// readTransport checks that there are ICE credentials and a fingerprint, in the section or for the whole session.
func readTransport(parsed *sdp.SessionDescription, media *sdp.MediaDescription) error {
	for _, key := range []string{"ice-ufrag", "ice-pwd", "fingerprint"} {
		_, inSection := media.Attribute(key)
		_, inSession := parsed.Attribute(key)
		if !inSection && !inSession {
			return fmt.Errorf("%w: no %s", ErrDescription, key)
		}
	}
	return nil
}

// bundleOnly: RFC 8843 §6 lets such sections have port zero in an offer.
func bundleOnly(media *sdp.MediaDescription) bool {
	_, ok := media.Attribute("bundle-only")
	return ok
}

func payloadTypes(media *sdp.MediaDescription, c *codec) []uint8 {
	var found []uint8
	for _, a := range media.Attributes {
		if a.Key != "rtpmap" {
			continue
		}
		number, encoding, _ := strings.Cut(a.Value, " ")
		name, _, _ := strings.Cut(encoding, "/")
		payloadType, err := strconv.ParseUint(number, 10, 7)
		if err == nil && strings.EqualFold(name, c.encoding()) && (c.name != "vp9" || profile0(media, number)) {
			found = append(found, uint8(payloadType))
		}
	}
	return found
}

// profile0: RFC 9628 §6.1, profile-id is 0 where it is not given.
func profile0(media *sdp.MediaDescription, number string) bool {
	for _, a := range media.Attributes {
		if parameters, ok := strings.CutPrefix(a.Value, number+" "); ok && a.Key == "fmtp" {
			for parameter := range strings.SplitSeq(parameters, ";") {
				if id, ok := strings.CutPrefix(strings.TrimSpace(parameter), "profile-id="); ok && id != "0" {
					return false
				}
			}
		}
	}
	return true
}

// token: the mid goes back into our answer, so it must be one (RFC 4566 §9).
func token(s string) bool {
	if s == "" || len(s) > maxMID {
		return false
	}
	for _, r := range s {
		if r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]`, r) {
			return false
		}
	}
	return true
}
