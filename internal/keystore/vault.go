package keystore

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// vaults is where the folders of [OpenVault] are, beside the identity.
const vaults = "vaults"

// Vault is a folder for what another part of the program keeps sealed by itself, and the key to it.
type Vault struct {
	Dir  string
	Key  [keySize]byte
	lock *os.File
}

// OpenVault takes over the vault of a name for this process, making it, and a key, the first time. The key lies in the
// keyring, or, where there is none that works, in a file of the folder.
func OpenVault(p Place, name string) (*Vault, error) {
	sum := sha256.Sum256([]byte(name))
	v := &Vault{Dir: filepath.Join(p.Dir, vaults, hex.EncodeToString(sum[:8]))}
	lock, err := takeLock(v.Dir)
	if err != nil {
		return nil, err
	}
	v.lock = lock
	if err := v.find(Place{v.Dir, p.Keyring}, vaultEntry(v.Dir)); err != nil {
		_ = lock.Close()
		return nil, err
	}
	return v, nil
}

func (v *Vault) find(p Place, entry string) error {
	text, err := readPrivate(p.Dir, keyName)
	if err == nil {
		return v.decode(string(text))
	}
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if p.Keyring != nil {
		kept, err := p.Keyring.Get(keyringService, entry)
		if err == nil {
			return v.decode(kept)
		}
		if !errors.Is(err, ErrNotFound) {
			return &Error{Class: ErrUnreadable, What: "the system's keyring does not give a key: " + err.Error(), Hint: "unlock the keyring and try again", Err: err}
		}
	}
	_, _ = rand.Read(v.Key[:]) // never fails
	made := base64.StdEncoding.EncodeToString(v.Key[:])
	if p.Keyring != nil && p.Keyring.Set(keyringService, entry, made) == nil {
		if back, err := p.Keyring.Get(keyringService, entry); err == nil && back == made {
			return nil
		}
	}
	return writePrivate(p.Dir, keyName, []byte(made+"\n"))
}

func (v *Vault) decode(text string) error {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != keySize {
		return &Error{Class: ErrUnreadable, What: v.Dir + " has a key that is damaged", Hint: "bring a copy of the folder back, or delete it and log in anew"}
	}
	copy(v.Key[:], key)
	return nil
}

// vaultEntry is the name of a vault's key in the keyring.
func vaultEntry(dir string) string { return "vault " + filepath.Base(dir) }

// eraseVaults deletes all vaults, and their keys.
func eraseVaults(p Place) error {
	dirs, _ := filepath.Glob(filepath.Join(p.Dir, vaults, "*")) // never a bad pattern
	for _, dir := range dirs {
		lock, err := takeLock(dir)
		if err != nil {
			return err
		}
		if p.Keyring != nil {
			if err := forgetKey(p.Keyring, vaultEntry(dir)); err != nil {
				_ = lock.Close()
				return &Error{Class: ErrUnwritable, What: "the keyring does not let go of a key", Hint: "unlock the keyring and try again", Err: err}
			}
		}
		_ = lock.Close() // Windows removes nothing that is open
		if err := os.RemoveAll(dir); err != nil {
			return &Error{Class: ErrUnwritable, What: err.Error(), Err: err}
		}
	}
	return nil
}

// Close lets another process have it.
func (v *Vault) Close() error { return v.lock.Close() }
