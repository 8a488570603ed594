package keystore

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/grotto-meet/grotto/olmkeys"
)

// Place is where an identity is kept.
type Place struct {
	Dir     string
	Keyring Keyring // nil keeps the key in a file
}

// Default is this user's place, with the system's keyring where there is one.
func Default() (Place, error) {
	config, err := os.UserConfigDir()
	if err != nil {
		return Place{}, &Error{Class: ErrUnreadable, What: "this user has no directory for configuration", Hint: "set HOME or XDG_CONFIG_HOME", Err: err}
	}
	return Place{Dir: filepath.Join(config, "grotto"), Keyring: systemKeyring()}, nil
}

// Device is the identity that is kept, and whom it met. It is not safe for concurrent use.
type Device struct {
	place    Place
	lock     *os.File // nil: only read
	key      sealingKey
	identity *olmkeys.Identity
	pins     []olmkeys.Pin
}

// Format does not show what a Device holds, whatever the verb.
func (d Device) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "keystore.Device("+d.place.Dir+")")
}

// Keep takes the device over for this process, until Close; it makes one where there is none.
func Keep(p Place) (*Device, error) {
	lock, err := takeLock(p.Dir)
	if err != nil {
		return nil, err
	}
	d, err := read(p)
	if errors.Is(err, ErrNone) {
		d, err = create(p)
	}
	if err != nil {
		_ = lock.Close()
		return nil, err
	}
	d.lock = lock
	return d, nil
}

// Read looks at what is kept, whoever owns it. What it returns cannot be changed.
func Read(p Place) (*Device, error) { return read(p) }

// Erase deletes the identity, everybody it met, the vaults, and the keys they are sealed under. What cannot be read is
// deleted too.
func Erase(p Place) error {
	lock, err := takeLock(p.Dir)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }() // it stays, empty: who waits for it must not hold another
	if err := eraseVaults(p); err != nil {
		return err
	}
	if f, err := readSealed(p.Dir); err == nil && f.KeyID != "" && p.Keyring != nil {
		if err := forgetKey(p.Keyring, f.KeyID); err != nil {
			return &Error{Class: ErrUnwritable, What: "the keyring does not let go of the key", Hint: "unlock the keyring and try again", Err: err}
		}
	}
	for _, pattern := range []string{sealedName + "*", keyName + "*"} { // with what a crash may have left
		names, _ := filepath.Glob(filepath.Join(p.Dir, pattern)) // never a bad pattern
		for _, name := range names {
			if err := os.Remove(name); err != nil {
				return &Error{Class: ErrUnwritable, What: err.Error(), Err: err}
			}
		}
	}
	return nil
}

// Close lets another process be this device.
func (d *Device) Close() error {
	if d.lock == nil {
		return nil
	}
	return d.lock.Close()
}

// Identity is who we are.
func (d *Device) Identity() *olmkeys.Identity { return d.identity }

// InKeyring says whether the key lies in the system's keyring; else it is in a file.
func (d *Device) InKeyring() bool { return d.key.id != "" }

// Pins are the identities met, by name.
func (d *Device) Pins() []olmkeys.Pin {
	pins := slices.Clone(d.pins)
	slices.SortFunc(pins, func(a, b olmkeys.Pin) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), bytes.Compare(a.Identity, b.Identity))
	})
	return pins
}

// Remember keeps a pin in place of the one of the same identity.
func (d *Device) Remember(pin olmkeys.Pin) error {
	pins := slices.DeleteFunc(slices.Clone(d.pins), func(p olmkeys.Pin) bool { return bytes.Equal(p.Identity, pin.Identity) })
	return d.save(append(pins, pin))
}

// Forget forgets one identity; whether it was known.
func (d *Device) Forget(identity []byte) (bool, error) {
	pins := slices.DeleteFunc(slices.Clone(d.pins), func(p olmkeys.Pin) bool { return bytes.Equal(p.Identity, identity) })
	if len(pins) == len(d.pins) {
		return false, nil
	}
	return true, d.save(pins)
}

func create(p Place) (*Device, error) {
	identity, err := olmkeys.NewIdentity(nil)
	if err != nil {
		return nil, err
	}
	key, err := newSealingKey(p)
	if err != nil {
		return nil, err
	}
	d := &Device{place: p, key: key, identity: identity}
	return d, d.write(nil)
}

func (d *Device) save(pins []olmkeys.Pin) error {
	if d.lock == nil {
		return fmt.Errorf("%w: opened to be read only", ErrUnwritable)
	}
	if err := d.write(pins); err != nil {
		return err
	}
	d.pins = pins
	return nil
}
