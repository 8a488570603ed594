package login

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// PasswordLife is how long a one-time password can be used.
const PasswordLife = time.Hour

// Password is the one-time password of operators, in a file that a command writes and the server reads: as a hash, which
// is enough for 130 random bits.
type Password struct{ Path string }

type stored struct {
	Hash  string    `json:"sha256"`
	Until time.Time `json:"until"`
}

// Make makes a password, in the place of the one there was.
func (p *Password) Make() (string, error) {
	password := rand.Text()
	text, err := json.Marshal(stored{hashed(password), time.Now().Add(PasswordLife)})
	if err != nil {
		return "", fmt.Errorf("login: %w", err)
	}
	file, err := os.CreateTemp(filepath.Dir(p.Path), ".admin-password-*")
	if err != nil {
		return "", fmt.Errorf("login: %w", err)
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Sync(), file.Close(), ownedAsFolder(file.Name())); err == nil {
		err = os.Rename(file.Name(), p.Path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return "", fmt.Errorf("login: %w", err)
	}
	return password, nil
}

// Take says whether this is the password, once.
func (p *Password) Take(password string) bool {
	text, err := os.ReadFile(p.Path)
	var known stored
	if err != nil || json.Unmarshal(text, &known) != nil || time.Now().After(known.Until) {
		return false
	}
	if subtle.ConstantTimeCompare([]byte(hashed(password)), []byte(known.Hash)) != 1 {
		return false
	}
	return os.Remove(p.Path) == nil // of two at a time one removes it
}

func hashed(password string) string {
	sum := sha256.Sum256([]byte("grotto operator\x00" + password))
	return hex.EncodeToString(sum[:])
}
