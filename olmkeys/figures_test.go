package olmkeys

import (
	"bufio"
	"crypto/mlkem"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What a join and a leave cost, for internal/bench. A crowd takes seconds to come together, so it stays for all runs.
var figured = map[string]*crowd{}

// settle is for how long what a change brings about is counted: shares, the switch, and the states that follow.
const settle = 4 * time.Second

// churn is the cost of one change, in all and for the member that is watched.
type churn struct {
	messages, bytes int
	ms              float64
}

func (c *crowd) cost(watched *member, change func()) churn {
	c.recipients, c.bytes, watched.ms = 0, 0, 0
	change()
	c.run(settle)
	return churn{c.recipients, c.bytes, watched.ms}
}

func benchmarkChurn(b *testing.B, name string, size int, watched func(*crowd) *member) {
	c := figured[name]
	if c == nil {
		c = newCrowd(b)
		c.watched = watched(c)
		for len(c.members) < size {
			c.join()
			c.run(60 * time.Millisecond)
		}
		c.run(5 * time.Second)
		figured[name] = c
	}
	c.t = b
	least := func(a, b churn) churn {
		if a.ms == 0 || b.ms < a.ms {
			return b
		}
		return a
	}
	var join, leave churn
	b.ResetTimer()
	for range b.N {
		leave = least(leave, c.cost(c.watched, func() { c.leave(c.members[len(c.members)-1]) }))
		join = least(join, c.cost(c.watched, func() { c.join() }))
	}
	b.StopTimer()
	for what, v := range map[string]churn{"join": join, "leave": leave} {
		b.ReportMetric(float64(v.messages), what+"-messages")
		b.ReportMetric(float64(v.bytes), what+"-bytes")
		b.ReportMetric(v.ms, what+"-ms")
	}
}

// The cost in Go: of the second member of so many, who all know each other.
func BenchmarkChurn(b *testing.B) {
	for _, size := range []int{10, 50, 100} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			benchmarkChurn(b, fmt.Sprint("go", size), size, func(c *crowd) *member { return c.join() })
		})
	}
}

// The same where the member's keys are in Chromium.
func BenchmarkChurnChromium(b *testing.B) {
	for _, size := range []int{10, 50, 100} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			benchmarkChurn(b, fmt.Sprint("chromium", size), size, func(c *crowd) *member { return c.joinAs(c.chromium()) })
		})
	}
}

// The floor of a join for one who is there: a session, a message each way and the turn of the ratchet between, ML-KEM in
// both directions, and the Ed25519 signatures over announcement and one-time key.
func BenchmarkBareJoin(b *testing.B) {
	w := newWorld(b)
	x, y := w.node("alice"), w.node("bob")
	dk, err := mlkem.GenerateKey768()
	if err != nil {
		b.Fatal(err)
	}
	y.agent.account.olm.OTKeys = nil
	key := y.announced.FallbackKey
	theirs, err := checkAnnouncement(w.room, w.call, &x.agent.link, y.announced.Announced)
	if err != nil {
		b.Fatal(err)
	}
	text := make([]byte, 2200)
	b.ResetTimer()
	for range b.N {
		verify(theirs.ed25519[:], callKeysMessage(y.announced.CallKeys), y.announced.Sig)
		verify(theirs.ed25519[:], signedKeyMessage(key.Key, true), key.Sig)
		out, err := x.agent.account.olm.NewOutboundSession(curveID(theirs.curve25519[:]), curveID(key.Key))
		if err != nil {
			b.Fatal(err)
		}
		s := &pairSession{olm: out}
		if _, _, err := s.encrypt(text); err != nil {
			b.Fatal(err)
		}
		_, ct := dk.EncapsulationKey().Encapsulate()
		if _, err := dk.Decapsulate(ct); err != nil {
			b.Fatal(err)
		}
	}
}

// The floor of a leave for each who remains: a message to every other and one from every other, in turns.
func BenchmarkOlmTurn(b *testing.B) {
	w := newWorld(b)
	x, y := w.node("alice"), w.node("bob")
	w.join(x, y)
	w.run(2 * time.Second)
	from, to := x.agent.peers[y.ref].sessions.usable(), y.agent.peers[x.ref].sessions.usable()
	text := make([]byte, 1200)
	b.ResetTimer()
	for range b.N {
		kind, body, err := from.encrypt(text)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := to.decrypt(kind, body); err != nil {
			b.Fatal(err)
		}
		from, to = to, from
	}
}

// remote is an engine in another process.
type remote struct {
	t   testing.TB
	in  io.Writer
	out *bufio.Reader
	m   *member
}

func (r *remote) ask(call, argument string, now time.Time) json.RawMessage {
	line, err := json.Marshal(map[string]any{"call": call, "argument": argument, "now": now.UnixMilli()})
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.in.Write(append(line, '\n')); err != nil {
		r.t.Fatal(err)
	}
	text, err := r.out.ReadBytes('\n')
	if err != nil {
		r.t.Fatal(err)
	}
	var answer struct {
		Result string
		MS     float64
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		r.t.Fatal(err)
	}
	if r.m != nil {
		r.m.ms += answer.MS
	}
	return json.RawMessage(answer.Result)
}

func (r *remote) handle(now time.Time, ev Event) []Effect {
	text, err := EncodeEvent(ev)
	if err != nil {
		r.t.Fatal(err)
	}
	var answer struct{ Effects json.RawMessage }
	if err := json.Unmarshal(r.ask("handle", string(text), now), &answer); err != nil {
		r.t.Fatal(err)
	}
	effects, err := DecodeEffects(answer.Effects)
	if err != nil {
		r.t.Fatal(err)
	}
	return effects
}

// chromium makes a client whose agent is in a browser.
func (c *crowd) chromium() *member {
	if _, err := exec.LookPath("chromium"); err != nil && os.Getenv("CHROMIUM") == "" {
		c.t.Skip("chromium is missing")
	}
	wasm := filepath.Join(c.t.(*testing.B).TempDir(), "engine.wasm")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", wasm, "../web/wasm")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		c.t.Fatalf("%v\n%s", err, out)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		c.t.Fatal(err)
	}
	node := exec.Command("node", "../web/test/bench/engine.mjs", filepath.Join(strings.TrimSpace(string(root)), "lib/wasm/wasm_exec.js"), wasm)
	node.Stderr = os.Stderr
	in, err := node.StdinPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	out, err := node.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		c.t.Fatal(err)
	}
	r := &remote{t: c.t, in: in, out: bufio.NewReaderSize(out, 1<<20)}
	c.made++
	config, err := json.Marshal(map[string]any{"room": "!cave:grotto.example", "call": c.call, "secret": testSecret.Fragment(),
		"user": "@browser:grotto.example", "device": "MMMMMMMMMM"})
	if err != nil {
		c.t.Fatal(err)
	}
	var opened struct {
		Announcement
		Ref     Ref
		Effects json.RawMessage
	}
	text := r.ask("open", string(config), c.now)
	if err := json.Unmarshal(text, &opened); err != nil {
		c.t.Fatal(err)
	}
	effects, err := DecodeEffects(opened.Effects)
	if err != nil {
		c.t.Fatalf("%v: %s", err, text)
	}
	r.m = &member{number: c.made, remote: r.handle, ref: opened.Announced.Ref, is: opened.Announced, otks: opened.OneTimeKeys,
		fallback: opened.FallbackKey, keys: map[*member]map[uint64]bool{}, state: map[*member]PeerState{}, effects: effects}
	return r.m
}
