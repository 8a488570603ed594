package datadir

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestFirstRun(t *testing.T) {
	parent := t.TempDir()
	for range 2 {
		path, err := Open(filepath.Join(parent, "state", "grotto"))
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o700 || !filepath.IsAbs(path) {
			t.Errorf("%s: %v %v", path, info, err)
		}
	}
}

func TestOpenToOthers(t *testing.T) {
	for name, spoil := range map[string]func(dir string) error{
		"folder": func(dir string) error { return os.Chmod(dir, 0o750) },
		"file":   func(dir string) error { return os.WriteFile(filepath.Join(dir, "key"), nil, 0o644) },
		"below":  func(dir string) error { return os.Mkdir(filepath.Join(dir, "acme"), 0o755) },
		"link": func(dir string) error {
			key := filepath.Join(t.TempDir(), "key")
			return errors.Join(os.WriteFile(key, nil, 0o604), os.Symlink(key, filepath.Join(dir, "key")))
		},
	} {
		dir, err := Open(filepath.Join(t.TempDir(), "grotto"))
		if err != nil {
			t.Fatal(err)
		}
		if err := spoil(dir); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir); !errors.Is(err, ErrOpen) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(file, "grotto")); err == nil || errors.Is(err, ErrOpen) {
		t.Error(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(filepath.Dir(file), "dangling")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Dir(file)); err != nil {
		t.Error(err)
	}
}
