//go:build goolm

package bridge

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// Encrypts says whether this program can read and write in encrypted rooms.
const Encrypts = true

// olm is a device of Matrix: the bot's. It opens what is written in rooms and seals what the bot writes there; it has nothing to do with keys of calls, and
// drops what other devices send to it but for keys of rooms.
type olm struct {
	machine *crypto.OlmMachine
	members mautrix.StateStore
}

func (b *Bridge) newCrypter(ctx context.Context, client *mautrix.Client) (crypter, error) {
	key, err := b.pickle(ctx)
	if err != nil {
		return nil, err
	}
	shared, err := dbutil.NewWithDB(b.db.DB, "sqlite3")
	if err != nil {
		return nil, fmt.Errorf("bridge: %w", err)
	}
	store := crypto.NewSQLCryptoStore(shared, dbutil.ZeroLogger(client.Log), client.UserID.String(), client.DeviceID, key)
	if err := store.DB.Upgrade(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDatabase, err)
	}
	had, err := store.FindDeviceID(ctx)
	if err != nil {
		return nil, err
	}
	if had != "" && had != client.DeviceID { // another device's keys: they open nothing for this one
		if err := forgetAccount(ctx, shared, client.UserID); err != nil {
			return nil, err
		}
	}
	o := &olm{machine: crypto.NewOlmMachine(client, &client.Log, store, b.store), members: b.store}
	if err := o.machine.Load(ctx); err != nil {
		return nil, fmt.Errorf("bridge: %w", err)
	}
	// The bot answers nobody who asks for keys of rooms: members have them.
	o.machine.AllowKeyShare = func(context.Context, *id.Device, event.RequestedKeyInfo) *crypto.KeyShareRejection {
		return &crypto.KeyShareRejectNoResponse
	}
	if err := o.machine.ShareKeys(ctx, -1); err != nil {
		return nil, err
	}
	return o, nil
}

// pickle is the key of the crypto store. It lies beside what it seals, in a folder for this user alone: mautrix wants one.
func (b *Bridge) pickle(ctx context.Context) ([]byte, error) {
	key, err := b.db.value(ctx, valuePickle)
	if err == nil && key == "" {
		key = rand.Text()
		err = b.db.setValue(ctx, valuePickle, key)
	}
	return []byte(key), err
}

func forgetAccount(ctx context.Context, db *dbutil.Database, user id.UserID) error {
	for _, table := range []string{"crypto_account", "crypto_olm_session", "crypto_megolm_outbound_session", "crypto_megolm_inbound_session"} {
		if _, err := db.Exec(ctx, "DELETE FROM "+table+" WHERE account_id = $1", user.String()); err != nil {
			return fmt.Errorf("%w: %w", ErrDatabase, err)
		}
	}
	return nil
}

func (o *olm) close() { o.machine.Destroy() }

func (o *olm) news(ctx context.Context, got *mautrix.RespSync, since string) {
	o.machine.ProcessSyncResponse(ctx, got, since)
}

func (o *olm) member(ctx context.Context, e *event.Event) { o.machine.HandleMemberEvent(ctx, e) }

func (o *olm) open(ctx context.Context, e *event.Event) (*event.Event, error) {
	return o.machine.DecryptMegolmEvent(ctx, e)
}

// seal shares the room's key with all its devices at first, and again when it has changed.
func (o *olm) seal(ctx context.Context, room id.RoomID, kind event.Type, content any) (*event.EncryptedEventContent, error) {
	sealed, err := o.machine.EncryptMegolmEvent(ctx, room, kind, content)
	if !errors.Is(err, crypto.ErrSessionExpired) && !errors.Is(err, crypto.ErrNoGroupSession) && !errors.Is(err, crypto.ErrSessionNotShared) {
		return sealed, err
	}
	members, err := o.members.GetRoomJoinedOrInvitedMembers(ctx, room)
	if err != nil {
		return nil, err
	}
	if err := o.machine.ShareGroupSession(ctx, room, members); err != nil {
		return nil, err
	}
	return o.machine.EncryptMegolmEvent(ctx, room, kind, content)
}
