package keystore

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/zalando/go-keyring"
)

// Keyring keeps small secrets, as the desktop does for the person who is logged in. Get reports one that is not there
// as [ErrNotFound].
type Keyring interface {
	Set(service, user, secret string) error
	Get(service, user string) (string, error)
	Delete(service, user string) error
}

// ErrNotFound is a keyring's answer for a secret that it does not have.
var ErrNotFound = keyring.ErrNotFound

const (
	keySize        = 32
	keyringService = "grotto"
	promptPatience = 2 * time.Minute // for a person to unlock the keyring
)

// sealingKey is what the file is sealed under.
type sealingKey struct {
	id  string // in the keyring; "" where it is in a file
	key [keySize]byte
}

// Format does not show the key, whatever the verb.
func (k sealingKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "keystore(redacted)") }

// newSealingKey puts a fresh key into the keyring, or into a file where there is none that works.
func newSealingKey(p Place) (sealingKey, error) {
	var k sealingKey
	_, _ = rand.Read(k.key[:]) // never fails
	text := base64.StdEncoding.EncodeToString(k.key[:])
	if p.Keyring != nil {
		var id [8]byte
		_, _ = rand.Read(id[:])
		k.id = hex.EncodeToString(id[:])
		if p.Keyring.Set(keyringService, k.id, text) == nil {
			if back, err := p.Keyring.Get(keyringService, k.id); err == nil && back == text {
				return k, nil
			}
		}
		k.id = ""
	}
	return k, writePrivate(p.Dir, keyName, []byte(text+"\n"))
}

func findKey(p Place, id string) (sealingKey, error) {
	k := sealingKey{id: id}
	var text string
	if id == "" {
		b, err := readPrivate(p.Dir, keyName)
		if errors.Is(err, os.ErrNotExist) {
			return k, unreadable(p.Dir, "lacks its key, "+keyName, nil)
		}
		if err != nil {
			return k, err
		}
		text = strings.TrimSpace(string(b))
	} else {
		if p.Keyring == nil {
			return k, &Error{Class: ErrUnreadable, What: "the key of the kept identity is in the system's keyring, which cannot be reached from here",
				Hint: "log in to the desktop, or set DBUS_SESSION_BUS_ADDRESS to its bus"}
		}
		var err error
		text, err = p.Keyring.Get(keyringService, id)
		if errors.Is(err, ErrNotFound) {
			return k, unreadable(p.Dir, "lacks its key: it is not in the keyring any more", nil)
		}
		if err != nil {
			return k, &Error{Class: ErrUnreadable, What: "the system's keyring does not give the key of the kept identity: " + err.Error(),
				Hint: "unlock the keyring and try again", Err: err}
		}
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) != keySize {
		return k, unreadable(p.Dir, "has a key that is damaged", nil)
	}
	copy(k.key[:], b)
	return k, nil
}

func forgetKey(ring Keyring, id string) error {
	if err := ring.Delete(keyringService, id); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return nil
}

// systemKeyring is the desktop's, or nil. On Linux only where a session bus is there already: the library would start
// one of its own.
func systemKeyring() Keyring {
	switch runtime.GOOS {
	case "darwin", "windows":
		return osKeyring{}
	}
	if bus := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); bus != "" && bus != "autolaunch:" {
		return osKeyring{}
	}
	if runtimeDir := os.Getenv("XDG_RUNTIME_DIR"); runtimeDir != "" {
		if _, err := os.Stat(filepath.Join(runtimeDir, "bus")); err == nil {
			return osKeyring{}
		}
	}
	return nil
}

// osKeyring gives up when nobody answers the desktop's question for a password.
type osKeyring struct{}

var errNoAnswer = errors.New("keystore: the keyring does not answer")

func (osKeyring) Set(service, user, secret string) error {
	_, err := patiently(func() (string, error) { return "", keyring.Set(service, user, secret) })
	return err
}

func (osKeyring) Get(service, user string) (string, error) {
	return patiently(func() (string, error) { return keyring.Get(service, user) })
}

func (osKeyring) Delete(service, user string) error {
	_, err := patiently(func() (string, error) { return "", keyring.Delete(service, user) })
	return err
}

func patiently(ask func() (string, error)) (string, error) {
	type answer struct {
		secret string
		err    error
	}
	answers := make(chan answer, 1)
	go func() {
		secret, err := ask()
		answers <- answer{secret, err}
	}()
	select {
	case a := <-answers:
		return a.secret, a.err
	case <-time.After(promptPatience):
		return "", errNoAnswer
	}
}
