package elementcall

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

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
