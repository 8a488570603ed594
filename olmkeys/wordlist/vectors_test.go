package wordlist

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/vectors.json")

// vector is a text that a person may type and what is made of it: a secret, a word that is not in the list, or a count
// that is wrong. The browser reads the same file.
type vector struct {
	Text     string `json:"text"`
	Secret   string `json:"secret,omitempty"`
	Word     string `json:"word,omitempty"`
	Position int    `json:"position,omitempty"`
	Nearest  string `json:"nearest,omitempty"`
}

// TestVectors: what testdata/vectors.json says of each text is what Parse makes of it.
func TestVectors(t *testing.T) {
	const path = "testdata/vectors.json"
	if *update {
		writeVectors(t, path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(b, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 50 {
		t.Errorf("%d vectors", len(vectors))
	}
	for _, v := range vectors {
		if got := parsed(v.Text); got != v {
			t.Errorf("%+v, want %+v", got, v)
		}
	}
}

func parsed(text string) vector {
	v := vector{Text: text}
	secret, err := Parse(text)
	v.Secret = secret
	if word, ok := errors.AsType[*WordError](err); ok {
		v.Word, v.Position, v.Nearest = word.Word, word.Position, word.Nearest
	}
	return v
}

// writeVectors makes a text of every way to separate and to err, over words from all of the list.
func writeVectors(t *testing.T, path string) {
	words := func(from int) []string {
		var some []string
		for i := range Words {
			some = append(some, list()[(from+i*971)%len(list())])
		}
		return some
	}
	texts := []string{"", "  ", "t-shirt", "yo-yo", secret + "-felt-tip", strings.Repeat("abacus ", 200), "ab\u0130lity", "\u212aarate", "ſkater", "١٢"}
	for i, sep := range []string{"-", " ", ", ", "\n", "\t", " - ", "_", ".", "/", "\u2013", "\u00a0", "\u3000", "'", "\u0301"} {
		texts = append(texts, strings.Join(words(i*401), sep))
	}
	for i := range 12 {
		w := words(i * 577)
		slip := w[i%Words]
		half := len(slip) / 2
		for _, wrong := range []string{slip[:half] + slip[half+1:], slip + "s", slip[:half] + "x" + slip[half:], strings.ToUpper(slip), slip[1:] + slip[:1]} {
			typed := slices.Clone(w)
			typed[i%Words] = wrong
			texts = append(texts, strings.Join(typed, " "))
		}
		texts = append(texts, strings.Join(w[1:], " "), strings.Join(append(w, slip), " "))
	}
	var vectors []vector
	for _, text := range texts {
		vectors = append(vectors, parsed(text))
	}
	b, err := json.MarshalIndent(vectors, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
