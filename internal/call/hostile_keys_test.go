package call

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/grotto-meet/grotto/internal/e2e/relay"
	"github.com/grotto-meet/grotto/internal/sfu"
	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// The end of call_keys: join_id(16) || ed25519(32) || curve25519(32) || mlkem768_ek(1184).
const (
	ekSize    = 1184
	keySize   = 32
	curveFrom = keySize + ekSize // from the end
	edFrom    = curveFrom + keySize
)

// forMembers makes a hook that changes the announcements that anybody is told of.
func forMembers(change func(to *relay.Conn, m *wire.Member) bool) func(*relay.Conn, wire.ServerMessage) []wire.ServerMessage {
	return func(c *relay.Conn, m wire.ServerMessage) []wire.ServerMessage {
		alter := func(list []wire.Member) (kept []wire.Member) {
			for _, member := range list {
				member.CallKeys = bytes.Clone(member.CallKeys)
				if change(c, &member) {
					kept = append(kept, member)
				}
			}
			return kept
		}
		switch m := m.(type) {
		case *wire.Joined:
			m.Members = alter(m.Members)
		case *wire.Roster:
			m.Joined = alter(m.Joined)
		}
		return []wire.ServerMessage{m}
	}
}

// TestK1_TheServerSwapsKeys: each key of an announcement, changed on its way, makes the device refused and nobody's key
// is shared with it. A swapped one-time key begins no session; when the server stops, everybody is heard.
func TestK1_TheServerSwapsKeys(t *testing.T) {
	for name, at := range map[string]int{"ed25519": edFrom, "curve25519": curveFrom, "ML-KEM": ekSize} {
		t.Run(name, func(t *testing.T) {
			h, secret := newHostile(t), newSecret()
			a := h.join(secret, Config{Name: "A"}, "opus.ogg")
			h.relay.FromServer(forMembers(func(to *relay.Conn, m *wire.Member) bool {
				if m.Device.Device == a.device() && to.Member().Device.Device != a.device() {
					m.CallKeys[len(m.CallKeys)-at] ^= 1
				}
				return true
			}))
			b := h.join(secret, Config{Name: "B"})
			eventually(t, "A is refused and its frames are not opened", func() bool {
				state, _ := b.shows(a.device())
				return state == olmkeys.StateRefused && refusedFrames(b.Report()) > 50
			})
			if n := b.trackOf(a.device(), wire.SourceMic).FramesOpened; n > 0 {
				t.Errorf("%d frames opened", n)
			}
		})
	}
	t.Run("one-time", func(t *testing.T) {
		h, secret := newHostile(t), newSecret()
		var olm atomic.Int64
		h.relay.FromServer(func(_ *relay.Conn, m wire.ServerMessage) []wire.ServerMessage {
			switch m := m.(type) {
			case *wire.ClaimedKeys:
				for i := range m.Keys {
					m.Keys[i].Key.Key[0] ^= 1
				}
			case *wire.DeviceMessage:
				olm.Add(1)
			}
			return []wire.ServerMessage{m}
		})
		a := h.join(secret, Config{Name: "A"}, "opus.ogg")
		b := h.join(secret, Config{Name: "B"})
		eventually(t, "frames come", func() bool { return refusedFrames(b.Report()) > 150 })
		if olm.Load() > 0 {
			t.Errorf("%d Olm messages under swapped keys", olm.Load())
		}
		h.relay.FromServer(nil)
		b.listens(t, a.device(), 20)
	})
}

// TestK4_TheServerRenamesSenders: every Olm message is delivered once more as another member's, and K5: and once more as
// it was, and all of them again later. Nothing comes of it.
func TestK4_TheServerRenamesSenders(t *testing.T) {
	h, secret := newHostile(t), newSecret()
	a := h.join(secret, Config{Name: "A"}, "opus.ogg")
	c := h.join(secret, Config{Name: "C"})
	c.listens(t, a.device(), 20)
	asC := h.connOf(c.device()).Member().Device
	var mu sync.Mutex
	var tape []*wire.DeviceMessage
	h.relay.FromServer(func(to *relay.Conn, m wire.ServerMessage) []wire.ServerMessage {
		d, ok := m.(*wire.DeviceMessage)
		if !ok {
			return []wire.ServerMessage{m}
		}
		renamed, again := *d, *d
		renamed.Seq, again.Seq = 0, 0
		renamed.From = asC
		mu.Lock()
		defer mu.Unlock()
		if d.From.Device == a.device() {
			tape = append(tape, &again)
		}
		if to.Member().Device.Device == c.device() {
			return []wire.ServerMessage{d, &again}
		}
		return []wire.ServerMessage{&renamed, d, &again}
	})
	var faults map[string]uint64
	var b *Call
	var bs *session
	b = h.join(secret, Config{Name: "B", observe: func(s *session, _ olmkeys.Effect) { mu.Lock(); bs = s; mu.Unlock() }})
	b.listens(t, a.device(), 50)
	generation := a.Report().Generation
	d := h.join(secret, Config{Name: "D"})
	eventually(t, "D is in", func() bool { return b.state("D") == olmkeys.StateNew })
	d.Leave()
	eventually(t, "A uses another key", func() bool { return a.Report().Generation > generation })
	b.listens(t, a.device(), 50)
	mu.Lock()
	conn := h.connOf(b.device())
	for _, m := range tape { // those for others and of older generations, too
		if err := conn.ToClient(m); err != nil {
			t.Error(err)
		}
	}
	s := bs
	mu.Unlock()
	b.listens(t, a.device(), 100)
	s.do(func() { faults = s.agent.Faults() })
	for _, want := range []error{olmkeys.ErrEnvelope, olmkeys.ErrUndecryptable} {
		if faults[want.Error()] == 0 {
			t.Errorf("no %q: the test shows nothing (%v)", want, faults)
		}
	}
	if state, _ := b.shows(c.device()); state != olmkeys.StateNew {
		t.Errorf("C is shown as %q", state)
	}
}

// visitor is a member that the server makes up: with the proof if it knows the link, and any Curve25519 key.
func visitor(t *testing.T, like wire.Member, room, secret, device string, curve []byte) wire.Member {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	lp := func(b []byte, s string) []byte { return append(binary.BigEndian.AppendUint16(b, uint16(len(s))), s...) }
	m := wire.Member{Device: wire.Device{User: "@ghost:localhost", Device: device, JoinID: bytes.Repeat([]byte{9}, 16)}}
	// Room and call stand in the announcement of somebody who is there.
	prefix := []byte("grotto v1 call keys")
	end := len(prefix) + 2 + len(room) + 2 + 16
	keys := bytes.Clone(like.CallKeys[:end])
	keys = lp(keys, m.User)
	keys = lp(keys, m.Device.Device)
	keys = append(keys, m.JoinID...)
	keys = append(keys, public...)
	keys = append(keys, curve...)
	m.CallKeys = append(keys, like.CallKeys[len(like.CallKeys)-ekSize:]...)
	sum := sha256.Sum256(m.CallKeys)
	m.Sig = ed25519.Sign(private, []byte("grotto call keys v1 "+base64.RawStdEncoding.EncodeToString(sum[:])))
	raw, err := base64.RawURLEncoding.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	prk, err := hkdf.Extract(sha256.New, raw, []byte("grotto v1 link"))
	if err != nil {
		t.Fatal(err)
	}
	proofKey, err := hkdf.Expand(sha256.New, prk, string(lp([]byte("proof"), room)), 32)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, proofKey)
	mac.Write(m.CallKeys)
	m.Proof = mac.Sum(nil)
	return m
}

func goodCurve() []byte { return append([]byte{9}, make([]byte, 31)...) }

// TestK6_TheServerAddsAGhost: a device that the server made up and that does not know the link is sent nothing, and it
// is shown. With the link it is somebody like others, and is sent keys once it can be: the proof is what keeps it out.
func TestK6_TheServerAddsAGhost(t *testing.T) {
	for _, known := range []bool{false, true} {
		h, secret := newHostile(t), newSecret()
		a := h.join(secret, Config{Name: "A"}, "opus.ogg")
		b := h.join(secret, Config{Name: "B"})
		b.listens(t, a.device(), 20)
		linkOfGhost := newSecret()
		if known {
			linkOfGhost = secret
		}
		ghost := visitor(t, h.connOf(a.device()).Member(), a.Report().Room, linkOfGhost, "GHOSTGHOST", goodCurve())
		var claims, sent atomic.Int64
		h.relay.FromClient(func(_ *relay.Conn, m wire.ClientMessage) []wire.ClientMessage {
			switch m := m.(type) {
			case *wire.ClaimKeys:
				claims.Add(int64(len(m.Devices)))
			case *wire.ToDevice:
				for _, e := range m.Messages {
					if e.To.Device == ghost.Device.Device {
						sent.Add(1)
					}
				}
			}
			return []wire.ClientMessage{m}
		})
		for _, device := range []string{a.device(), b.device()} {
			if err := h.connOf(device).ToClient(&wire.Roster{Version: 99, Joined: []wire.Member{ghost}}); err != nil {
				t.Fatal(err)
			}
		}
		want := olmkeys.StateWrongSecret
		if known {
			want = olmkeys.StateWaiting
		}
		eventually(t, "the ghost is shown", func() bool {
			atA, _ := a.shows(ghost.Device.Device)
			atB, _ := b.shows(ghost.Device.Device)
			return atA == want && atB == want
		})
		b.listens(t, a.device(), 150) // three seconds, in which it would be dialled
		if known != (claims.Load() > 0) || sent.Load() > 0 {
			t.Errorf("with the link %v: dialled %d times, sent %d messages", known, claims.Load(), sent.Load())
		}
	}
}

// TestK7_TheServerShowsTwoLists: a device that has the link is shown to A and hidden from B (K6: one is hidden). A and
// B are warned of each other; and no longer when the server tells B as well.
func TestK7_TheServerShowsTwoLists(t *testing.T) {
	h, secret := newHostile(t), newSecret()
	a := h.join(secret, Config{Name: "A"}, "opus.ogg")
	b := h.join(secret, Config{Name: "B"})
	b.listens(t, a.device(), 20)
	var mu sync.Mutex
	hidden := map[string]wire.Member{}
	h.relay.FromServer(forMembers(func(to *relay.Conn, m *wire.Member) bool {
		if to.Member().Device.Device != b.device() {
			return true
		}
		mu.Lock()
		defer mu.Unlock()
		hidden[m.Device.Device] = *m
		return false
	}))
	c := h.join(secret, Config{Name: "C"})
	began := time.Now()
	warned := func() bool {
		_, atA := a.shows(b.device())
		_, atB := b.shows(a.device())
		return atA == olmkeys.WarnRosterDiffers && atB == olmkeys.WarnRosterDiffers
	}
	eventually(t, "A and B are warned of each other", warned)
	took := time.Since(began)
	t.Logf("both warned after %v", took)
	if took > 8*time.Second { // 5 s in virtual time; this machine has other work
		t.Errorf("both are warned after %v", took)
	}
	b.listens(t, a.device(), 20)
	c.listens(t, a.device(), 20)
	// But for the warning the attack works: C hears A, and nothing that B is shown tells of C.
	atA, _ := a.shows(c.device())
	atB, _ := b.shows(c.device())
	if ofA, _ := b.shows(a.device()); atA != olmkeys.StateNew || atB != "" || ofA != olmkeys.StateNew {
		t.Errorf("C is %q to A and %q to B, A is %q to B: the test shows nothing", atA, atB, ofA)
	}
	h.relay.FromServer(nil)
	mu.Lock()
	member := hidden[c.device()]
	mu.Unlock()
	if err := h.connOf(b.device()).ToClient(&wire.Roster{Version: 99, Joined: []wire.Member{member}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the warning is taken back", func() bool {
		_, atA := a.shows(b.device())
		_, atB := b.shows(a.device())
		return atA == "" && atB == ""
	})
}

// TestK9_TheServerWithholdsALeave: B leaves, the server tells nobody; the sealed word of B is enough for A to change
// its key. Without that word too, A goes on as before: this is what the roster hash is for.
func TestK9_TheServerWithholdsALeave(t *testing.T) {
	for _, sealed := range []bool{true, false} {
		h, secret := newHostile(t), newSecret()
		a := h.join(secret, Config{Name: "A"}, "opus.ogg")
		b := h.join(secret, Config{Name: "B"})
		b.listens(t, a.device(), 20)
		h.relay.FromServer(func(_ *relay.Conn, m wire.ServerMessage) []wire.ServerMessage {
			switch m := m.(type) {
			case *wire.Roster:
				m.Left = nil
			case *wire.Data:
				if !sealed {
					return nil
				}
			}
			return []wire.ServerMessage{m}
		})
		generation := a.Report().Generation
		left := time.Now()
		b.Leave()
		if sealed {
			eventually(t, "A uses another key", func() bool { return a.Report().Generation > generation })
			continue
		}
		sent := a.Report().Sent[0].Frames
		eventually(t, "A talks on", func() bool { return a.Report().Sent[0].Frames > sent+100 })
		if now := a.Report().Generation; now != generation {
			t.Errorf("A was told by nobody and uses generation %d %v later", now, time.Since(left))
		}
	}
}

// TestK11_TheServerDropsKeys: no Olm message arrives for ten seconds, the first with the ML-KEM ciphertext among them. The
// tile says that the key is missing; three seconds after the server delivers again everybody is heard.
func TestK11_TheServerDropsKeys(t *testing.T) {
	h, secret := newHostile(t), newSecret()
	var dropped atomic.Int64
	h.relay.FromServer(func(_ *relay.Conn, m wire.ServerMessage) []wire.ServerMessage {
		if _, ok := m.(*wire.DeviceMessage); ok {
			dropped.Add(1)
			return nil
		}
		return []wire.ServerMessage{m}
	})
	a := h.join(secret, Config{Name: "A"}, "opus.ogg")
	b := h.join(secret, Config{Name: "B"}, "opus.ogg")
	eventually(t, "keys are asked for and frames come, for ten seconds", func() bool {
		return refusedFrames(b.Report()) > 500 && refusedFrames(a.Report()) > 450
	})
	for _, pair := range [][2]*Call{{a, b}, {b, a}} {
		if state, _ := pair[0].shows(pair[1].device()); state != olmkeys.StateWaiting {
			t.Errorf("shown as %q", state)
		}
	}
	if n := dropped.Load(); n < 4 || n > 40 {
		t.Errorf("%d messages were dropped", n)
	}
	h.relay.FromServer(nil)
	began := time.Now()
	a.listens(t, b.device(), 1)
	b.listens(t, a.device(), 1)
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("heard %v after the server delivered again", took)
	}
}

// TestK12_OneTimeKeysDrained: a member claims all one-time keys of A that the server lets it have, a thousand a second.
// The server refuses most, A goes on uploading, and a newcomer and A have each other's keys, were it by the fallback key,
// for there are no others of A any more. With nothing to dial with there is no session: TestPrivateWaitsForSession in olmkeys.
func TestK12_OneTimeKeysDrained(t *testing.T) {
	h, secret := newHostile(t), newSecret()
	a := h.join(secret, Config{Name: "A"}, "opus.ogg")
	var mu sync.Mutex
	var thief *session
	m := h.join(secret, Config{Name: "M", observe: func(s *session, _ olmkeys.Effect) { mu.Lock(); thief = s; mu.Unlock() }})
	m.listens(t, a.device(), 20)
	target := h.connOf(a.device()).Member().Device
	var handed, fallbacks, uploaded, refused atomic.Int64
	seen := map[string]int{}
	var withhold atomic.Bool
	withhold.Store(true)
	h.relay.FromServer(func(_ *relay.Conn, msg wire.ServerMessage) []wire.ServerMessage {
		switch msg := msg.(type) {
		case *wire.ClaimedKeys:
			mu.Lock()
			defer mu.Unlock()
			for _, k := range msg.Keys {
				handed.Add(1)
				switch {
				case k.Key.Fallback:
					fallbacks.Add(1)
				case withhold.Load() && fallbacks.Load() > 0 && k.Device.Device == target.Device:
					t.Error("a one-time key of A after the fallback key: the test shows nothing")
				default:
					seen[string(k.Key.Key)]++
				}
			}
		case *wire.Error:
			refused.Add(1)
		}
		return []wire.ServerMessage{msg}
	})
	h.relay.FromClient(func(c *relay.Conn, msg wire.ClientMessage) []wire.ClientMessage {
		if up, ok := msg.(*wire.UploadKeys); ok && c.Member().Device.Device == a.device() {
			uploaded.Add(int64(len(up.OneTimeKeys)))
			if withhold.Load() { // so that they do run out
				up.OneTimeKeys = nil
			}
		}
		return []wire.ClientMessage{msg}
	})
	for range 10 { // a hundred a request
		devices := make([]wire.Device, 100)
		for i := range devices {
			devices[i] = target
		}
		thief.post(func() { thief.request(&wire.ClaimKeys{Devices: devices}) })
	}
	eventually(t, "the server answers and refuses", func() bool { return handed.Load() >= 100 && refused.Load() > 0 })
	if n := handed.Load(); n > 500 {
		t.Errorf("one client was handed %d keys", n)
	}
	if fallbacks.Load() == 0 {
		t.Error("the one-time keys did not run out: the test shows nothing")
	}
	b := h.join(secret, Config{Name: "B"}, "opus.ogg")
	began := time.Now()
	b.listens(t, a.device(), 1)
	a.listens(t, b.device(), 1)
	t.Logf("%d keys handed out, %d times the fallback key, %d requests refused; heard after %v", handed.Load(), fallbacks.Load(), refused.Load(), time.Since(began))
	withhold.Store(false)
	if uploaded.Load() == 0 {
		t.Error("A uploaded no further keys")
	}
	mu.Lock()
	defer mu.Unlock()
	for _, times := range seen {
		if times > 1 {
			t.Error("a one-time key was handed out twice")
		}
	}
}

// TestK13_LowOrderKeys: a member of the server's making, who knows the link, announces a Curve25519 key of small order
// under valid signature and proof. It is refused; the same with another key is not.
func TestK13_LowOrderKeys(t *testing.T) {
	h, secret := newHostile(t), newSecret()
	a := h.join(secret, Config{Name: "A"}, "opus.ogg")
	room, like := a.Report().Room, h.connOf(a.device()).Member()
	for device, c := range map[string]struct {
		curve []byte
		want  olmkeys.PeerState
	}{
		"GHOSTZERO1": {make([]byte, 32), olmkeys.StateRefused},
		"GHOSTONE22": {append([]byte{1}, make([]byte, 31)...), olmkeys.StateRefused},
		"GHOSTFINE3": {goodCurve(), olmkeys.StateWaiting},
	} {
		ghost := visitor(t, like, room, secret, device, c.curve)
		if err := h.connOf(a.device()).ToClient(&wire.Roster{Version: 99, Joined: []wire.Member{ghost}}); err != nil {
			t.Fatal(err)
		}
		eventually(t, device+" is shown", func() bool { state, _ := a.shows(device); return state == c.want })
	}
}

// TestK17_TheServerBringsBackAJoin: A leaves and comes back under a new join id. The server announces the old one again,
// plays its first Olm messages and its frames. Nothing of it is accepted.
func TestK17_TheServerBringsBackAJoin(t *testing.T) {
	h, secret := newHostile(t), newSecret()
	var tape recording
	h.sends(func(tap sfu.TapPacket, p *rtp.Packet) []sfu.Forgery { tape.take(tap, p); return asSent(p) })
	var mu sync.Mutex
	var shares []*wire.DeviceMessage
	var left atomic.Bool
	h.relay.FromServer(func(_ *relay.Conn, m wire.ServerMessage) []wire.ServerMessage {
		switch m := m.(type) {
		case *wire.DeviceMessage:
			again := *m
			again.Seq = 0
			mu.Lock()
			shares = append(shares, &again)
			mu.Unlock()
		case *wire.Roster:
			left.Store(left.Load() || len(m.Left) > 0)
		}
		return []wire.ServerMessage{m}
	})
	b := h.join(secret, Config{Name: "B"})
	old := h.join(secret, Config{Name: "A"}, "opus.ogg")
	oldDevice := old.device()
	b.listens(t, oldDevice, 60)
	member := h.connOf(oldDevice).Member()
	old.Leave()
	eventually(t, "A has left", left.Load)
	a := h.join(secret, Config{Name: "A"}, "opus.ogg")
	b.listens(t, a.device(), 20)

	conn := h.connOf(b.device())
	opened := b.trackOf(oldDevice, wire.SourceMic).FramesOpened
	mu.Lock()
	again := []wire.ServerMessage{&wire.Roster{Version: 99, Joined: []wire.Member{member}}}
	for _, m := range shares {
		if m.From.Device == oldDevice {
			again = append(again, m)
		}
	}
	mu.Unlock()
	if len(again) < 2 {
		t.Fatal("nothing was recorded")
	}
	// Its frames, on the new A's track, which is announced as the old one's.
	h.relay.FromServer(forClient(b.device(), func(m wire.ServerMessage) []wire.ServerMessage {
		if offer, ok := m.(*wire.SubscribeOffer); ok {
			for i, s := range offer.Tracks {
				if s.From.Device != a.device() {
					offer.Tracks[i].From = member.Device
				}
			}
		}
		return []wire.ServerMessage{m}
	}))
	for _, m := range again {
		if err := conn.ToClient(m); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the old join is refused", func() bool {
		state, _ := b.shows(oldDevice)
		return state == olmkeys.StateRefused
	})
	frames := tape.all()
	var n atomic.Int64
	var first atomic.Value
	h.sends(func(tap sfu.TapPacket, p *rtp.Packet) []sfu.Forgery {
		first.CompareAndSwap(nil, tap.Publisher)
		if tap.Publisher == first.Load() { // A, who is there before C
			return asSent(p)
		}
		return []sfu.Forgery{{Packet: with(p, frames[int(n.Add(1))%len(frames)], 0)}}
	})
	eventually(t, "A sends", func() bool { return first.Load() != nil })
	h.join(secret, Config{Name: "C"}, "opus.ogg")
	eventually(t, "the old frames come", func() bool {
		return b.trackOf(oldDevice, wire.SourceMic).FramesNoKey+b.trackOf(oldDevice, wire.SourceMic).FramesFailed > 50
	})
	if now := b.trackOf(oldDevice, wire.SourceMic).FramesOpened; now != opened {
		t.Errorf("%d recorded frames opened", now-opened)
	}
	b.listens(t, a.device(), 20)
}

// TestK18_TheServerRenamesSpeakers: what C says comes once more as A's and as that of somebody without a proof. Nobody is
// shown under a name that is not its own.
func TestK18_TheServerRenamesSpeakers(t *testing.T) {
	h, secret := newHostile(t), newSecret()
	a := h.join(secret, Config{Name: "Ada"})
	asA := h.connOf(a.device()).Member().Device
	ghost := visitor(t, h.connOf(a.device()).Member(), a.Report().Room, newSecret(), "GHOSTGHOST", goodCurve())
	var renamed atomic.Int64
	h.relay.FromServer(func(to *relay.Conn, m wire.ServerMessage) []wire.ServerMessage {
		d, ok := m.(*wire.Data)
		if !ok || d.From.Device == a.device() || to.Member().Device.Device == a.device() {
			return []wire.ServerMessage{m}
		}
		renamed.Add(1)
		asAda, asGhost := *d, *d
		asAda.Seq, asGhost.Seq, asAda.From, asGhost.From = 0, 0, asA, ghost.Device
		return []wire.ServerMessage{&asAda, &asGhost, d}
	})
	b := h.join(secret, Config{Name: "Ben"})
	if err := h.connOf(b.device()).ToClient(&wire.Roster{Version: 99, Joined: []wire.Member{ghost}}); err != nil {
		t.Fatal(err)
	}
	c := h.join(secret, Config{Name: "Mallory"})
	eventually(t, "names are known", func() bool {
		return b.state("Ada") == olmkeys.StateNew && b.state("Mallory") == olmkeys.StateNew && renamed.Load() > 1
	})
	for _, p := range b.Report().Participants {
		want := map[string]string{a.device(): "Ada", c.device(): "Mallory", ghost.Device.Device: stranger}[p.Device]
		if p.Name != want {
			t.Errorf("%s is shown as %q", p.Device, p.Name)
		}
	}
	// The renamed frames have come: the same bytes, under their own name, said that it is Mallory.
	eventually(t, "renamed frames are refused", func() bool {
		f := b.faults(t)
		return f[olmkeys.ErrNotAdmitted.Error()] > 0 && f[olmkeys.ErrData.Error()]+f[olmkeys.ErrDataOrder.Error()] > 0
	})
}
