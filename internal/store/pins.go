package store

import (
	"context"
	"database/sql"
)

// Pin is a value that the server, or its operator, keeps under a name.
type Pin struct {
	Name  string
	Value []byte
}

// Pin finds a value.
func (s *Store) Pin(ctx context.Context, name string) (value []byte, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT value FROM pin WHERE name = ?", name).Scan(&value)
	return value, known(err)
}

// Pins lists those whose names begin so.
func (s *Store) Pins(ctx context.Context, prefix string) ([]Pin, error) {
	return list(ctx, s, func(from row) (p Pin, err error) {
		err = from.Scan(&p.Name, &p.Value)
		return p, err
	}, "SELECT name, value FROM pin WHERE substr(name, 1, length(?)) = ? ORDER BY name", prefix, prefix)
}

// SetPin keeps a value, in the place of one that has the name.
func (s *Store) SetPin(ctx context.Context, name string, value []byte) error {
	_, err := s.db.ExecContext(ctx, "INSERT INTO pin (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
	return known(err)
}

// DeletePin forgets a value.
func (s *Store) DeletePin(ctx context.Context, name string) error {
	return s.changeOne(ctx, "DELETE FROM pin WHERE name = ?", name)
}

// Secret gives the value under a name; the first who asks makes it, and everybody gets the same. It is in every backup.
func (s *Store) Secret(ctx context.Context, name string, make func() []byte) (value []byte, err error) {
	err = s.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO pin (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", name, make()); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT value FROM pin WHERE name = ?", name).Scan(&value)
	})
	return value, err
}
