package olmkeys

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNames(t *testing.T) {
	for profile, want := range map[string]string{
		`{"name":"  Ada\tLovelace "}`:                "Ada Lovelace",
		`{"name":"A\u202eda"}`:                       "Ada",
		`{"name":"e\u0301"}`:                         "é",
		`{"name":"` + strings.Repeat("ä", 90) + `"}`: strings.Repeat("ä", maxName),
		`{"name":""}`:                                "",
	} {
		if got, err := nameIn([]byte(profile)); err != nil || got != want {
			t.Errorf("%s: %q, %v", profile, got, err)
		}
	}
	for _, profile := range []string{`{}`, `{"Name":"x"}`, `{"name":null}`, `{"name":7}`, `[]`, `"x"`, `null`, `{"name":["x"]}`} {
		if got, err := nameIn([]byte(profile)); err == nil {
			t.Errorf("%s: %q", profile, got)
		}
	}
	for _, other := range []string{"Bo", "Bobb", "Воb", "b ob", ""} { // the third with letters of another script
		if foldName("Bob") == foldName(other) {
			t.Errorf("%q is like Bob", other)
		}
	}
}

func FuzzName(f *testing.F) {
	f.Add([]byte(`{"name":"Ren\u00e9","mic":true}`))
	f.Add([]byte(`{"name":"R\u200be\u0301\ufe0f \ud800","NAME":"x"}`))
	f.Fuzz(func(t *testing.T, profile []byte) {
		name, _ := nameIn(profile)
		if !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxName || strings.ContainsAny(name, "\n\r\x00\u202e") {
			t.Errorf("%q", name)
		}
		if nfc(cleanName(name)) != nfc(name) {
			t.Errorf("%q cleans to %q", name, cleanName(name))
		}
		if folded := foldName(name); foldName(folded) != folded {
			t.Errorf("%q folds to %q and then to %q", name, folded, foldName(folded))
		}
	})
}
