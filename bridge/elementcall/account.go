package elementcall

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/olmdevice"
)

// Account logs devices in for as long as a gateway runs. Their keys lie sealed in a folder that Close removes, under keys
// that are kept nowhere: a gateway that starts again has other devices.
type Account struct {
	Homeserver string // found by the account's server name where it is empty
	User       id.UserID
	Password   string
	// Recovery signs the devices, if the account has an identity; see olmdevice. Where it has none the first device makes
	// one, and NewRecovery is told its key, once.
	Recovery    string
	NewRecovery func(key string)
	Policy      olmdevice.Policy
	Room        id.RoomID
	Notice      func(string)

	mu     sync.Mutex // one login after the other: the first may make the identity
	folder string
	open   []*sql.DB
}

// Find sets the account and the room, which may be named by an alias.
func (a *Account) Find(ctx context.Context, account, room string) error {
	a.User, a.Room = id.UserID(account), id.RoomID(room)
	_, server, err := a.User.Parse()
	if err != nil {
		return &Error{fmt.Sprintf("%q is no Matrix account", account), "@name:server", err}
	}
	if !strings.HasPrefix(room, "#") {
		if !strings.HasPrefix(room, "!") {
			return &Error{fmt.Sprintf("%q is no Matrix room", room), "the room's id begins with !, its alias with #", nil}
		}
		return nil
	}
	base := a.Homeserver
	if base == "" {
		known, err := mautrix.DiscoverClientAPI(ctx, server)
		switch {
		case err != nil:
			return &Error{server + " does not say where its homeserver is", "--matrix-homeserver https://...", err}
		case known == nil:
			base = "https://" + server
		default:
			base = known.Homeserver.BaseURL
		}
	}
	client, err := mautrix.NewClient(base, "", "")
	if err != nil {
		return &Error{"that is no homeserver's address", "https://...", err}
	}
	found, err := client.ResolveAlias(ctx, id.RoomAlias(room))
	if err != nil {
		return &Error{fmt.Sprintf("no room is called %s", room), "name it by its id, !...", err}
	}
	a.Room = found.RoomID
	return nil
}

// Login gives another device of the account.
func (a *Account) Login(ctx context.Context, name string) (*olmdevice.Device, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.folder == "" {
		folder, err := os.MkdirTemp("", "grotto-gateway-")
		if err != nil {
			return nil, err
		}
		a.folder = folder
	}
	db, err := olmdevice.OpenDB(filepath.Join(a.folder, fmt.Sprintf("%d.db", len(a.open))))
	if err != nil {
		return nil, err
	}
	a.open = append(a.open, db)
	seal := make([]byte, olmdevice.PickleKeySize)
	_, _ = rand.Read(seal) // never fails
	d, err := olmdevice.Open(ctx, olmdevice.Config{Homeserver: a.Homeserver, User: a.User, Password: a.Password, DeviceName: name,
		Recovery: a.Recovery, DB: db, PickleKey: seal, Policy: a.Policy, Rooms: []id.RoomID{a.Room}, Refused: a.refused})
	if err != nil {
		return nil, err
	}
	if d.RecoveryKey != "" {
		a.Recovery = d.RecoveryKey
		if a.NewRecovery != nil {
			a.NewRecovery(d.RecoveryKey)
		}
	}
	if d.Unsigned != "" && len(a.open) == 1 && a.Notice != nil {
		a.Notice("The gateway's devices are not signed: " + d.Unsigned)
	}
	return d, nil
}

func (a *Account) refused(r olmdevice.Refusal) {
	if a.Notice != nil && r.Type == keysType.Type {
		a.Notice(fmt.Sprintf("A media key of %s was refused: %v", r.From, r.Err))
	}
}

// Close forgets all keys.
func (a *Account) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var errs []error
	for _, db := range a.open {
		errs = append(errs, db.Close())
	}
	if a.folder != "" {
		errs = append(errs, os.RemoveAll(a.folder))
	}
	return errors.Join(errs...)
}
