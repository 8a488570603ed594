// Package wordlist makes and reads meeting secrets that are told aloud: 8 words of the EFF's large list, 103.39 bits.
// [New] draws one, [Parse] turns what a person typed into the form that stands in a link's fragment and that
// olmkeys.ParseSecret takes: the words in small letters joined by '-'.
//
// Words are drawn, never chosen by people: 8 words that somebody thought of can be guessed. README.md beside this file
// has the list's source and licence, and why 4 of its 7,776 words are left out.
package wordlist

import (
	"crypto/rand"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// Words is how many make a secret.
const Words = 8

// maxText bounds what Parse looks at; the longest secret has 79 bytes.
const maxText = 1 << 10

// maxDistance is how far off, in edits, a list word may be to be suggested.
const maxDistance = 2

// ErrWords is what every refusal of Parse is.
var ErrWords = errors.New("wordlist: not the words of a meeting")

// WordError is a word that is not in the list. Its text repeats a part of a secret: for the person who typed it, not
// for logs.
type WordError struct {
	Position int    // from 1
	Word     string // as typed
	Nearest  string // the list's word that is likely meant, or ""
}

func (e *WordError) Error() string {
	s := fmt.Sprintf("wordlist: word %d, %q, is not in the list", e.Position, e.Word)
	if e.Nearest != "" {
		s += fmt.Sprintf("; hint: %q?", e.Nearest)
	}
	return s
}

// Unwrap makes it an ErrWords.
func (e *WordError) Unwrap() error { return ErrWords }

//go:embed eff_large.txt
var file string

// list holds the words that are drawn, sorted.
var list = sync.OnceValue(func() []string {
	all := strings.Fields(file)
	return slices.DeleteFunc(all, func(w string) bool { return strings.Contains(w, "-") })
})

// New draws a secret. A nil reader means crypto/rand.
func New(random io.Reader) (string, error) {
	if random == nil {
		random = rand.Reader
	}
	words := make([]string, 0, Words)
	for len(words) < Words {
		var b [2]byte
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return "", fmt.Errorf("wordlist: drawing words: %w", err)
		}
		// What lies above the last whole multiple is drawn again: a remainder would favour the words at the front.
		n, most := int(binary.BigEndian.Uint16(b[:])), 1<<16/len(list())*len(list())
		if n < most {
			words = append(words, list()[n%len(list())])
		}
	}
	return strings.Join(words, "-"), nil
}

// Parse reads 8 words, in any case, with spaces, commas, dashes, dots or lines between them.
func Parse(text string) (string, error) {
	if len(text) > maxText {
		return "", fmt.Errorf("%w: too long", ErrWords)
	}
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		if _, found := slices.BinarySearch(list(), w); !found {
			return "", &WordError{Position: i + 1, Word: w, Nearest: nearest(w)}
		}
	}
	if len(words) != Words {
		return "", fmt.Errorf("%w: %d of them; hint: a meeting has %d words", ErrWords, len(words), Words)
	}
	return strings.Join(words, "-"), nil
}

// nearest is the word of the list with the fewest edits from w, the first of equals, "" when all are far.
func nearest(w string) string {
	best, least := "", min(maxDistance, len(w)/2)+1
	for _, candidate := range list() {
		if d := len(candidate) - len(w); d >= least || -d >= least {
			continue
		}
		if d := distance(w, candidate); d < least {
			best, least = candidate, d
		}
	}
	return best
}

// distance counts the letters to change, add, leave out or swap with their neighbour (optimal string alignment).
func distance(a, b string) int {
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
