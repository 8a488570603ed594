//go:build goolm

package olmdevice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/crypto/cryptohelper"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// machine is mautrix's Olm machine behind what this package needs of it.
type machine struct {
	*crypto.OlmMachine
	d  *Device
	mu sync.Mutex // mautrix's looks at devices and identities are not for several goroutines at a time
}

func hasOlm() error { return nil }

func newMachine(ctx context.Context, d *Device) (*machine, error) {
	db, err := dbutil.NewWithDB(d.config.DB, "sqlite3")
	if err != nil {
		return nil, err
	}
	d.syncer.OnSync(func(ctx context.Context, resp *mautrix.RespSync, since string) bool {
		d.olm.mu.Lock()
		d.olm.HandleDeviceLists(ctx, &resp.DeviceLists, since) // before messages of the devices in it are judged
		d.olm.mu.Unlock()
		resp.DeviceLists.Changed = nil // once is enough
		return d.toDevice(ctx, resp, since)
	})
	helper, err := cryptohelper.NewCryptoHelper(d.client, d.config.PickleKey, db)
	if err != nil {
		return nil, err
	}
	if err := helper.Init(ctx); err != nil {
		return nil, err
	}
	d.client.Crypto = helper
	return &machine{OlmMachine: helper.Machine(), d: d}, nil
}

// decrypt gives what a message says, or why it is refused, or neither: then it was Matrix's own, or not for us to read.
func (m *machine) decrypt(ctx context.Context, e *event.Event) (*Received, *Refusal) {
	if e.Content.ParseRaw(e.Type) != nil {
		return nil, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	clear := m.HandleEncryptedEvent(ctx, e)
	if clear == nil || !custom(clear.Type) {
		return nil, nil
	}
	from, trust, err := m.judge(ctx, clear)
	if err != nil {
		return nil, &Refusal{clear.Type.Type, from, err}
	}
	return &Received{Type: clear.Type, Content: json.RawMessage(clear.Content.VeryRaw), From: from, Trust: trust}, nil
}

// judge finds the device that a message is from and holds it against the policy. mautrix lets through what comes from
// a device that it does not know, and takes the keys that the message itself brings for a device's.
func (m *machine) judge(ctx context.Context, clear *crypto.DecryptedOlmEvent) (Address, Trust, error) {
	from := Address{User: clear.Sender}
	if clear.SenderDevice == nil {
		return from, Unknown, ErrNoDevice
	}
	look := func() bool { return m.d.mayFetch(clear.Sender) }
	dev, err := m.device(ctx, Address{clear.Sender, clear.SenderDevice.DeviceID}, look)
	if err != nil {
		return from, Unknown, err
	}
	if dev.IdentityKey != clear.SenderKey || dev.SigningKey != clear.Keys.Ed25519 {
		return from, Unknown, ErrKeys
	}
	from.Device = dev.DeviceID
	trust, err := m.trust(ctx, dev, look)
	if err != nil {
		return from, Unknown, err
	}
	if !m.d.config.Policy.Allows(trust) {
		return from, trust, fmt.Errorf("%w: %s", ErrUntrusted, trust)
	}
	return from, trust, nil
}

// always is for what we do of our own accord.
func always() bool { return true }

// device is one that its account lists now. look says whether the homeserver may be asked.
func (m *machine) device(ctx context.Context, a Address, look func() bool) (*id.Device, error) {
	dev, err := m.CryptoStore.GetDevice(ctx, a.User, a.Device)
	if err != nil {
		return nil, err
	}
	if (dev == nil || dev.Deleted) && look() {
		all, err := m.FetchKeys(ctx, []id.UserID{a.User}, true)
		if err != nil {
			return nil, fmt.Errorf("olmdevice: the devices of %s: %w", a.User, err)
		}
		dev = all[a.User][a.Device]
	}
	if dev == nil || dev.Deleted {
		return nil, ErrNoDevice
	}
	return dev, nil
}

func (m *machine) trust(ctx context.Context, dev *id.Device, look func() bool) (Trust, error) {
	state, err := m.ResolveTrustContext(ctx, dev)
	if err == nil && state == id.TrustStateUnset && look() {
		// It may have been signed since.
		if _, err := m.FetchKeys(ctx, []id.UserID{dev.UserID}, true); err != nil {
			return Unknown, err
		}
		state, err = m.ResolveTrustContext(ctx, dev)
	}
	if err != nil {
		return Unknown, err
	}
	switch state {
	case id.TrustStateVerified, id.TrustStateCrossSignedVerified:
		return Verified, nil
	case id.TrustStateCrossSignedTOFU:
		return CrossSigned, nil
	case id.TrustStateCrossSignedUntrusted:
		return Changed, nil
	case id.TrustStateUnset:
		return Unverified, nil
	}
	return Unknown, nil
}

func (m *machine) encrypt(ctx context.Context, t event.Type, each []Outgoing) (*mautrix.ReqSendToDevice, error) {
	req := &mautrix.ReqSendToDevice{Messages: make(map[id.UserID]map[id.DeviceID]*event.Content)}
	for _, out := range each {
		if req.Messages[out.To.User] == nil {
			req.Messages[out.To.User] = make(map[id.DeviceID]*event.Content)
		}
		content, err := json.Marshal(out.Content) // mautrix panics at what is no JSON
		if err != nil {
			return nil, err
		}
		req.Messages[out.To.User][out.To.Device] = &event.Content{VeryRaw: content}
	}
	return m.EncryptToDevices(ctx, t, req)
}

// Trust says how far a device is trusted.
func (d *Device) Trust(ctx context.Context, a Address) (Trust, error) {
	d.olm.mu.Lock()
	defer d.olm.mu.Unlock()
	dev, err := d.olm.device(ctx, a, always)
	if err != nil {
		return Unknown, err
	}
	return d.olm.trust(ctx, dev, always)
}

// Identity is the public key of an account's identity, which a verification compares. Empty where it has none.
func (d *Device) Identity(ctx context.Context, user id.UserID) (string, error) {
	d.olm.mu.Lock()
	defer d.olm.mu.Unlock()
	keys, err := d.olm.GetCrossSigningPublicKeys(ctx, user)
	if err != nil || keys == nil {
		return "", err
	}
	return string(keys.MasterKey), nil
}

// SignUser marks an account's identity as verified by this account's person, who has compared it.
func (d *Device) SignUser(ctx context.Context, user id.UserID) error {
	d.olm.mu.Lock()
	defer d.olm.mu.Unlock()
	keys, err := d.olm.GetCrossSigningPublicKeys(ctx, user)
	if err != nil {
		return err
	}
	if keys == nil {
		return fmt.Errorf("olmdevice: %s has no identity", user)
	}
	if err := d.olm.OlmMachine.SignUser(ctx, user, keys.MasterKey); err != nil {
		return err
	}
	_, err = d.olm.FetchKeys(ctx, []id.UserID{user}, true)
	return err
}

var errNoPassword = errors.New("the homeserver asks for the password")

// sign makes the account's identity where there is none, and has this device signed by it.
func (m *machine) sign(ctx context.Context) error {
	if _, err := m.FetchKeys(ctx, []id.UserID{m.Client.UserID}, true); err != nil {
		return refusedBy(m.Client.HomeserverURL.String(), err)
	}
	has, signed, err := m.GetOwnVerificationStatus(ctx)
	if err != nil {
		return refusedBy(m.Client.HomeserverURL.String(), err)
	}
	c := &m.d.config
	switch {
	case signed:
	case !has && c.NoIdentity:
		m.d.Unsigned = "the account has no identity: set up verification in a Matrix client"
	case !has:
		if err := m.newIdentity(ctx); err != nil {
			m.d.Unsigned = fmt.Sprintf("the account has no identity and none could be made (%v): set up verification in a Matrix client", err)
		}
	case c.Recovery == "":
		m.d.Unsigned = "the account's identity has not signed this device: give the recovery key or passphrase, or verify this session in another Matrix client"
	default:
		if err := m.recover(ctx, c.Recovery); err != nil {
			return &Error{Class: ErrLogin, What: fmt.Sprintf("the recovery key or passphrase does not open the identity of %s", c.User), Hint: "it is the one that the account was set up with, in a Matrix client", Err: err}
		}
	}
	return nil
}

func (m *machine) newIdentity(ctx context.Context) error {
	asked := false
	key, _, err := m.GenerateAndUploadCrossSigningKeys(ctx, func(answer *mautrix.RespUserInteractive) any {
		if m.d.config.Password == "" {
			asked = true
			return nil
		}
		return &mautrix.ReqUIAuthLogin{
			BaseAuthData: mautrix.BaseAuthData{Type: mautrix.AuthTypePassword, Session: answer.Session},
			User:         string(m.Client.UserID), Password: m.d.config.Password,
		}
	}, "")
	if asked {
		return errNoPassword
	}
	if err != nil {
		return err
	}
	m.d.RecoveryKey = key
	return m.signSelf(ctx)
}

func (m *machine) recover(ctx context.Context, secret string) error {
	keyID, data, err := m.SSSS.GetDefaultKeyData(ctx)
	if err != nil {
		return err
	}
	key, err := data.VerifyRecoveryKey(keyID, secret)
	if err != nil && data.Passphrase != nil {
		key, err = data.VerifyPassphrase(keyID, secret)
	}
	if err != nil {
		return err
	}
	if err := m.FetchCrossSigningKeysFromSSSS(ctx, key); err != nil {
		return err
	}
	return m.signSelf(ctx)
}

func (m *machine) signSelf(ctx context.Context) error {
	if err := m.SignOwnDevice(ctx, m.OwnIdentity()); err != nil {
		return err
	}
	return m.SignOwnMasterKey(ctx)
}
