//go:build !(js && wasm)

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
	"github.com/grotto-meet/grotto/olmkeys"
)

// patience bounds a whole test; how long things take is the machine's affair.
const patience = 60 * time.Second

// TestMain builds the engine once, for the system the tests do not run on.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "grotto-engine")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	enginePath = filepath.Join(dir, "engine.wasm")
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

var enginePath string

var buildOnce = sync.OnceValues(func() ([]byte, error) {
	build := exec.Command("go", "build", "-o", enginePath, ".")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	return build.CombinedOutput()
})

// engineCommand builds the engine and returns the command that runs it in Node.
func engineCommand(t *testing.T) *exec.Cmd {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("node is missing, and with CI=true nothing is skipped")
		}
		t.Skip("node is missing: install Node 20 to test the engine as the browser runs it")
	}
	if out, err := buildOnce(); err != nil {
		t.Fatalf("building the engine: %v\n%s", err, out)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	glue := filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js")
	return exec.Command(node, filepath.Join("testdata", "driver.cjs"), glue, enginePath)
}

// engine is the engine in a Node process.
type engine struct {
	t   *testing.T
	in  io.WriteCloser
	out *bufio.Reader
}

func startEngine(t *testing.T) *engine {
	t.Helper()
	cmd := engineCommand(t)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the engine ended with %v", err)
		}
	})
	return &engine{t: t, in: in, out: bufio.NewReader(out)}
}

// call calls one of the functions and reads its answer into v.
func (e *engine) call(name, argument string, v any) {
	e.t.Helper()
	line, err := json.Marshal(map[string]string{"call": name, "argument": argument})
	if err != nil {
		e.t.Fatal(err)
	}
	if _, err := e.in.Write(append(line, '\n')); err != nil {
		e.t.Fatal(err)
	}
	answer, err := e.out.ReadBytes('\n')
	if err != nil {
		e.t.Fatalf("%s: %v", name, err)
	}
	if err := json.Unmarshal(answer, v); err != nil {
		e.t.Fatalf("%s: %v: %s", name, err, answer)
	}
}

func (e *engine) effects(raw json.RawMessage) []olmkeys.Effect {
	e.t.Helper()
	effects, err := olmkeys.DecodeEffects(raw)
	if err != nil {
		e.t.Fatalf("%v: %s", err, raw)
	}
	return effects
}

// client is a participant: an agent here, or one in the engine.
type client struct {
	name      string
	announced olmkeys.Announcement
	handle    func(olmkeys.Event) []olmkeys.Effect
	in        bool

	timer  *time.Timer
	sealer *mediacrypt.Sealer
	ring   map[olmkeys.Ref]*mediacrypt.Opener
	heard  map[olmkeys.Ref]string
	states map[olmkeys.Ref]olmkeys.PeerState
	opened map[olmkeys.Ref]int
	pins   []olmkeys.Pin
}

// call is the server between them, on one goroutine.
type call struct {
	t       *testing.T
	secret  string
	clients []*client
	queue   chan func()
}

func newCall(t *testing.T) *call {
	s, err := olmkeys.NewSecret(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &call{t: t, secret: s, queue: make(chan func(), 10_000)}
}

func (c *call) config(name string) config {
	return config{
		Room: "!cave:grotto.example", Call: olmkeys.CallID{7}, User: "@" + name + ":grotto.example",
		Device: (strings.ToUpper(name) + "XXXXXXXXXX")[:10], Secret: c.secret,
	}
}

type config struct {
	Room   string         `json:"room"`
	Call   olmkeys.CallID `json:"call"`
	User   string         `json:"user"`
	Device string         `json:"device"`
	Secret string         `json:"secret"`

	Identity olmkeys.Bytes `json:"identity,omitempty"`
	Known    []olmkeys.Pin `json:"known,omitempty"`
}

func (c *call) native(name string) *client { return c.nativeAs(name, nil) }

func (c *call) nativeAs(name string, identity *olmkeys.Identity) *client {
	c.t.Helper()
	cfg := c.config(name)
	secret, err := olmkeys.ParseSecret(cfg.Secret)
	if err != nil {
		c.t.Fatal(err)
	}
	a, effects, err := olmkeys.NewAgent(olmkeys.Config{
		Room: cfg.Room, Call: cfg.Call, User: cfg.User, Device: cfg.Device, Secret: secret, Identity: identity,
	}, time.Now())
	if err != nil {
		c.t.Fatal(err)
	}
	return c.add(name, a.Announcement(), effects, func(ev olmkeys.Event) []olmkeys.Effect { return a.Handle(time.Now(), ev) })
}

func (c *call) wasm(name string, e *engine) *client { return c.wasmFrom(name, c.config(name), e) }

func (c *call) wasmFrom(name string, cfg config, e *engine) *client {
	c.t.Helper()
	b, err := json.Marshal(cfg)
	if err != nil {
		c.t.Fatal(err)
	}
	var o struct {
		Announcement olmkeys.Announcement
		Ref          olmkeys.Ref
		Effects      json.RawMessage
		Error        string
	}
	e.call("open", string(b), &o)
	if o.Error != "" || o.Ref != o.Announcement.Ref {
		c.t.Fatalf("open: %q, %v", o.Error, o.Ref)
	}
	return c.add(name, o.Announcement, e.effects(o.Effects), func(ev olmkeys.Event) []olmkeys.Effect {
		b, err := olmkeys.EncodeEvent(ev)
		if err != nil {
			c.t.Fatal(err)
		}
		var h struct {
			Effects json.RawMessage
			Error   string
		}
		e.call("handle", string(b), &h)
		if h.Error != "" {
			c.t.Fatalf("%s: %s", b, h.Error)
		}
		return e.effects(h.Effects)
	})
}

func (c *call) add(name string, a olmkeys.Announcement, first []olmkeys.Effect, handle func(olmkeys.Event) []olmkeys.Effect) *client {
	n := &client{
		name: name, announced: a, handle: handle, ring: map[olmkeys.Ref]*mediacrypt.Opener{},
		heard: map[olmkeys.Ref]string{}, states: map[olmkeys.Ref]olmkeys.PeerState{}, opened: map[olmkeys.Ref]int{},
	}
	c.clients = append(c.clients, n)
	c.do(n, first)
	return n
}

func (c *call) give(n *client, ev olmkeys.Event) {
	c.queue <- func() {
		if n.in {
			c.do(n, n.handle(ev))
		}
	}
}

func (c *call) find(ref olmkeys.Ref) *client {
	for _, n := range c.clients {
		if n.in && n.announced.Ref == ref {
			return n
		}
	}
	return nil
}

func (c *call) join(n *client) {
	var there []olmkeys.Announced
	for _, m := range c.clients {
		if m.in {
			there = append(there, m.announced.Announced)
			c.give(m, olmkeys.RosterChanged{Joined: []olmkeys.Announced{n.announced.Announced}})
		}
	}
	n.in = true
	c.give(n, olmkeys.RosterChanged{Joined: there})
	c.give(n, olmkeys.SayToAll{Kind: "grotto.profile", Body: olmkeys.Bytes(`{"name":"` + n.name + `"}`)})
}

func (c *call) leave(n *client) {
	n.in = false
	for _, m := range c.clients {
		if m.in {
			c.give(m, olmkeys.RosterChanged{Left: []olmkeys.Ref{n.announced.Ref}})
		}
	}
}

func (c *call) do(n *client, effects []olmkeys.Effect) {
	c.t.Helper()
	for _, e := range effects {
		switch e := e.(type) {
		case olmkeys.SendMessages:
			for _, m := range e.Messages {
				if to := c.find(m.To); to != nil {
					c.give(to, olmkeys.MessageReceived{From: n.announced.Ref, Envelope: m.Envelope})
				}
			}
		case olmkeys.ClaimKeys:
			var claimed olmkeys.KeysClaimed
			for _, d := range e.Devices {
				if m := c.find(d); m != nil {
					claimed.Keys = append(claimed.Keys, olmkeys.ClaimedKey{Device: d, Key: m.announced.OneTimeKeys[0]})
					m.announced.OneTimeKeys = m.announced.OneTimeKeys[1:]
					c.give(m, olmkeys.KeyCount{OneTimeKeys: len(m.announced.OneTimeKeys)})
				}
			}
			c.give(n, claimed)
		case olmkeys.SendData:
			for _, m := range c.clients {
				if m.in && m != n {
					c.give(m, olmkeys.DataReceived{From: n.announced.Ref, Body: e.Body})
				}
			}
		case olmkeys.SealWith:
			s, err := mediacrypt.NewSealer(mediacrypt.KeyID(e.KID), e.BaseKey.Media())
			if err != nil {
				c.t.Fatal(err)
			}
			n.sealer = s
		case olmkeys.OpenWith:
			if err := n.opener(e.From).Add(mediacrypt.KeyID(e.KID), e.BaseKey.Media()); err != nil {
				c.t.Error(err)
			}
		case olmkeys.DropKey:
			n.opener(e.From).Drop(mediacrypt.KeyID(e.KID))
		case olmkeys.DropDevice:
			delete(n.ring, e.From)
			delete(n.states, e.From)
		case olmkeys.Show:
			n.states[e.From] = e.State
		case olmkeys.Pinned:
			n.pins = append(n.pins, e.Pin)
		case olmkeys.Heard:
			n.heard[e.From] = string(e.Body)
		case olmkeys.WakeAt:
			if n.timer != nil {
				n.timer.Stop()
			}
			n.timer = time.AfterFunc(time.Until(e.Time), func() { c.give(n, olmkeys.Tick{}) })
		}
	}
}

func (n *client) opener(from olmkeys.Ref) *mediacrypt.Opener {
	if n.ring[from] == nil {
		n.ring[from] = mediacrypt.NewOpener()
	}
	return n.ring[from]
}

// speak seals a frame at n and opens it at everybody else.
func (c *call) speak(n *client) {
	sealed, err := n.sealer.Seal(nil, mediacrypt.SourceMic, mediacrypt.CodecOpus, []byte("frame of "+n.name))
	if err != nil {
		c.t.Fatal(err)
	}
	from := n.announced.Ref
	for _, m := range c.clients {
		if !m.in || m == n {
			continue
		}
		plain, h, err := m.opener(from).Open(nil, mediacrypt.SourceMic, mediacrypt.CodecOpus, sealed)
		switch {
		case err != nil:
			c.give(m, olmkeys.KeyWanted{From: from, KID: uint64(h.KID)})
		case string(plain) == "frame of "+n.name:
			m.opened[from]++
			c.give(m, olmkeys.FrameOpened{From: from, KID: uint64(h.KID)})
		}
	}
}

// until lets the call go on, everybody speaking, until something is so.
func (c *call) until(what string, done func() bool) {
	c.t.Helper()
	deadline := time.After(patience)
	speak := time.NewTicker(20 * time.Millisecond)
	defer speak.Stop()
	for !done() {
		select {
		case f := <-c.queue:
			f()
		case <-speak.C:
			for _, n := range c.clients {
				if n.in {
					c.speak(n)
				}
			}
		case <-deadline:
			for _, n := range c.clients {
				c.t.Logf("%s: opened %v, heard %v, states %v", n.name, n.opened, n.heard, n.states)
			}
			c.t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// together says whether everybody who is in opens everybody else's frames and knows the name.
func (c *call) together() bool {
	for _, n := range c.clients {
		for _, m := range c.clients {
			ref := m.announced.Ref
			if n != m && n.in && m.in && (n.opened[ref] < 3 || n.heard[ref] != `{"name":"`+m.name+`"}` || n.states[ref] != olmkeys.StateNew) {
				return false
			}
		}
	}
	return true
}

// A whole call between native agents and agents in the engine: both dial, both are dialled, one joins late, one leaves.
func TestNativeAndWasm(t *testing.T) {
	c := newCall(t)
	first, second := c.native("alice"), c.wasm("bob", startEngine(t))
	third, late := c.wasm("carol", startEngine(t)), c.native("dave")
	rename := func(n *client) { // names are said again to newcomers, as clients do
		c.give(n, olmkeys.SayToAll{Kind: "grotto.profile", Body: olmkeys.Bytes(`{"name":"` + n.name + `"}`)})
	}
	c.join(first)
	c.join(second)
	c.join(third)
	for _, n := range c.clients[:3] {
		rename(n)
	}
	c.until("three are together", c.together)

	before, beforeWasm := first.sealer.KID(), second.sealer.KID()
	c.join(late)
	c.until("the key was advanced for the newcomer", func() bool { return first.sealer.KID() > before && second.sealer.KID() > beforeWasm })
	for _, n := range c.clients {
		rename(n)
	}
	c.until("four are together", c.together)

	c.leave(third)
	c.until("the key was rotated", func() bool {
		return first.sealer.KID().Generation() == 1 && second.sealer.KID().Generation() == 1 && late.sealer.KID().Generation() == 1
	})
	for _, n := range c.clients {
		clear(n.opened)
	}
	c.until("three are together after the leave", c.together)
	for _, n := range c.clients {
		n.timer.Stop()
	}
}

// K8: the engine takes part under a kept identity and knows whom it was given; names compare as they do natively, in the
// browser's tables.
func TestK8_KeptIdentityInTheEngine(t *testing.T) {
	var made struct{ Identity olmkeys.Bytes }
	e := startEngine(t)
	e.call("newIdentity", "", &made)
	own, err := olmkeys.ParseIdentity(made.Identity)
	if err != nil {
		t.Fatal(err)
	}
	alice, err := olmkeys.NewIdentity(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := newCall(t)
	cfg := c.config("bob")
	cfg.Identity = made.Identity
	cfg.Known = []olmkeys.Pin{{Identity: alice.Public(), Verified: true}, {Identity: make(olmkeys.Bytes, 32), Name: "Zoé"}}
	bob, first := c.wasmFrom("bob", cfg, e), c.nativeAs("alice", alice)
	thief := c.native("thief")
	for _, n := range []*client{first, bob, thief} {
		c.join(n)
	}
	c.give(thief, olmkeys.SayToAll{Kind: "grotto.profile", Body: olmkeys.Bytes(`{"name":"ＺOE\u0301"}`)})
	c.until("bob knows alice, and that the other is not Zoé", func() bool {
		return bob.states[first.announced.Ref] == olmkeys.StateVerified && bob.states[thief.announced.Ref] == olmkeys.StateChangedKey
	})
	c.give(first, olmkeys.SayToAll{Kind: "grotto.profile", Body: olmkeys.Bytes(`{"name":"alice"}`)})
	c.until("bob is told to remember what alice goes by", func() bool {
		return len(bob.pins) > 0 && bob.pins[len(bob.pins)-1].Name == "alice" && bob.pins[len(bob.pins)-1].Verified
	})
	if !bytes.Contains(bob.announced.CallKeys, own.Public()) {
		t.Error("bob announced another identity than the one it keeps")
	}
	for _, n := range c.clients {
		n.timer.Stop()
	}
	var bad struct{ Error string }
	cfg.Identity = cfg.Identity[:31]
	b, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if e.call("open", string(b), &bad); bad.Error == "" {
		t.Error("an identity of 31 bytes was taken")
	}
}

// The functions answer errors, and never throw.
func TestEngineErrors(t *testing.T) {
	e := startEngine(t)
	for _, call := range [][2]string{
		{"handle", `{"type":"tick"}`}, {"sending", ""}, {"faults", ""}, {"parseSecret", "short"}, {"open", "{"}, {"open", "{}"},
		{"open", `{"room":7}`},
	} {
		var answer struct{ Error string }
		e.call(call[0], call[1], &answer)
		if answer.Error == "" {
			t.Errorf("%s(%s): no error", call[0], call[1])
		}
	}
	var secret struct{ Secret, Error string }
	e.call("newSecret", "", &secret)
	var ok struct {
		OK    bool
		Error string
	}
	e.call("parseSecret", "#"+secret.Secret, &ok)
	if !ok.OK || ok.Error != "" || len(secret.Secret) != 22 {
		t.Errorf("%+v %+v", secret, ok)
	}
	c := newCall(t)
	n := c.wasm("alice", e)
	n.timer.Stop()
	var answer struct {
		Error             string
		Generation, Index uint32
	}
	e.call("handle", `{"type":"nonsense"}`, &answer)
	if answer.Error == "" {
		t.Error("an unknown event was taken")
	}
	answer.Error = ""
	e.call("sending", "", &answer)
	if answer.Error != "" || answer.Generation != 0 || answer.Index != 0 {
		t.Errorf("%+v", answer)
	}
	e.call("close", "", &answer)
	e.call("sending", "", &answer)
	if answer.Error == "" {
		t.Error("the engine answers after close")
	}
}
