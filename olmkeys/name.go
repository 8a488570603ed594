package olmkeys

import (
	"encoding/json"
	"strings"
	"unicode"
)

const (
	kindProfile = "grotto.profile"
	maxName     = 64 // characters, as pages cut it
)

// nameIn reads the name out of a profile. Field by field: encoding/json would take "NAME" for "name" where a browser does
// not, and one of them would then look at another name than the other shows.
func nameIn(profile []byte) (string, bool) {
	var fields map[string]json.RawMessage
	var name string
	if json.Unmarshal(profile, &fields) != nil || json.Unmarshal(fields["name"], &name) != nil {
		return "", false
	}
	return cleanName(name), true
}

// cleanName is a name as pages show it: one line, no control characters, none that turn the direction of what follows.
func cleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return ' '
		}
		return r
	}, nfc(name))
	name = strings.Join(strings.Fields(name), " ")
	if runes := []rune(name); len(runes) > maxName {
		name = strings.TrimSpace(string(runes[:maxName]))
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
