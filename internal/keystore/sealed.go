package keystore

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/grotto-meet/grotto/olmkeys"
)

// The files.
const (
	sealedName = "device.sealed"
	keyName    = "device.key" // where there is no keyring
	lockName   = "device.lock"

	maxFile = 16 << 20
)

// sealed is the file: AES-256-GCM over the contents, the rest bound by its additional data.
type sealed struct {
	Version int    `json:"v"`
	KeyID   string `json:"key_id,omitempty"` // in the keyring; none: the key is in a file
	Nonce   []byte `json:"nonce"`
	Body    []byte `json:"sealed"`
}

// contents is what is sealed: the only place where the identity's seed is written as it is.
type contents struct {
	Seed  []byte        `json:"identity"`
	Known []olmkeys.Pin `json:"known"`
}

const version = 1

func bound(keyID string) []byte { return []byte("grotto device v1 " + keyID) }

func readSealed(dir string) (sealed, error) {
	b, err := readPrivate(dir, sealedName)
	if err != nil {
		return sealed{}, err
	}
	var f sealed
	if err := json.Unmarshal(b, &f); err != nil || f.Version != version {
		return sealed{}, unreadable(dir, "is not a file of this version's, or is damaged", err)
	}
	return f, nil
}

func read(p Place) (*Device, error) {
	f, err := readSealed(p.Dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, &Error{Class: ErrNone, What: "no identity is kept in " + p.Dir, Hint: "grotto join --remember ... keeps one"}
	}
	if err != nil {
		return nil, err
	}
	key, err := findKey(p, f.KeyID)
	if err != nil {
		return nil, err
	}
	aead := key.aead()
	if len(f.Nonce) != aead.NonceSize() {
		return nil, unreadable(p.Dir, "is damaged", nil)
	}
	b, err := aead.Open(nil, f.Nonce, f.Body, bound(f.KeyID))
	if err != nil {
		return nil, unreadable(p.Dir, "does not open with its key: it is damaged, or one of the two is of another time", err)
	}
	var c contents
	if err := json.Unmarshal(b, &c); err != nil {
		return nil, unreadable(p.Dir, "holds something else than expected", nil) // the cause might quote it
	}
	identity, err := olmkeys.ParseIdentity(c.Seed)
	if err != nil {
		return nil, unreadable(p.Dir, "holds something else than expected", err)
	}
	return &Device{place: p, key: key, identity: identity, pins: c.Known}, nil
}

func unreadable(dir, what string, cause error) *Error {
	return &Error{Class: ErrUnreadable, What: filepath.Join(dir, sealedName) + " " + what,
		Hint: "bring a copy of " + dir + " back, or begin anew with grotto keys forget --all", Err: cause}
}

func (d *Device) write(pins []olmkeys.Pin) error {
	b, err := json.Marshal(contents{Seed: d.identity.Bytes(), Known: pins})
	if err != nil {
		return err
	}
	aead := d.key.aead()
	f := sealed{Version: version, KeyID: d.key.id, Nonce: make([]byte, aead.NonceSize())}
	_, _ = rand.Read(f.Nonce) // never fails
	f.Body = aead.Seal(nil, f.Nonce, b, bound(f.KeyID))
	out, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return writePrivate(d.place.Dir, sealedName, out)
}

func (k sealingKey) aead() cipher.AEAD {
	block, err := aes.NewCipher(k.key[:])
	if err != nil {
		panic("keystore: " + err.Error()) // only for keys of another size
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("keystore: " + err.Error())
	}
	return aead
}
