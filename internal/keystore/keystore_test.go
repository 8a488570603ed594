package keystore

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grotto-meet/grotto/olmkeys"
)

// desktop is a keyring in memory.
type desktop struct {
	secrets map[string]string
	locked  bool
}

var errLocked = errors.New("locked")

func (d *desktop) Set(service, user, secret string) error {
	if d.locked {
		return errLocked
	}
	if d.secrets == nil {
		d.secrets = map[string]string{}
	}
	d.secrets[service+" "+user] = secret
	return nil
}

func (d *desktop) Get(service, user string) (string, error) {
	if d.locked {
		return "", errLocked
	}
	secret, ok := d.secrets[service+" "+user]
	if !ok {
		return "", ErrNotFound
	}
	return secret, nil
}

func (d *desktop) Delete(service, user string) error {
	if d.locked {
		return errLocked
	}
	delete(d.secrets, service+" "+user)
	return nil
}

func place(t *testing.T, ring Keyring) Place {
	t.Helper()
	return Place{Dir: filepath.Join(t.TempDir(), "grotto"), Keyring: ring}
}

func keep(t *testing.T, p Place) *Device {
	t.Helper()
	d, err := Keep(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func pin(name string) olmkeys.Pin {
	return olmkeys.Pin{Identity: olmkeys.Bytes((name + strings.Repeat(".", 32))[:32]), User: "@" + name + ":x", Name: name}
}

func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = b
	}
	return all
}

// eachKey runs a test with the key in the keyring and in a file.
func eachKey(t *testing.T, test func(t *testing.T, p Place)) {
	t.Run("keyring", func(t *testing.T) { test(t, place(t, &desktop{})) })
	t.Run("file", func(t *testing.T) { test(t, place(t, nil)) })
	t.Run("locked keyring", func(t *testing.T) { test(t, place(t, &desktop{locked: true})) })
}

func TestKept(t *testing.T) {
	eachKey(t, func(t *testing.T, p Place) {
		d := keep(t, p)
		seed := d.Identity().Bytes()
		for _, name := range []string{"zoe", "ada", "bob"} {
			if err := d.Remember(pin(name)); err != nil {
				t.Fatal(err)
			}
		}
		ada := pin("ada")
		ada.Verified = true
		if err := d.Remember(ada); err != nil {
			t.Fatal(err)
		}
		if known, err := d.Forget(pin("bob").Identity); !known || err != nil {
			t.Errorf("%v, %v", known, err)
		}
		if known, err := d.Forget(pin("bob").Identity); known || err != nil {
			t.Errorf("forgotten twice: %v, %v", known, err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		d = keep(t, p)
		if !bytes.Equal(d.Identity().Bytes(), seed) || !reflect.DeepEqual(d.Pins(), []olmkeys.Pin{ada, pin("zoe")}) {
			t.Errorf("another identity or other people: %v", d.Pins())
		}
		_, inFile := files(t, p.Dir)[keyName]
		if d.InKeyring() == inFile {
			t.Errorf("in the keyring %v, in a file %v", d.InKeyring(), inFile)
		}
	})
}

// K14: neither the identity nor whom one met stands in any file as it is; with a keyring the key stands in none either.
func TestK14_NothingInTheClear(t *testing.T) {
	eachKey(t, func(t *testing.T, p Place) {
		d := keep(t, p)
		if err := d.Remember(pin("somebody")); err != nil {
			t.Fatal(err)
		}
		secrets := [][]byte{d.Identity().Bytes(), []byte("somebody"), pin("somebody").Identity}
		if d.InKeyring() {
			secrets = append(secrets, d.key.key[:])
		}
		all := files(t, p.Dir)
		for name, b := range all {
			for _, secret := range secrets {
				for _, spelling := range []string{string(secret), hex.EncodeToString(secret), base64.RawStdEncoding.EncodeToString(secret)} {
					if bytes.Contains(b, []byte(spelling)) {
						t.Errorf("%s holds %q", name, spelling)
					}
				}
			}
		}
		if !d.InKeyring() && !bytes.Contains(all[keyName], []byte(base64.RawStdEncoding.EncodeToString(d.key.key[:]))) {
			t.Error("the key is not where it should be: the test could not see one")
		}
		if shown := fmt.Sprintf("%v %+v %v %#v %x", d, *d, d.key, d.key, d.key); strings.Contains(shown, fmt.Sprint(d.key.key[:4])[1:8]) ||
			strings.Contains(shown, hex.EncodeToString(d.key.key[:4])) {
			t.Errorf("it prints its key: %s", shown)
		}
	})
}

func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes")
	}
	p := place(t, nil)
	d := keep(t, p)
	if err := d.Remember(pin("ada")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{"": 0o700, sealedName: 0o600, keyName: 0o600, lockName: 0o600} {
		info, err := os.Stat(filepath.Join(p.Dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%q has %v, %v", name, info.Mode().Perm(), err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", sealedName, keyName} {
		path := filepath.Join(p.Dir, name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, open := range []os.FileMode{0o040, 0o004, 0o020, 0o002} {
			if err := os.Chmod(path, info.Mode().Perm()|open); err != nil {
				t.Fatal(err)
			}
			_, err := Keep(p)
			problem, ok := errors.AsType[*Error](err)
			if !ok || problem.Class != ErrExposed || !strings.Contains(problem.Hint, fmt.Sprintf("chmod %o %s", info.Mode().Perm(), path)) {
				t.Errorf("%q open by %o: %v", name, open, err)
			}
			if _, err := Read(p); !errors.Is(err, ErrExposed) {
				t.Errorf("read: %v", err)
			}
		}
		if err := os.Chmod(path, info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
	_ = keep(t, p)
}

// A second process is not this device; it may look.
func TestOneOwner(t *testing.T) {
	eachKey(t, func(t *testing.T, p Place) {
		if _, err := Read(p); !errors.Is(err, ErrNone) {
			t.Errorf("nothing is kept, and read: %v", err)
		}
		if _, err := os.Stat(p.Dir); !errors.Is(err, os.ErrNotExist) {
			t.Error("looking left something behind")
		}
		d := keep(t, p)
		if err := d.Remember(pin("ada")); err != nil {
			t.Fatal(err)
		}
		if _, err := Keep(p); !errors.Is(err, ErrInUse) {
			t.Errorf("a second owner: %v", err)
		}
		if err := Erase(p); !errors.Is(err, ErrInUse) {
			t.Errorf("erased in use: %v", err)
		}
		other, err := Read(p)
		if err != nil || len(other.Pins()) != 1 {
			t.Fatalf("%v", err)
		}
		if err := other.Remember(pin("bob")); !errors.Is(err, ErrUnwritable) {
			t.Errorf("an onlooker writes: %v", err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		_ = keep(t, p)
	})
}

// What is damaged, or was put together from two times, is an error that names a way out, and stays as it is.
func TestDamaged(t *testing.T) {
	eachKey(t, func(t *testing.T, p Place) {
		d := keep(t, p)
		seed := d.Identity().Bytes()
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		good := files(t, p.Dir)
		sealed := good[sealedName]
		damages := map[string]func() error{
			"cut":    func() error { return os.WriteFile(filepath.Join(p.Dir, sealedName), sealed[:len(sealed)/2], 0o600) },
			"empty":  func() error { return os.WriteFile(filepath.Join(p.Dir, sealedName), nil, 0o600) },
			"bit":    func() error { return os.WriteFile(filepath.Join(p.Dir, sealedName), flipped(sealed), 0o600) },
			"format": func() error { return os.WriteFile(filepath.Join(p.Dir, sealedName), []byte(`{"v":2}`), 0o600) },
			"no nonce": func() error {
				return os.WriteFile(filepath.Join(p.Dir, sealedName), bytes.Replace(sealed, []byte(`"nonce"`), []byte(`"n"`), 1), 0o600)
			},
			"key": func() error { return p.loseKey(d) },
		}
		for name, damage := range damages {
			if err := damage(); err != nil {
				t.Fatal(err)
			}
			before := files(t, p.Dir)
			_, err := Keep(p)
			problem, ok := errors.AsType[*Error](err)
			if !ok || problem.Class != ErrUnreadable || !strings.Contains(problem.Hint, "grotto keys forget --all") {
				t.Errorf("%s: %v", name, err)
			}
			if !reflect.DeepEqual(files(t, p.Dir), before) {
				t.Errorf("%s: something was written", name)
			}
			for file, b := range good {
				if err := os.WriteFile(filepath.Join(p.Dir, file), b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			p.giveKeyBack(t, d)
		}
		d = keep(t, p)
		if !bytes.Equal(d.Identity().Bytes(), seed) {
			t.Error("another identity")
		}
	})
}

func flipped(b []byte) []byte {
	b = bytes.Clone(b)
	i := bytes.Index(b, []byte(`"sealed":"`)) + len(`"sealed":"`) + 20
	if b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return b
}

func (p Place) loseKey(d *Device) error {
	if !d.InKeyring() {
		return os.Remove(filepath.Join(p.Dir, keyName))
	}
	return p.Keyring.Delete(keyringService, d.key.id)
}

func (p Place) giveKeyBack(t *testing.T, d *Device) {
	t.Helper()
	if d.InKeyring() {
		if err := p.Keyring.Set(keyringService, d.key.id, base64.StdEncoding.EncodeToString(d.key.key[:])); err != nil {
			t.Fatal(err)
		}
	}
}

// A keyring that is locked, or out of reach, is said to be; nothing new is made.
func TestKeyringOutOfReach(t *testing.T) {
	ring := &desktop{}
	p := place(t, ring)
	if err := keep(t, p).Close(); err != nil {
		t.Fatal(err)
	}
	ring.locked = true
	if _, err := Keep(p); !errors.Is(err, ErrUnreadable) || !errors.Is(err, errLocked) {
		t.Errorf("locked: %v", err)
	}
	if err := Erase(p); !errors.Is(err, ErrUnwritable) {
		t.Errorf("erased, with the key left behind: %v", err)
	}
	if _, err := Keep(Place{Dir: p.Dir}); !errors.Is(err, ErrUnreadable) {
		t.Errorf("no keyring: %v", err)
	}
	ring.locked = false
	_ = keep(t, p)
}

// Forgetting the device leaves nothing to read, whatever its state was; what comes after is somebody new.
func TestErase(t *testing.T) {
	eachKey(t, func(t *testing.T, p Place) {
		d := keep(t, p)
		seed := d.Identity().Bytes()
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(p.Dir, keyName+".123"), []byte("left by a crash"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Erase(p); err != nil {
			t.Fatal(err)
		}
		if left := files(t, p.Dir); len(left) != 1 || len(left[lockName]) != 0 {
			t.Errorf("left: %v", left)
		}
		if ring, ok := p.Keyring.(*desktop); ok && len(ring.secrets) != 0 {
			t.Errorf("left in the keyring: %d", len(ring.secrets))
		}
		if _, err := Read(p); !errors.Is(err, ErrNone) {
			t.Errorf("%v", err)
		}
		if err := os.WriteFile(filepath.Join(p.Dir, sealedName), []byte("rubbish"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Erase(p); err != nil {
			t.Errorf("what cannot be read stays: %v", err)
		}
		if bytes.Equal(keep(t, p).Identity().Bytes(), seed) {
			t.Error("the same identity again")
		}
	})
}

func TestNoRoom(t *testing.T) {
	p := place(t, nil)
	d := keep(t, p)
	before := files(t, p.Dir)
	if err := os.Rename(p.Dir, p.Dir+".away"); err != nil {
		t.Fatal(err)
	}
	err := d.Remember(pin("ada"))
	if !errors.Is(err, ErrUnwritable) || len(d.Pins()) != 0 {
		t.Errorf("%v, %v", err, d.Pins())
	}
	if err := os.Rename(p.Dir+".away", p.Dir); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(files(t, p.Dir), before) {
		t.Error("something was written")
	}
}

// A keyring that waits for a password that nobody types is given up.
func TestKeyringDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, typed := time.Now(), make(chan struct{})
		_, err := patiently(func() (string, error) { <-typed; return "late", nil })
		if !errors.Is(err, errNoAnswer) || time.Since(began) != promptPatience {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		close(typed)
		if secret, err := patiently(func() (string, error) { time.Sleep(time.Minute); return "typed", nil }); secret != "typed" || err != nil {
			t.Errorf("%q, %v", secret, err)
		}
	})
}
