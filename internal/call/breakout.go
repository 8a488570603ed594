package call

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/grotto-meet/grotto/olmkeys"
)

const (
	breakoutKind = "grotto.breakout"
	breakoutMark = "--" // between the name of a room and that of a breakout room of it
	wordLabel    = "grotto v1 breakout"
	wordKeySize  = 32
)

var mainSecret = regexp.MustCompile(`^[A-Za-z0-9_-]{22,128}$`)

// breakout sends somebody to a room of its own, with its own keys.
type breakout struct {
	Room   string `json:"room"` // the slug
	Secret string `json:"secret"`
	Name   string `json:"name"`
	Key    string `json:"key,omitempty"` // of words to them there
}

// word is what a moderator of the main room says to one in a breakout room: where to go, to come back, or the main room's
// new secret. N grows, so that an older one is not heard again.
type word struct {
	N    int64  `json:"n"`
	Back bool   `json:"back"`
	Main string `json:"main"`
	breakout
}

// away is what a call in a breakout room knows of the main one.
type away struct {
	main Link
	by   string
	key  []byte // nil where no words come
	n    int64  // of the last word
}

// sentAway goes on in a breakout room, until it is over. Only a moderator sends anybody away, and only into rooms beside
// this one.
func (s *session) sentAway(from olmkeys.Ref, body []byte) {
	var b breakout
	if s.order.moderates(from) && json.Unmarshal(body, &b) == nil {
		s.goAway(b, s.nameOf(from))
	}
}

func (s *session) goAway(b breakout, by string) {
	secret, err := olmkeys.ParseSecret(b.Secret)
	c := s.call
	c.mu.Lock()
	main := c.config.Link
	if c.away != nil {
		main = c.away.main
	}
	beside := err == nil && slugPattern.MatchString(b.Room) && strings.HasPrefix(b.Room, main.Slug+breakoutMark)
	if beside {
		c.away = &away{main: main, by: by, key: unbase64(b.Key, wordKeySize)}
		c.config.Link.Slug, c.config.Link.secret = b.Room, secret
	}
	c.mu.Unlock()
	if !beside {
		return
	}
	c.notice(fmt.Sprintf("%s sends you to the breakout room %q.", by, cleanName(b.Name)))
	s.end = errElsewhere
}

// fromMain obeys a word that is for us.
func (s *session) fromMain(body []byte) {
	c := s.call
	c.mu.Lock()
	room, a := c.config.Link.Slug, c.away
	c.mu.Unlock()
	if a == nil || a.key == nil {
		return
	}
	w, ok := openWord(a.key, room, body)
	if !ok || w.N <= a.n {
		return
	}
	c.mu.Lock()
	a.n = w.N
	c.mu.Unlock()
	switch {
	case w.Back:
		c.notice(a.by + " calls you back to the meeting.")
		c.calledBack()
		s.end = errElsewhere
	case w.Main != "":
		secret, err := olmkeys.ParseSecret(w.Main)
		if err != nil || !mainSecret.MatchString(w.Main) {
			return
		}
		c.mu.Lock()
		a.main.secret = secret
		c.mu.Unlock()
		c.notice("The link of the meeting was changed. You will come back by the new one.")
	default:
		s.goAway(w.breakout, a.by)
	}
}

// openWord opens nonce || AES-256-GCM of a word's JSON, filled up with spaces.
func openWord(key []byte, room string, body []byte) (w word, ok bool) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return w, false
	}
	aead, err := cipher.NewGCM(block)
	if err != nil || len(body) < aead.NonceSize() {
		return w, false
	}
	plain, err := aead.Open(nil, body[:aead.NonceSize()], body[aead.NonceSize():], []byte(wordLabel+room))
	return w, err == nil && json.Unmarshal(plain, &w) == nil
}

// calledBack goes on in the main room.
func (c *Call) calledBack() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away != nil {
		c.config.Link, c.away = c.away.main, nil
	}
}
