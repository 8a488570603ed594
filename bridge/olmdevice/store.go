package olmdevice

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"maunium.net/go/mautrix/id"
	_ "modernc.org/sqlite" // without cgo
)

// PickleKeySize is the length of [Config.PickleKey].
const PickleKeySize = 32

// OpenDB opens a file for [Config.DB], making it closed to others where there is none.
func OpenDB(path string) (*sql.DB, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, &Error{Class: ErrStore, What: err.Error(), Err: err}
	}
	_ = f.Close()
	name := "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	db, err := sql.Open("sqlite", name+"?_pragma=foreign_keys(1)&_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)&_txlock=immediate")
	if err != nil {
		return nil, &Error{Class: ErrStore, What: err.Error(), Err: err}
	}
	db.SetMaxOpenConns(1) // as mautrix wants it with SQLite
	return db, nil
}

// session is what a login gives, kept for the next run.
type session struct {
	Homeserver string      `json:"homeserver"`
	User       id.UserID   `json:"user"`
	Device     id.DeviceID `json:"device"`
	Token      string      `json:"token"`
}

const sessionTable = `CREATE TABLE IF NOT EXISTS grotto_matrix_session (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL)`

func (c *Config) sealer() (cipher.AEAD, error) {
	if len(c.PickleKey) != PickleKeySize {
		return nil, fmt.Errorf("olmdevice: a key of %d bytes, not %d", len(c.PickleKey), PickleKeySize)
	}
	key, err := hkdf.Key(sha256.New, c.PickleKey, nil, "grotto matrix session v1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// kept is the session of the run before, nil where there is none.
func (c *Config) kept() (*session, error) {
	aead, err := c.sealer()
	if err != nil {
		return nil, err
	}
	if _, err := c.DB.Exec(sessionTable); err != nil {
		return nil, &Error{Class: ErrStore, What: err.Error(), Err: err}
	}
	var sealed []byte
	err = c.DB.QueryRow(`SELECT sealed FROM grotto_matrix_session`).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, &Error{Class: ErrStore, What: err.Error(), Err: err}
	}
	var s session
	n := aead.NonceSize()
	if len(sealed) < n {
		return nil, &Error{Class: ErrStore, What: "the kept Matrix session is damaged", Hint: "delete its file and log in anew"}
	}
	clear, err := aead.Open(nil, sealed[:n], sealed[n:], nil)
	if err == nil {
		err = json.Unmarshal(clear, &s)
	}
	if err != nil {
		return nil, &Error{Class: ErrStore, What: "the kept Matrix session does not open with this key", Hint: "delete its file and log in anew", Err: err}
	}
	if s.User != c.User {
		return nil, &Error{Class: ErrStore, What: fmt.Sprintf("the kept Matrix session is %s's, not %s's", s.User, c.User), Hint: "one file for each account"}
	}
	return &s, nil
}

func (c *Config) keep(s session) error {
	aead, err := c.sealer()
	if err != nil {
		return err
	}
	clear, err := json.Marshal(s)
	if err != nil {
		return err
	}
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	_, err = c.DB.Exec(`INSERT INTO grotto_matrix_session (id, sealed) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed`, aead.Seal(nonce, nonce, clear, nil))
	return err
}

// forget drops the session and this device's own keys. What is known of others stays.
func (c *Config) forget() error {
	if _, err := c.DB.Exec(`DELETE FROM grotto_matrix_session`); err != nil {
		return err
	}
	for _, table := range []string{"crypto_olm_session", "crypto_megolm_outbound_session", "crypto_account"} {
		var there int
		if err := c.DB.QueryRow(`SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?`, table).Scan(&there); err != nil {
			return err
		}
		if there == 0 {
			continue
		}
		if _, err := c.DB.Exec(`DELETE FROM ` + table); err != nil {
			return err
		}
	}
	return nil
}
