package bridge

import (
	"context"
	"errors"
	"fmt"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// connect signs in, or goes on with the device that the bot has.
func (b *Bridge) connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	client, err := b.newClient()
	if err != nil {
		return err
	}
	who := b.cfg.Account
	if who == nil {
		if who, err = b.serviceDevice(ctx, client); err != nil {
			return err
		}
	}
	client.UserID, client.DeviceID, client.AccessToken = who.User, who.Device, who.Token
	is, err := client.Whoami(ctx)
	switch {
	case errors.Is(err, mautrix.MUnknownToken) && b.cfg.Account == nil:
		// The device is gone, and its keys are of no use any more.
		return errors.Join(err, b.forgetDevice(ctx))
	case errors.Is(err, mautrix.MUnknownToken):
		return fmt.Errorf("%w: the account is signed out; hint: grotto-server bridge login", errPermanent)
	case err != nil:
		return err
	case is.UserID != who.User || is.DeviceID != "" && is.DeviceID != who.Device:
		return fmt.Errorf("%w: the account is another one than it was; hint: move %s away", errPermanent, FileName)
	}
	if err := b.sameUser(ctx, who.User); err != nil {
		return err
	}
	b.store = mautrix.NewMemoryStateStore().(*mautrix.MemoryStateStore)
	b.mu.Lock()
	b.states = map[id.RoomID]*state{}
	b.mu.Unlock()
	if b.crypt, err = b.newCrypter(ctx, client); err != nil {
		return err
	}
	versions, err := client.Versions(ctx)
	if err != nil {
		return err
	}
	b.delayed = versions.UnstableFeatures[featureDelayed]
	b.client.Store(client)
	b.counters.connected.Add(1)
	return nil
}

func (b *Bridge) disconnect() {
	b.client.Store(nil)
	if b.crypt != nil {
		b.crypt.close()
	}
}

func (b *Bridge) newClient() (*mautrix.Client, error) {
	client, err := mautrix.NewClient(b.cfg.Homeserver, "", "")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	client.Client = httpClient()
	client.Log = zerolog.Nop() // it would log text
	if b.cfg.Trace != nil {
		client.Log = zerolog.New(b.cfg.Trace).Level(zerolog.TraceLevel)
		client.SyncTraceLog = true
	}
	client.IgnoreRateLimit = true // whoever waits here waits where it can be told to end
	return client, nil
}

// serviceDevice gives the device that the bot of an application service syncs with, making both at first.
func (b *Bridge) serviceDevice(ctx context.Context, client *mautrix.Client) (*Account, error) {
	var a Account
	for name, to := range map[string]*string{valueUser: (*string)(&a.User), valueDevice: (*string)(&a.Device), valueToken: &a.Token} {
		value, err := b.db.value(ctx, name)
		if err != nil {
			return nil, err
		}
		*to = value
	}
	if a.Token != "" {
		return &a, nil
	}
	r := b.cfg.Registration
	client.AccessToken = r.AppToken
	if err := register(ctx, client, r.SenderLocalpart); err != nil {
		return nil, serviceProblem(err)
	}
	got, err := client.Login(ctx, &mautrix.ReqLogin{Type: mautrix.AuthTypeAppservice, InitialDeviceDisplayName: deviceName,
		Identifier: mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: r.SenderLocalpart}})
	if err != nil {
		return nil, serviceProblem(err)
	}
	a = Account{User: got.UserID, Device: got.DeviceID, Token: got.AccessToken}
	if err := b.sameUser(ctx, a.User); err != nil {
		return nil, err
	}
	for _, value := range [][2]string{{valueDevice, string(a.Device)}, {valueToken, a.Token}} {
		if err := b.db.setValue(ctx, value[0], value[1]); err != nil {
			return nil, err
		}
	}
	return &a, nil
}

// errService is what an operator can mend.
var errService = errors.New("the homeserver does not know the application service; hint: give it the registration file and start it again, see docs/matrix.md")

func serviceProblem(err error) error {
	if errors.Is(err, mautrix.MUnknownToken) || errors.Is(err, mautrix.MForbidden) || errors.Is(err, mautrix.MExclusive) {
		return fmt.Errorf("%w (%w)", errService, err)
	}
	return err
}

// register makes a user of the application service; it may be there.
func register(ctx context.Context, client *mautrix.Client, localpart string) error {
	_, _, err := client.Register(ctx, &mautrix.ReqRegister[any]{Username: localpart, Type: mautrix.AuthTypeAppservice, InhibitLogin: true})
	if errors.Is(err, mautrix.MUserInUse) {
		return nil
	}
	return err
}

// sameUser keeps whose database this is.
func (b *Bridge) sameUser(ctx context.Context, user id.UserID) error {
	kept, err := b.db.value(ctx, valueUser)
	switch {
	case err != nil:
		return err
	case kept == "":
		return b.db.setValue(ctx, valueUser, user.String())
	case kept != user.String():
		return fmt.Errorf("%w: the database is another account's; hint: move %s away", errPermanent, FileName)
	}
	return nil
}

// forgetDevice has the next connection begin with another one. Links stay.
func (b *Bridge) forgetDevice(ctx context.Context) error {
	if _, err := b.db.ExecContext(ctx, "DELETE FROM grotto_value WHERE name IN (?, ?, ?)", valueDevice, valueToken, valueSince); err != nil {
		return err
	}
	return nil
}

// as is a client that acts as a user of the application service.
func (b *Bridge) as(user id.UserID) (*mautrix.Client, error) {
	client, err := b.newClient()
	if err != nil {
		return nil, err
	}
	client.UserID, client.AccessToken, client.SetAppServiceUserID = user, b.cfg.Registration.AppToken, true
	return client, nil
}

// crypter opens and seals what is said in encrypted rooms.
type crypter interface {
	news(ctx context.Context, got *mautrix.RespSync, since string)
	member(ctx context.Context, e *event.Event)
	open(ctx context.Context, e *event.Event) (*event.Event, error)
	seal(ctx context.Context, room id.RoomID, kind event.Type, content any) (*event.EncryptedEventContent, error)
	close()
}

// errNoCrypto is for programs that were built without.
var errNoCrypto = errors.New("built without Matrix encryption; hint: go build -tags goolm")
