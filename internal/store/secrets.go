package store

import (
	"context"
	"database/sql"
)

// Secret gives the value under a name; the first who asks makes it, and everybody gets the same. It is in every backup.
func (s *Store) Secret(ctx context.Context, name string, make func() []byte) (value []byte, err error) {
	err = s.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO secret (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", name, make()); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT value FROM secret WHERE name = ?", name).Scan(&value)
	})
	return value, err
}
