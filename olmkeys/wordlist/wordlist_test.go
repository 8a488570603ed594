package wordlist

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/grotto-meet/grotto/olmkeys"
)

// TestList: the file is the EFF's, whole, and what is drawn of it are plain words.
func TestList(t *testing.T) {
	sum := sha256.Sum256([]byte(file))
	if hex.EncodeToString(sum[:]) != "6d557f0693958fb5e650b68b5bee585eb82cf4da32965505c789e924743bc522" {
		t.Error("eff_large.txt was changed")
	}
	all := strings.Split(strings.TrimSuffix(file, "\n"), "\n")
	if len(all) != 6*6*6*6*6 {
		t.Errorf("%d words", len(all))
	}
	if !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Error("not sorted, or a word twice")
	}
	var dashed []string
	for _, w := range all {
		switch {
		case regexp.MustCompile(`^[a-z]{3,9}$`).MatchString(w):
		case regexp.MustCompile(`^[a-z]+-[a-z]+$`).MatchString(w):
			dashed = append(dashed, w)
		default:
			t.Errorf("%q", w)
		}
	}
	if got := strings.Join(dashed, " "); got != "drop-down felt-tip t-shirt yo-yo" {
		t.Errorf("words with a dash: %s", got)
	}
	if len(list()) != len(all)-len(dashed) {
		t.Errorf("%d words are drawn", len(list()))
	}
	if bits := Words * math.Log2(float64(len(list()))); math.Abs(bits-103.39) > 0.005 {
		t.Errorf("%.3f bits", bits)
	}
}

func TestNew(t *testing.T) {
	s, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Parse(s); err != nil || again != s {
		t.Errorf("%q is read as %q, %v", s, again, err)
	}
	if b, err := olmkeys.ParseSecret("#" + s); err != nil || string(b) != s {
		t.Errorf("ParseSecret of %q: %q, %v", s, b, err)
	}
	if other, err := New(nil); err != nil || other == s {
		t.Errorf("two secrets are the same: %q, %v", other, err)
	}
	if _, err := New(bytes.NewReader(make([]byte, 3))); err == nil {
		t.Error("words were drawn without randomness")
	}
}

// TestNewIsUnbiased: over all 65,536 numbers that can be drawn, each word comes up equally often.
func TestNewIsUnbiased(t *testing.T) {
	var numbers []byte
	for n := range 1 << 16 {
		numbers = append(numbers, byte(n>>8), byte(n))
	}
	r, counts := bytes.NewReader(numbers), map[string]int{}
	for {
		s, err := New(r)
		if err != nil {
			break
		}
		for _, w := range strings.Split(s, "-") {
			counts[w]++
		}
	}
	if len(counts) != len(list()) {
		t.Fatalf("%d words came up", len(counts))
	}
	for w, n := range counts {
		if n != 8 {
			t.Fatalf("%s came up %d times of 8", w, n)
		}
	}
}

const secret = "abacus-zoom-ability-yodel-cobalt-daisy-umbrella-pliable"

func TestParse(t *testing.T) {
	for _, text := range []string{
		secret,
		"#" + secret,
		strings.ReplaceAll(secret, "-", " "),
		strings.ToUpper(strings.ReplaceAll(secret, "-", ", ")),
		"  Abacus Zoom\nAbility\tYodel. Cobalt – Daisy, umbrella;pliable ",
	} {
		if got, err := Parse(text); err != nil || got != secret {
			t.Errorf("%q is read as %q, %v", text, got, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "0 of them; hint: a meeting has 8 words",
		"abacus zoom":                   "2 of them",
		secret + " abacus":              "9 of them",
		"abacus zoom abilty":            `word 3, "abilty", is not in the list; hint: "ability"?`,
		"abacsu":                        `hint: "abacus"?`,
		"umbrela":                       `hint: "umbrella"?`,
		"qqqqqqqq":                      `word 1, "qqqqqqqq", is not in the list`,
		"t-shirt":                       `word 1, "t", is not in the list`,
		"абак":                          `is not in the list`,
		"abacus \x1b[2J":                `word 2, "2j", is not in the list`,
		strings.Repeat("a ", 1<<10):     "too long",
		strings.Repeat("abacus ", 1000): "too long",
	} {
		_, err := Parse(text)
		if !errors.Is(err, ErrWords) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %s", text, err, want)
		}
	}
	if word, ok := errors.AsType[*WordError](func() error { _, err := Parse("qqqqqqqq"); return err }()); !ok || word.Nearest != "" {
		t.Errorf("a word far from all is given a hint: %v", word)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(secret)
	f.Add("Abacus, zoom")
	f.Add("\x00\xff-")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(s); err != nil || again != s {
			t.Errorf("%q, then %q, %v", s, again, err)
		}
		if _, err := olmkeys.ParseSecret(s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	})
}
