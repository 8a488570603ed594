package call

import (
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/grotto-meet/grotto/olmkeys"
)

// SharedKey is everybody's key in a file, or a passphrase to make it of. It prints as nothing.
type SharedKey struct {
	key        olmkeys.Secret
	passphrase olmkeys.Secret
	salt       []byte
}

// Format shows nothing of the key, whatever the verb.
func (k *SharedKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "call.SharedKey(redacted)") }

// ReadSharedKey reads a key: 32 random bytes or more, as they are.
func ReadSharedKey(path string) (*SharedKey, error) {
	b, err := readSecret(path)
	if err != nil {
		return nil, err
	}
	return &SharedKey{key: b}, nil
}

// ReadPassphrase reads a passphrase, a line without its end, and its salt in base64.
func ReadPassphrase(path, salt string) (*SharedKey, error) {
	k := new(SharedKey)
	var err error
	if k.salt, err = base64.StdEncoding.DecodeString(salt); err != nil || len(k.salt) < olmkeys.SaltSize {
		return nil, &Error{Class: ErrKeyFile, What: fmt.Sprintf("the salt is not %d bytes or more in base64", olmkeys.SaltSize),
			Hint: fmt.Sprintf("head -c %d /dev/urandom | base64, once for all", olmkeys.SaltSize)}
	}
	b, err := readSecret(path)
	if err != nil {
		return nil, err
	}
	if k.passphrase = olmkeys.Secret(strings.TrimRight(string(b), "\r\n")); len(k.passphrase) == 0 {
		return nil, &Error{Class: ErrKeyFile, What: "the passphrase is empty", Hint: "write one into the file, a long one"}
	}
	return k, nil
}

// readSecret reads a file that nobody else may read.
func readSecret(path string) (olmkeys.Secret, error) {
	bad := func(what, hint string, err error) (olmkeys.Secret, error) {
		return nil, &Error{Class: ErrKeyFile, What: path + " " + what, Hint: hint, Err: err}
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return bad("cannot be read", "check the name", err)
	case !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0:
		return bad("can be read by others than you", "chmod 600 "+path, nil)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return bad("cannot be read", "check its owner", err)
	}
	return b, nil
}
