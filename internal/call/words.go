package call

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/grotto-meet/grotto/olmkeys"
	"github.com/grotto-meet/grotto/olmkeys/wordlist"
)

// A meeting's secret can be told aloud: its link then has eight words behind the #, and whoever heard them types them.

// WithWords completes the link of a room with its words, as somebody typed them.
func WithWords(room, words string) (string, error) {
	if _, fragment, err := parseLink(room); err != nil {
		return "", err
	} else if fragment != "" {
		return "", &Error{Class: ErrLink, What: "the link has a secret already", Hint: "one or the other: the link without #..., or no words"}
	}
	fragment, err := wordlist.Parse(words)
	if err != nil {
		what, hint, _ := strings.Cut(strings.TrimPrefix(err.Error(), "wordlist: "), "; hint: ")
		if _, unknown := errors.AsType[*wordlist.WordError](err); unknown && hint != "" {
			hint = "perhaps " + hint
		}
		return "", &Error{Class: ErrLink, What: what, Hint: hint}
	}
	return strings.TrimSuffix(room, "#") + "#" + fragment, nil
}

// The letters of a room's name that we make, as the page does: no vowels, hence no words; nothing that looks like
// something else.
const slugLetters = "bcdfghjkmnpqrstvwxyz23456789"

// NewLink makes the link of a meeting that nobody has used, on the server with this address. Nobody is asked: a room
// begins to be when somebody enters it.
func NewLink(server string, words bool) (string, error) {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", &Error{Class: ErrLink, What: "this is not the address of a server", Hint: "it looks like https://meet.example"}
	}
	slug, err := newSlug()
	if err != nil {
		return "", err
	}
	draw := olmkeys.NewSecret
	if words {
		draw = wordlist.New
	}
	secret, err := draw(nil)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s://%s%s%s#%s", u.Scheme, u.Host, roomPrefix, slug, secret), nil
}

// newSlug draws a name like bcd-fghj-kmn.
func newSlug() (string, error) {
	var slug []byte
	for len(slug) < len("bcd-fghj-kmn") {
		if n := len(slug); n == 3 || n == 8 {
			slug = append(slug, '-')
		}
		var b [1]byte
		if _, err := io.ReadFull(rand.Reader, b[:]); err != nil {
			return "", fmt.Errorf("call: drawing a room's name: %w", err)
		}
		if whole := 256 / len(slugLetters) * len(slugLetters); int(b[0]) < whole {
			slug = append(slug, slugLetters[int(b[0])%len(slugLetters)])
		}
	}
	return string(slug), nil
}
