package call

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"os"
	"testing"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// A word is opened as the page seals it, in its room and under its key only.
func TestBreakoutWord(t *testing.T) {
	var vector struct {
		Key, Room, Body string
		Word            word
	}
	b, err := os.ReadFile("testdata/breakout.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &vector); err != nil {
		t.Fatal(err)
	}
	key := unbase64(vector.Key, wordKeySize)
	body, err := base64.RawStdEncoding.DecodeString(vector.Body)
	if err != nil {
		t.Fatal(err)
	}
	if w, ok := openWord(key, vector.Room, body); !ok || w != vector.Word || w.Room == "" {
		t.Errorf("%+v, %v", w, ok)
	}
	if _, ok := openWord(key, vector.Room+"x", body); ok {
		t.Error("a word opens in another room")
	}
	if _, ok := openWord(make([]byte, wordKeySize), vector.Room, body); ok {
		t.Error("a word opens for somebody else")
	}
	if _, ok := openWord(key, vector.Room, body[:5]); ok {
		t.Error("a part of a word opens")
	}
}

func sealWord(key []byte, room string, w any) wire.Base64 {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	nonce := make([]byte, aead.NonceSize())
	return aead.Seal(nonce, nonce, bodyOf(w), []byte(wordLabel+room)) // one word a key
}

// Who is sent to a breakout room is in another call with other keys, goes on to a third when told to, hears that the main
// link was changed, and comes back by it. What is not said to them, or was said before, is not obeyed.
func TestBreakoutRooms(t *testing.T) {
	w := newWorld(t)
	secret, changed := newSecret(), newSecret()
	var bens noticed
	ada := w.join(secret, Config{Name: "Ada"})
	ben := w.join(secret, Config{Name: "Ben", OnNotice: bens.notice})
	eventually(t, "Ada sees Ben", func() bool { return ada.present("Ben") != olmkeys.Ref{} })
	keys := [][]byte{make([]byte, wordKeySize), make([]byte, wordKeySize)}
	keys[1][0] = 1
	room := func(i int) breakout {
		return breakout{Room: w.slug + "--abcde" + string("fg"[i]), Secret: newSecret(), Name: string("12"[i]), Key: base64.RawStdEncoding.EncodeToString(keys[i])}
	}
	one, two := room(0), room(1)
	tell := func(in breakout, body wire.Base64) {
		t.Helper()
		if err := ada.asModerator(func(s *session) error {
			s.request(&wire.TellBreakout{Room: in.Room, Body: body})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	err := ada.asModerator(func(s *session) error {
		to := []olmkeys.Ref{find(s, "Ben")}
		s.handle(olmkeys.SayTo{To: to, Kind: breakoutKind, Body: bodyOf(breakout{Room: "elsewhere", Secret: newSecret()})}) // not beside this one
		s.handle(olmkeys.SayTo{To: to, Kind: breakoutKind, Body: bodyOf(one)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "Ben is gone from the main room", func() bool { return ada.present("Ben") == olmkeys.Ref{} })
	eventually(t, "Ben moderates the other room", func() bool { return ben.Role() == wire.RoleModerator })
	if bens.has("elsewhere") {
		t.Error("Ben went elsewhere")
	}

	tell(one, sealWord(keys[1], one.Room, word{N: 1, Back: true})) // to somebody else
	tell(one, sealWord(keys[0], one.Room, word{N: 2, breakout: two}))
	eventually(t, "Ben is told where to go", func() bool { return bens.has(`sends you to the breakout room "2"`) })
	eventually(t, "Ben moderates the third room", func() bool { return ben.Link() != "" && ben.Role() == wire.RoleModerator && ben.in(two.Room) })
	tell(two, sealWord(keys[1], two.Room, word{N: 5, Main: changed}))
	eventually(t, "Ben hears of the new link", func() bool { return bens.has("link of the meeting was changed") })
	tell(two, sealWord(keys[1], two.Room, word{N: 5, Main: secret})) // as if it were said again
	tell(two, sealWord(keys[1], two.Room, word{N: 6, Back: true}))
	eventually(t, "Ben is back by the new link", func() bool { return ben.in(w.slug) && ben.Link() == w.whole(changed) })
	eventually(t, "Ben is a participant again", func() bool { return ben.Role() == wire.RoleParticipant })

	// Everybody is called back at once.
	dan := w.join(secret, Config{Name: "Dan"})
	eventually(t, "Ada sees Dan", func() bool { return ada.present("Dan") != olmkeys.Ref{} })
	if err := ada.asModerator(func(s *session) error {
		s.handle(olmkeys.SayTo{To: []olmkeys.Ref{find(s, "Dan")}, Kind: breakoutKind, Body: bodyOf(one)})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Dan is in the other room", func() bool { return dan.Role() == wire.RoleModerator && dan.in(one.Room) })
	if err := ada.asModerator(func(s *session) error {
		s.request(&wire.EndCall{Breakouts: true})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Dan is back", func() bool { return ada.present("Dan") != olmkeys.Ref{} && dan.in(w.slug) })
}

// in says which room the call is in.
func (c *Call) in(slug string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.config.Link.Slug == slug
}

// whole is the world's link with this secret, as text.
func (w *world) whole(secret string) string {
	return "http://" + w.Addr().String() + "/r/" + w.slug + "#" + secret
}
