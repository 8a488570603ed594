package bridge

import (
	"context"
	"encoding/json"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

const (
	// maxSealed bounds what waits for its key: others may write what nobody can open.
	maxSealed = 1000
	// forKey is how long it waits.
	forKey = 5 * time.Minute
)

// keepSealed keeps what cannot be opened yet: its key comes by another way, and may come later.
func (b *Bridge) keepSealed(ctx context.Context, e *event.Event) error {
	b.counters.unopened.Add(1)
	text, err := json.Marshal(e)
	if err != nil {
		return nil
	}
	_, err = b.db.ExecContext(ctx, "INSERT OR IGNORE INTO grotto_sealed (room, event, made) SELECT ?, ?, ? WHERE (SELECT count(*) FROM grotto_sealed) < ?",
		e.RoomID, string(text), millis(time.Now()), maxSealed)
	return err
}

// unseal tries again, after news that may have brought keys.
func (b *Bridge) unseal(ctx context.Context, client *mautrix.Client) error {
	for seq := int64(0); ; {
		var room id.RoomID
		var text string
		var made int64
		found, err := b.db.one(ctx, "SELECT seq, room, event, made FROM grotto_sealed WHERE seq > ? ORDER BY seq LIMIT 1", []any{seq}, &seq, &room, &text, &made)
		if err != nil || !found {
			return err
		}
		var e event.Event
		if json.Unmarshal([]byte(text), &e) == nil && parse(&e, room, event.MessageEventType) && time.Since(time.UnixMilli(made)) < forKey {
			opened, err := b.crypt.open(ctx, &e)
			if err != nil {
				continue
			}
			if err := b.heardOf(ctx, client, room, opened); err != nil {
				return err
			}
		}
		if _, err := b.db.ExecContext(ctx, "DELETE FROM grotto_sealed WHERE seq = ?", seq); err != nil {
			return err
		}
	}
}
