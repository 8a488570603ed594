package olmkeys

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
)

const (
	kindProfile = "grotto.profile"
	maxName     = 64 // characters, as pages cut it
)

// nameIn reads the name out of a profile, which must give it once. Of two fields, or of "NAME", one parser takes this and
// another that, and what is shown would not be what was looked at.
func nameIn(profile []byte) (string, error) {
	d := json.NewDecoder(bytes.NewReader(profile))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return "", ErrMalformed
	}
	var names []string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return "", ErrMalformed
		}
		var value any
		if err := d.Decode(&value); err != nil {
			return "", ErrMalformed
		}
		if !strings.EqualFold(key.(string), "name") {
			continue
		}
		name, ok := value.(string)
		if !ok || key != "name" {
			return "", ErrMalformed
		}
		names = append(names, name)
	}
	if len(names) != 1 {
		return "", ErrMalformed
	}
	return cleanName(names[0]), nil
}

// cleanName is a name as pages show it: one line, no control characters, none that are not seen or turn the direction of
// what follows, but joiners. Pages do the same in the same order, or what they cut off would not be what is cut off here.
// Vectors: testdata/text.json.
func cleanName(name string) string {
	name = nfc(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.In(r, unicode.Zl, unicode.Zp):
			return ' '
		case r == '\u200c', r == '\u200d':
			return r
		case unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, name))
	name = strings.Join(strings.Fields(name), " ")
	if runes := []rune(name); len(runes) > maxName {
		name = strings.TrimSpace(string(runes[:maxName]))
	}
	if strings.Trim(name, " \u200c\u200d") == "" {
		return ""
	}
	return name
}

// foldName makes names equal that people take for the same: by case, width, spelling in Unicode, and characters that do
// not show. Letters of other scripts that merely look alike stay different.
func foldName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
			return -1
		}
		return r
	}, nfkc(cleanName(name)))
	name = nfkc(strings.ToLower(strings.ToUpper(name)))
	return strings.Join(strings.Fields(name), " ")
}
