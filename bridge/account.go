package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"
)

// Account is an ordinary one, signed in. It is a secret.
type Account struct {
	User   id.UserID   `json:"user"`
	Device id.DeviceID `json:"device"`
	Token  string      `json:"access_token"`
}

// ErrAccount says that a file holds no account that is signed in.
var ErrAccount = errors.New("bridge: no account that is signed in")

// deviceName is what people see in the list of the bot's devices.
const deviceName = "Grotto bridge"

// Login signs an account in, with a device of its own.
func Login(ctx context.Context, homeserver string, user, password string) (*Account, error) {
	client, err := mautrix.NewClient(homeserver, "", "")
	if err != nil {
		return nil, fmt.Errorf("bridge: %w", err)
	}
	client.Client = httpClient()
	got, err := client.Login(ctx, &mautrix.ReqLogin{Type: mautrix.AuthTypePassword, Password: password, InitialDeviceDisplayName: deviceName,
		Identifier: mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: user}})
	if err != nil {
		return nil, fmt.Errorf("bridge: signing in: %w", err)
	}
	return &Account{User: got.UserID, Device: got.DeviceID, Token: got.AccessToken}, nil
}

// Write makes a file for this user alone; there must be none.
func (a *Account) Write(path string) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return json.NewEncoder(file).Encode(a)
}

// ReadAccount reads what [Account.Write] wrote.
func ReadAccount(path string) (*Account, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var a Account
	if json.Unmarshal(text, &a) != nil || a.User == "" || a.Device == "" || a.Token == "" {
		return nil, fmt.Errorf("%w: %s", ErrAccount, path)
	}
	return &a, nil
}
