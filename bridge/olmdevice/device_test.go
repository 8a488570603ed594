//go:build goolm

package olmdevice

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/internal/homeserver"
)

const patience = 20 * time.Second

var note = event.Type{Type: "io.github.grotto-meet.test", Class: event.ToDeviceEventType}

func TestMain(m *testing.M) { os.Exit(homeserver.Main(m)) }

type said struct {
	Text string `json:"text"`
}

// device is one that runs, with what it refused.
type device struct {
	*Device
	refused chan Refusal
	down    chan error
}

func open(t *testing.T, config Config) *Device {
	t.Helper()
	if config.DB == nil {
		db, err := OpenDB(filepath.Join(t.TempDir(), "matrix.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		config.DB = db
	}
	config.PickleKey = make([]byte, PickleKeySize)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	d, err := Open(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func start(t *testing.T, config Config) *device {
	t.Helper()
	d := &device{refused: make(chan Refusal, 9), down: make(chan error, 9)}
	config.Refused = func(r Refusal) { d.refused <- r }
	config.Down = func(err error) { d.down <- err }
	d.Device = open(t, config)
	d.run(t)
	return d
}

func (d *device) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { _ = d.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	take(t, d.Ready())
}

func take[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func account(s *homeserver.Server, u homeserver.User) Config {
	return Config{Homeserver: s.URL, User: id.UserID(u.ID), Password: u.Password, DeviceName: "test"}
}

// send fails the test unless the message went to everybody.
func (d *device) send(t *testing.T, text string, to ...Address) {
	t.Helper()
	if unsent := d.Send(t.Context(), note, said{text}, to...); len(unsent) > 0 {
		t.Fatalf("not sent: %v", unsent)
	}
}

func TestMessagesBetweenDevices(t *testing.T) {
	t.Parallel()
	s := homeserver.Shared(t)
	alice := start(t, account(s, s.Register(t, "alice")))
	bob := start(t, account(s, s.Register(t, "bob")))
	if alice.RecoveryKey == "" || alice.Unsigned != "" {
		t.Fatalf("no identity was made: %q", alice.Unsigned)
	}
	for _, way := range [][2]*device{{alice, bob}, {bob, alice}} {
		way[0].send(t, "hello", way[1].Self())
		got := take(t, way[1].Received())
		if string(got.Content) != `{"text":"hello"}` || got.From != way[0].Self() || got.Trust != CrossSigned || got.Type != note {
			t.Errorf("%s came from %v as %v, trust %v", got.Content, got.From, got.Type, got.Trust)
		}
	}
	if err := bob.SignUser(t.Context(), alice.Self().User); err != nil {
		t.Fatal(err)
	}
	alice.send(t, "as compared", bob.Self())
	if got := take(t, bob.Received()); got.Trust != Verified {
		t.Errorf("after verifying: %v", got.Trust)
	}
}

func TestSendSaysWhoWasLeftOut(t *testing.T) {
	t.Parallel()
	s := homeserver.Shared(t)
	alice := start(t, account(s, s.Register(t, "alice")))
	bob := start(t, account(s, s.Register(t, "bob")))
	nobody := Address{bob.Self().User, "NOBODY"}
	bare := s.Register(t, "bare") // signed in, without any keys
	unsent := alice.Send(t.Context(), note, said{"hello"}, bob.Self(), nobody, Address{id.UserID(bare.ID), id.DeviceID(bare.Device)})
	if len(unsent) != 2 || !errors.Is(unsent[0].Err, ErrNoDevice) || !errors.Is(unsent[1].Err, ErrNoDevice) {
		t.Errorf("left out: %v", unsent)
	}
	take(t, bob.Received())

	// One whose one-time keys are used up, and who is away so that there come no new ones.
	carol := open(t, account(s, s.Register(t, "carol")))
	claim := &mautrix.ReqClaimKeys{OneTimeKeys: mautrix.OneTimeKeysRequest{carol.Self().User: {carol.Self().Device: id.KeyAlgorithmSignedCurve25519}}}
	for {
		claimed, err := bob.Client().ClaimKeys(t.Context(), claim)
		if err != nil {
			t.Fatal(err)
		}
		if len(claimed.OneTimeKeys[carol.Self().User][carol.Self().Device]) == 0 {
			break
		}
	}
	if unsent := alice.Send(t.Context(), note, said{"hello"}, carol.Self(), bob.Self()); len(unsent) != 1 || !errors.Is(unsent[0].Err, ErrNoSession) {
		t.Errorf("left out: %v", unsent)
	}
	take(t, bob.Received())
}

func TestKeptSession(t *testing.T) {
	t.Parallel()
	s := homeserver.Shared(t)
	user := s.Register(t, "alice")
	config := account(s, user)
	db, err := OpenDB(filepath.Join(t.TempDir(), "a b%.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	config.DB = db
	first := open(t, config)
	config.Password, config.Homeserver = "", ""
	again := open(t, config)
	if again.Self() != first.Self() || again.Unsigned != "" {
		t.Errorf("%v came back as %v, %q", first.Self(), again.Self(), again.Unsigned)
	}
	var dump []byte
	if err := db.QueryRow(`SELECT sealed FROM grotto_matrix_session`).Scan(&dump); err != nil || strings.Contains(string(dump), again.Client().AccessToken) {
		t.Error("the access token is in the clear")
	}
	if err := again.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{Homeserver: s.URL, User: again.Self().User, DB: db, PickleKey: make([]byte, PickleKeySize)}); !errors.Is(err, ErrLogin) {
		t.Errorf("after logging out: %v", err)
	}
	config.Password, config.Homeserver, config.Recovery = user.Password, s.URL, first.RecoveryKey
	if anew := open(t, config); anew.Self() == first.Self() || anew.Unsigned != "" {
		t.Errorf("logged in anew as %v: %q", anew.Self(), anew.Unsigned)
	}
}

func TestWrongPasswordAndRecovery(t *testing.T) {
	t.Parallel()
	s := homeserver.Shared(t)
	config := account(s, s.Register(t, "alice"))
	open(t, config)
	for name, change := range map[string]func(*Config){
		"password": func(c *Config) { c.Password = "guess" },
		"recovery": func(c *Config) { c.Recovery = "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d" },
	} {
		c := config
		change(&c)
		db, err := OpenDB(filepath.Join(t.TempDir(), "matrix.db"))
		if err != nil {
			t.Fatal(err)
		}
		c.DB, c.PickleKey = db, make([]byte, PickleKeySize)
		_, err = Open(t.Context(), c)
		if problem, ok := errors.AsType[*Error](err); !ok || !errors.Is(err, ErrLogin) || problem.Hint == "" {
			t.Errorf("wrong %s: %v", name, err)
		}
		_ = db.Close()
	}
}

// TestM3_UnsignedDevice: somebody who has an account's password, or the homeserver, adds a device to it.
func TestM3_UnsignedDevice(t *testing.T) {
	t.Parallel()
	s := homeserver.Shared(t)
	user := s.Register(t, "alice")
	alice := start(t, account(s, user))
	stranger := start(t, account(s, user)) // the same account, without its recovery key
	config := account(s, s.Register(t, "bob"))
	bob := start(t, config)
	if stranger.Unsigned == "" {
		t.Error("nothing says that the device is not signed")
	}
	if unsent := bob.Send(t.Context(), note, said{"secret"}, stranger.Self(), alice.Self()); len(unsent) != 1 || !errors.Is(unsent[0].Err, ErrUntrusted) {
		t.Errorf("left out: %v", unsent)
	}
	take(t, alice.Received())
	stranger.send(t, "forged", bob.Self())
	if r := take(t, bob.refused); !errors.Is(r.Err, ErrUntrusted) || r.From != stranger.Self() {
		t.Errorf("refused %v: %v", r.From, r.Err)
	}
	if len(bob.Received()) > 0 {
		t.Error("it was let through besides")
	}

	// The same with the policy off: it is the policy that refuses.
	config.Policy, config.Recovery = PolicyAny, bob.RecoveryKey
	careless := start(t, config)
	stranger.send(t, "forged", careless.Self())
	if got := take(t, careless.Received()); got.Trust != Unverified {
		t.Errorf("trust %v", got.Trust)
	}
	careless.send(t, "secret", stranger.Self())
	take(t, stranger.Received())
}

// TestM3_ChangedIdentity: the account gets another identity, as when its homeserver takes it over.
func TestM3_ChangedIdentity(t *testing.T) {
	t.Parallel()
	s := homeserver.Shared(t)
	user := s.Register(t, "alice")
	alice := start(t, account(s, user))
	bob := start(t, account(s, s.Register(t, "bob")))
	alice.send(t, "first seen", bob.Self())
	take(t, bob.Received())
	alice.olm.mu.Lock()
	err := alice.olm.newIdentity(t.Context())
	alice.olm.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	bob.olm.mu.Lock()
	_, err = bob.olm.FetchKeys(t.Context(), []id.UserID{alice.Self().User}, true)
	bob.olm.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	alice.send(t, "under another identity", bob.Self())
	if r := take(t, bob.refused); !errors.Is(r.Err, ErrUntrusted) || !strings.Contains(r.Err.Error(), "changed") {
		t.Errorf("refused as %v", r.Err)
	}
	if unsent := bob.Send(t.Context(), note, said{"secret"}, alice.Self()); len(unsent) != 1 || !errors.Is(unsent[0].Err, ErrUntrusted) {
		t.Errorf("left out: %v", unsent)
	}
}

// TestM2_Plaintext: the homeserver, or anybody, sends the same message without Olm.
func TestM2_Plaintext(t *testing.T) {
	t.Parallel()
	s := homeserver.Shared(t)
	alice := start(t, account(s, s.Register(t, "alice")))
	arrived := make(chan *event.Event, 1)
	bob := &device{refused: make(chan Refusal, 9)}
	config := account(s, s.Register(t, "bob"))
	config.Refused = func(r Refusal) { bob.refused <- r }
	bob.Device = open(t, config)
	whole := bob.syncer.DefaultSyncer
	bob.syncer.DefaultSyncer = mautrix.NewDefaultSyncer()
	bob.syncer.OnSync(func(ctx context.Context, resp *mautrix.RespSync, since string) bool {
		for _, e := range resp.ToDevice.Events {
			arrived <- e // who does not look takes it
		}
		return whole.ProcessResponse(ctx, resp, since) == nil
	})
	bob.run(t)
	plain := &mautrix.ReqSendToDevice{Messages: map[id.UserID]map[id.DeviceID]*event.Content{bob.Self().User: {bob.Self().Device: {Parsed: said{"forged"}}}}}
	if _, err := alice.Client().SendToDevice(t.Context(), note, plain); err != nil {
		t.Fatal(err)
	}
	if e := take(t, arrived); e.Type.Type != note.Type || e.Sender != alice.Self().User {
		t.Fatalf("%v arrived", e.Type)
	}
	if r := take(t, bob.refused); !errors.Is(r.Err, ErrPlaintext) || r.Type != note.Type {
		t.Errorf("refused as %v", r.Err)
	}
	if len(bob.Received()) > 0 {
		t.Error("it was let through besides")
	}
}

func TestHomeserverAway(t *testing.T) {
	t.Parallel()
	s := homeserver.Start(t)
	alice := start(t, account(s, s.Register(t, "alice")))
	bob := start(t, account(s, s.Register(t, "bob")))
	s.Stop(t)
	if err := take(t, alice.down); err == nil {
		t.Fatal("not told that it is away")
	}
	sent := make(chan []Unsent)
	go func() { sent <- alice.Send(t.Context(), note, said{"meanwhile"}, bob.Self()) }()
	s.Again(t)
	if err := take(t, alice.down); err != nil {
		t.Fatal(err)
	}
	if unsent := take(t, sent); len(unsent) > 0 {
		t.Fatalf("not sent: %v", unsent)
	}
	take(t, bob.Received())
}
