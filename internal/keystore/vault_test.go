package keystore

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVault(t *testing.T) {
	for name, ring := range map[string]Keyring{"file": nil, "keyring": &desktop{}} {
		p := Place{Dir: filepath.Join(t.TempDir(), "grotto"), Keyring: ring}
		first, err := OpenVault(p, "matrix @ada:example.org")
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := OpenVault(p, "matrix @ada:example.org"); !errors.Is(err, ErrInUse) {
			t.Errorf("%s: a second process: %v", name, err)
		}
		other, err := OpenVault(p, "matrix @bob:example.org")
		if err != nil || other.Key == first.Key || other.Dir == first.Dir || first.Key == [keySize]byte{} {
			t.Errorf("%s: another's: %v", name, err)
		}
		_ = first.Close()
		again, err := OpenVault(p, "matrix @ada:example.org")
		if err != nil || again.Key != first.Key || again.Dir != first.Dir {
			t.Errorf("%s: not the same again: %v", name, err)
		}
		_, err = os.Stat(filepath.Join(first.Dir, keyName))
		if inFile := err == nil; inFile != (ring == nil) {
			t.Errorf("%s: key in a file: %v", name, inFile)
		}
		if err := Erase(p); !errors.Is(err, ErrInUse) {
			t.Errorf("%s: erased while it is used: %v", name, err)
		}
		_, _ = again.Close(), other.Close()
		if err := Erase(p); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(first.Dir); err == nil {
			t.Errorf("%s: there is still something", name)
		}
		anew, err := OpenVault(p, "matrix @ada:example.org")
		if err != nil || anew.Key == first.Key {
			t.Errorf("%s: the key is still there: %v", name, err)
		}
		if strings.Contains(first.Dir, "ada") || bytes.Contains([]byte(first.Dir), first.Key[:4]) {
			t.Errorf("%s: the folder is called %s", name, first.Dir)
		}
	}
}
