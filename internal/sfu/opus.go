package sfu

import "strings"

// Two channels of sound have to be agreed on (RFC 7587 §6.1): a sender that says it has them (sprop-stereo) is told that they are
// wanted (stereo), and those who get the track are told that it has them. Pion has one set of parameters a codec for all
// sections, so they are written into our descriptions on their way out.
const (
	senderStereo   = "sprop-stereo"
	receiverStereo = "stereo"
)

// withStereo adds the parameter to the Opus of the sections with these MIDs.
func withStereo(description, parameter string, mids map[string]bool) string {
	if len(mids) == 0 {
		return description
	}
	const media = "\r\nm="
	sections := strings.Split(description, media)
	for i, section := range sections[1:] {
		if mid := attribute(section, "mid:"); mids[mid] {
			sections[i+1] = withOpusParameter(section, parameter+"=1")
		}
	}
	return strings.Join(sections, media)
}

func withOpusParameter(section, parameter string) string {
	for line := range strings.SplitSeq(section, "\r\n") {
		number, ok := strings.CutPrefix(line, "a=rtpmap:")
		number, name, _ := strings.Cut(number, " ")
		if !ok || !strings.HasPrefix(strings.ToLower(name), "opus/") {
			continue
		}
		format := "\r\na=fmtp:" + number + " "
		if strings.Contains(section, format) {
			return strings.Replace(section, format, format+parameter+";", 1)
		}
		return strings.Replace(section, line, line+format+parameter, 1)
	}
	return section
}

// attribute is the value of the first a= line that begins so.
func attribute(section, name string) string {
	_, rest, _ := strings.Cut(section, "\r\na="+name)
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}
