package call

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// What people write is shown to others, at a terminal too, where control characters move the cursor, change what stands
// there already, or make the terminal answer.

const (
	maxName = 64   // characters of a display name
	maxText = 4000 // characters of a line of chat
)

// cleanName makes a name fit to be shown: no control characters, nothing that is not seen or turns the direction of writing,
// not long. Up to the cut it does what olmkeys does, in the same order, or a name could be shown that was not compared.
func cleanName(name string) string {
	name = norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.In(r, unicode.Zl, unicode.Zp):
			return ' '
		case isJoiner(r):
			return r
		case unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, name))
	name = strings.Map(func(r rune) rune {
		if isJoiner(r) {
			return -1
		}
		return r
	}, cut(strings.Join(strings.Fields(name), " "), maxName))
	return norm.NFC.String(strings.Join(strings.Fields(name), " "))
}

func isJoiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

// cleanText does the same for text of several lines, but cuts nothing off. Joiners stay, which scripts and emoji need.
func cleanText(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRightFunc(norm.NFC.String(strings.Map(func(r rune) rune {
			switch {
			case unicode.IsControl(r):
				return ' '
			case isJoiner(r):
				return r
			case unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
				return -1
			}
			return r
		}, line)), unicode.IsSpace)
	}
	text = strings.TrimSpace(strings.Join(lines, "\n"))
	if strings.IndexFunc(text, func(r rune) bool { return !isJoiner(r) && !unicode.IsSpace(r) }) < 0 {
		return "" // nothing is seen
	}
	return text
}

func cut(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return strings.TrimSpace(string(runes[:most]))
	}
	return s
}
