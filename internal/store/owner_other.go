//go:build !unix

package store

// own: files belong to whom their folder says.
func own(string) error { return nil }
