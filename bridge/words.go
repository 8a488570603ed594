package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"sync"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/rtc"
)

// word is something that the bot says.
type word string

const (
	wordLink      word = "link"
	wordNoPower   word = "no power"
	wordPowerless word = "powerless"
	wordTaken     word = "taken"
	wordFull      word = "full"
)

// speaking is how often the bot says the same in a room.
const speaking = 5 * time.Second

// say has a word said, if it was not just now.
func (b *Bridge) say(ctx context.Context, room id.RoomID, w word, to id.EventID) error {
	if !b.lasts.first(room.String()+string(w), speaking) {
		return nil
	}
	return b.post(ctx, post{room: room, kind: postWord, target: string(w), sender: to.String(), txn: to.String()})
}

func (b *Bridge) sendWord(ctx context.Context, client *mautrix.Client, p post) error {
	text, rich := b.text(word(p.target), p.room)
	if text == "" {
		return nil
	}
	content := &event.MessageEventContent{MsgType: event.MsgNotice, Body: text, Mentions: &event.Mentions{}}
	if rich != "" {
		content.Format, content.FormattedBody = event.FormatHTML, rich
	}
	return b.write(ctx, client, p.room, event.EventMessage, content, p.txn)
}

// text is what is said, and the same with markup if that is more.
func (b *Bridge) text(w word, room id.RoomID) (text, rich string) {
	switch w {
	case wordLink:
		slug, ok := b.Linked(room)
		if !ok {
			return "", ""
		}
		url := b.url(slug)
		text = fmt.Sprintf("The call of this room is at %s\nOpen it as a widget of this room, or with: grotto join --matrix @you:server --matrix-room %s\n"+
			"People of this room walk in. The keys are sent from device to device: this link alone opens nothing.", url, room)
		rich = fmt.Sprintf(`<p>The call of this room is at <a href="%[1]s">%[1]s</a></p><p>Open it as a widget of this room, or with: <code>grotto join --matrix @you:server --matrix-room %[2]s</code></p>`+
			"<p>People of this room walk in. The keys are sent from device to device: this link alone opens nothing.</p>", html.EscapeString(url), html.EscapeString(room.String()))
		return text, rich
	case wordNoPower:
		return "A call is begun by moderators of this room, and by those who may change its settings.", ""
	case wordPowerless:
		return fmt.Sprintf("I may not write which call belongs to this room: give me the power level 50, or lower the one for %s.", rtc.CallType.Type), ""
	case wordTaken:
		return "The call that the operator chose for this room belongs to another room.", ""
	case wordFull:
		return "This server has no room for another call: whoever runs it can say more.", ""
	}
	return "", ""
}

// txnID is one that goes into a path.
func txnID(txn string) string {
	sum := sha256.Sum256([]byte(txn))
	return base64.RawURLEncoding.EncodeToString(sum[:18])
}

// lasts are when things were last done. The zero value is ready.
type lasts struct {
	mu  sync.Mutex
	all map[string]time.Time
}

// maxLasts bounds it: rooms are made by others.
const maxLasts = 10_000

// first says whether something was not done in a while, and notes that it is done now.
func (l *lasts) first(what string, in time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if now.Sub(l.all[what]) < in {
		return false
	}
	if l.all == nil || len(l.all) >= maxLasts {
		l.all = map[string]time.Time{}
	}
	l.all[what] = now
	return true
}

// since is how long ago something was last done.
func (l *lasts) since(what string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.all[what])
}
