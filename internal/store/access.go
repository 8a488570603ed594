package store

import (
	"context"
	"database/sql"
	"time"
)

// APIKey lets a program use the API. The key itself is not here, only what it is compared with.
type APIKey struct {
	ID      string // made by [Store.CreateAPIKey] if empty
	Name    string
	Hash    []byte
	Scopes  []string
	Created time.Time

	LastUsed time.Time
	Expires  time.Time // zero: never
}

const keyColumns = "id, name, hash, scopes, created, last_used, expires"

func readKey(from row) (APIKey, error) {
	var k APIKey
	var scopes string
	var created, used, expires int64
	if err := from.Scan(&k.ID, &k.Name, &k.Hash, &scopes, &created, &used, &expires); err != nil {
		return APIKey{}, err
	}
	k.Created, k.LastUsed, k.Expires = fromMillis(created), fromMillis(used), fromMillis(expires)
	var err error
	k.Scopes, err = fromTexts(scopes)
	return k, err
}

// CreateAPIKey keeps a key, and gives it with its id and time.
func (s *Store) CreateAPIKey(ctx context.Context, k APIKey) (APIKey, error) {
	if k.ID == "" {
		k.ID = newID()
	}
	k.Created = now()
	_, err := s.db.ExecContext(ctx, "INSERT INTO api_key ("+keyColumns+") VALUES (?, ?, ?, ?, ?, ?, ?)",
		k.ID, k.Name, k.Hash, texts(k.Scopes), millis(k.Created), millis(k.LastUsed), millis(k.Expires))
	if err != nil {
		return APIKey{}, known(err)
	}
	return k, nil
}

// APIKey finds one by its id.
func (s *Store) APIKey(ctx context.Context, id string) (APIKey, error) {
	k, err := readKey(s.db.QueryRowContext(ctx, "SELECT "+keyColumns+" FROM api_key WHERE id = ?", id))
	return k, known(err)
}

// APIKeys lists all.
func (s *Store) APIKeys(ctx context.Context) ([]APIKey, error) {
	return list(ctx, s, readKey, "SELECT "+keyColumns+" FROM api_key ORDER BY seq")
}

// UsedAPIKey notes when a key was used last.
func (s *Store) UsedAPIKey(ctx context.Context, id string, at time.Time) error {
	return s.changeOne(ctx, "UPDATE api_key SET last_used = max(last_used, ?) WHERE id = ?", millis(at), id)
}

// DeleteAPIKey ends the use of a key.
func (s *Store) DeleteAPIKey(ctx context.Context, id string) error {
	return s.changeOne(ctx, "DELETE FROM api_key WHERE id = ?", id)
}

// RevokedToken is a join token that is refused before it expires.
type RevokedToken struct {
	ID      string // jti
	Expires time.Time
}

// keepRevoked is how long a token stays revoked after its end: the clock may have been ahead.
const keepRevoked = 366 * 24 * time.Hour

// RevokeToken keeps a token from being used, and forgets those that expired long ago. Revoking one twice is no error.
func (s *Store) RevokeToken(ctx context.Context, token RevokedToken) error {
	return s.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM revoked_token WHERE expires <> 0 AND expires < ?", millis(now().Add(-keepRevoked))); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO revoked_token (id, expires) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", token.ID, millis(token.Expires))
		return err
	})
}

// Revoked says whether a token was revoked.
func (s *Store) Revoked(ctx context.Context, id string) (bool, error) {
	var n int
	err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM revoked_token WHERE id = ?", id).Scan(&n)
	return n > 0, known(err)
}

// RevokedTokens lists those that were revoked and have not expired.
func (s *Store) RevokedTokens(ctx context.Context) ([]RevokedToken, error) {
	return list(ctx, s, func(from row) (RevokedToken, error) {
		var t RevokedToken
		var expires int64
		err := from.Scan(&t.ID, &expires)
		t.Expires = fromMillis(expires)
		return t, err
	}, "SELECT id, expires FROM revoked_token WHERE expires = 0 OR expires >= ? ORDER BY id", millis(now()))
}
