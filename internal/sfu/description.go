package sfu

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

// Pion cannot roll back a description it has applied by half. So all that it would refuse, and all that it would take but
// should not, is looked for here before it sees anything.

const (
	maxOffer    = 128 << 10 // bytes of a client's offer
	maxAnswer   = 640 << 10 // bytes of a client's answer, which grows with what it subscribes to
	maxSections = 128       // media sections a client may offer, dead ones included
	maxMID      = 16        // characters, as the one-byte header extension allows

	// Looking up the codec of a payload type reads all attributes of a section, so there must not be many of both.
	// Browsers have about 45 and 160.
	maxFormats    = 128
	maxAttributes = 1024
)

// section is one media section of a client's offer.
type section struct {
	mid, kind string
	sending   bool
	stereo    bool               // it sends two channels of sound
	payloads  map[string][]uint8 // codec name -> payload types that carry it
	rids      []string           // of the encodings it sends, if it says so
}

// readOffer checks a client's offer and returns it without candidates, and its sections by MID.
func readOffer(raw string) (string, map[string]section, error) {
	parsed, err := parse(raw, maxOffer)
	if err != nil {
		return "", nil, err
	}
	if n := len(parsed.MediaDescriptions); n > maxSections {
		return "", nil, fmt.Errorf("%w: %d media sections, at most %d allowed", ErrDescription, n, maxSections)
	}
	sections := make(map[string]section, len(parsed.MediaDescriptions))
	for _, media := range parsed.MediaDescriptions {
		s, err := readSection(media)
		if err != nil {
			return "", nil, err
		}
		if _, twice := sections[s.mid]; twice {
			return "", nil, fmt.Errorf("%w: mid %q twice", ErrDescription, s.mid)
		}
		sections[s.mid] = s
	}
	if err := checkTransport(parsed); err != nil {
		return "", nil, err
	}
	clean, err := parsed.Marshal()
	return string(clean), sections, err
}

// readAnswer checks a client's answer to our offer. Sections it refused are replaced by inactive ones with our own codecs,
// since Pion trips over some forms of refusal; received are the MIDs of those it took.
func readAnswer(raw, ours string) (clean string, received map[string]bool, err error) {
	parsed, err := parse(raw, maxAnswer)
	if err != nil {
		return "", nil, err
	}
	var offer sdp.SessionDescription
	if err := offer.UnmarshalString(ours); err != nil {
		return "", nil, fmt.Errorf("%w: own offer: %w", ErrDescription, err)
	}
	if len(parsed.MediaDescriptions) != len(offer.MediaDescriptions) {
		return "", nil, fmt.Errorf("%w: %d media sections in answer to %d", ErrDescription, len(parsed.MediaDescriptions), len(offer.MediaDescriptions))
	}
	received = map[string]bool{}
	for i, media := range parsed.MediaDescriptions {
		want, _ := offer.MediaDescriptions[i].Attribute(sdp.AttrKeyMID)
		if media.MediaName.Port.Value == 0 {
			parsed.MediaDescriptions[i] = refused(offer.MediaDescriptions[i])
			continue
		}
		if mid, _ := media.Attribute(sdp.AttrKeyMID); mid != want {
			return "", nil, fmt.Errorf("%w: mid %q in answer to %q", ErrDescription, mid, want)
		}
		if err := checkSection(media); err != nil {
			return "", nil, err
		}
		received[want] = !has(media, sdp.AttrKeySendOnly) && !has(media, sdp.AttrKeyInactive)
	}
	if err := checkTransport(parsed); err != nil {
		return "", nil, err
	}
	marshalled, err := parsed.Marshal()
	return string(marshalled), received, err
}

// parse drops the client's candidates: an ICE-lite server learns the address from the checks it gets, and so nobody can name
// an address here that packets would go to.
func parse(raw string, limit int) (*sdp.SessionDescription, error) {
	if len(raw) > limit {
		return nil, fmt.Errorf("%w: %d bytes, at most %d allowed", ErrDescription, len(raw), limit)
	}
	// A carriage return inside a line is read in another way each time by Pion's parser: who reads must see one thing.
	if strings.ContainsFunc(strings.ReplaceAll(raw, "\r\n", "\n"), func(r rune) bool { return r < ' ' && r != '\n' }) {
		return nil, fmt.Errorf("%w: control character", ErrDescription)
	}
	var parsed sdp.SessionDescription
	if err := parsed.UnmarshalString(raw); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDescription, err)
	}
	if len(parsed.MediaDescriptions) == 0 {
		return nil, fmt.Errorf("%w: no media section", ErrDescription)
	}
	candidate := func(a sdp.Attribute) bool { return a.Key == "candidate" || a.Key == "end-of-candidates" }
	parsed.Attributes = slices.DeleteFunc(parsed.Attributes, candidate)
	for _, media := range parsed.MediaDescriptions {
		media.Attributes = slices.DeleteFunc(media.Attributes, candidate)
	}
	return &parsed, nil
}

func readSection(media *sdp.MediaDescription) (section, error) {
	s := section{kind: media.MediaName.Media, payloads: map[string][]uint8{}}
	s.mid, _ = media.Attribute(sdp.AttrKeyMID)
	if !token(s.mid) {
		return s, fmt.Errorf("%w: media section without a usable mid", ErrDescription)
	}
	if s.kind != "audio" && s.kind != "video" {
		return s, fmt.Errorf("%w: media section of kind %q, only audio and video allowed", ErrDescription, s.kind)
	}
	// RFC 8843 §6: bundle-only sections have port zero in an offer.
	if media.MediaName.Port.Value == 0 && !has(media, "bundle-only") {
		return s, rejected(media)
	}
	s.sending = !has(media, sdp.AttrKeyRecvOnly) && !has(media, sdp.AttrKeyInactive)
	if s.sending && !has(media, sdp.AttrKeySendOnly) && !has(media, sdp.AttrKeySendRecv) {
		media.WithPropertyAttribute(sdp.AttrKeySendRecv) // RFC 8866 §6.7 has it so; Pion's answer would lack the section
	}
	for _, c := range codecs {
		if c.kind.String() == s.kind {
			s.payloads[c.name] = payloadTypes(media, c)
		}
	}
	for _, payloadType := range s.payloads["opus"] {
		s.stereo = formatParameters(media, strconv.Itoa(int(payloadType)))[senderStereo] == "1"
	}
	var err error
	if s.rids, err = readEncodings(media); err != nil {
		return s, err
	}
	return s, checkSection(media)
}

// rejected makes sure that a section the client has given up says so: one without direction would be left out of Pion's
// answer, which then has too few sections.
func rejected(media *sdp.MediaDescription) error {
	media.Attributes = slices.DeleteFunc(media.Attributes, func(a sdp.Attribute) bool {
		switch a.Key {
		case sdp.AttrKeySendOnly, sdp.AttrKeySendRecv, sdp.AttrKeyRecvOnly, sdp.AttrKeyInactive:
			return true
		}
		return false
	})
	media.WithPropertyAttribute(sdp.AttrKeyInactive)
	return checkSection(media)
}

// refused is the answer to our section that a client gave by port zero.
func refused(ours *sdp.MediaDescription) *sdp.MediaDescription {
	media := &sdp.MediaDescription{MediaName: ours.MediaName, ConnectionInformation: ours.ConnectionInformation}
	for _, a := range ours.Attributes {
		switch a.Key {
		case sdp.AttrKeyMID, "rtpmap", "fmtp", "rtcp-fb", sdp.AttrKeyExtMap, sdp.AttrKeyRTCPMux:
			media.Attributes = append(media.Attributes, a)
		}
	}
	return media.WithPropertyAttribute(sdp.AttrKeyInactive)
}

// checkSection looks for what Pion refuses: payload types without a name, odd retransmission and extension lines.
func checkSection(media *sdp.MediaDescription) error {
	if f, a := len(media.MediaName.Formats), len(media.Attributes); f > maxFormats || a > maxAttributes {
		return fmt.Errorf("%w: %d payload types and %d attributes in a section, at most %d and %d allowed", ErrDescription, f, a, maxFormats, maxAttributes)
	}
	lookup := sdp.SessionDescription{MediaDescriptions: []*sdp.MediaDescription{media}}
	for _, format := range media.MediaName.Formats {
		payloadType, err := strconv.ParseUint(format, 10, 7)
		if err != nil {
			return fmt.Errorf("%w: payload type %q", ErrDescription, format)
		}
		c, err := lookup.GetCodecForPayloadType(uint8(payloadType))
		if err != nil && payloadType != 0 {
			return fmt.Errorf("%w: payload type %d has no rtpmap", ErrDescription, payloadType)
		}
		for parameter := range strings.SplitSeq(c.Fmtp, ";") {
			apt, ok := strings.CutPrefix(strings.TrimSpace(parameter), "apt=")
			if _, err := strconv.ParseUint(apt, 10, 8); ok && err != nil {
				return fmt.Errorf("%w: retransmission of payload type %q", ErrDescription, apt)
			}
		}
	}
	for _, a := range media.Attributes {
		if a.Key == sdp.AttrKeyExtMap {
			if err := new(sdp.ExtMap).Unmarshal(a.String()); err != nil {
				return fmt.Errorf("%w: %w", ErrDescription, err)
			}
		}
	}
	return nil
}

// checkTransport looks for ICE credentials and a fingerprint: for the session, or in the section whose transport all use, which
// is the first of the bundle (RFC 8843 §7.2) or else the first of all.
func checkTransport(parsed *sdp.SessionDescription) error {
	carrier := parsed.MediaDescriptions[0]
	if group, _ := parsed.Attribute(sdp.AttrKeyGroup); strings.Contains(group, "BUNDLE") {
		if words := strings.Split(group, " "); len(words) > 1 {
			i := slices.IndexFunc(parsed.MediaDescriptions, func(m *sdp.MediaDescription) bool {
				mid, _ := m.Attribute(sdp.AttrKeyMID)
				return mid == words[1]
			})
			if i < 0 {
				return fmt.Errorf("%w: bundle of unknown mid %q", ErrDescription, words[1])
			}
			carrier = parsed.MediaDescriptions[i]
		}
	}
	for _, key := range []string{"ice-ufrag", "ice-pwd", "fingerprint"} {
		value, ok := parsed.Attribute(key)
		if !ok {
			value, ok = carrier.Attribute(key)
		}
		if !ok || value == "" {
			return fmt.Errorf("%w: no %s", ErrDescription, key)
		}
		if words := strings.Split(value, " "); key == "fingerprint" && len(words) != 2 {
			return fmt.Errorf("%w: odd fingerprint", ErrDescription)
		}
	}
	return nil
}

func has(media *sdp.MediaDescription, key string) bool {
	_, ok := media.Attribute(key)
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
		if err == nil && strings.EqualFold(name, c.encoding()) && c.forwarded(formatParameters(media, number)) {
			found = append(found, uint8(payloadType))
		}
	}
	return found
}

// formatParameters are those of a payload type's a=fmtp lines, by name in lower case. Of one that is given twice the last
// counts.
func formatParameters(media *sdp.MediaDescription, number string) map[string]string {
	found := map[string]string{}
	for _, a := range media.Attributes {
		parameters, ok := strings.CutPrefix(a.Value, number+" ")
		if !ok || a.Key != "fmtp" {
			continue
		}
		for parameter := range strings.SplitSeq(parameters, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
			found[strings.ToLower(name)] = value
		}
	}
	return found
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
