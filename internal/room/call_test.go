package room

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/grotto-meet/grotto/internal/wire"
)

func TestWelcomeAndJoin(t *testing.T) {
	within(t, Config{ServerName: "meet.example", Version: "0.1"}, func(b *bench) {
		ada := b.connect()
		w := ada.hello("blue-harbour")
		if w.ID != 1 || w.Version != wire.Version || w.Server != "0.1" || w.Room != "!blue-harbour:meet.example" || w.ResumeSecs != 30 {
			t.Errorf("welcome %+v", w)
		}
		if !regexp.MustCompile(`^@guest-[a-z0-9]{8}:meet\.example$`).MatchString(w.User) || !wire.ValidDeviceID(w.DeviceID) {
			t.Errorf("user %s, device %s", w.User, w.DeviceID)
		}
		joined := ada.join(1)
		if joined.Version != 1 || len(joined.Members) != 1 || !sameDevice(&joined.Members[0].Device, &ada.self) {
			t.Errorf("joined %+v", joined)
		}

		bob := b.connect()
		bob.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Device: "BOBSDEVICE"})
		bob.welcome = want[*wire.Welcome](bob)
		if bob.welcome.DeviceID != "BOBSDEVICE" || !bytes.Equal(bob.welcome.Call, w.Call) || bob.welcome.User == w.User {
			t.Errorf("welcome %+v", bob.welcome)
		}
		ada.quiet() // a hello is not a join
		joined = bob.join(2)
		if joined.Version != 2 || len(joined.Members) != 2 || !sameDevice(&joined.Members[0].Device, &ada.self) {
			t.Errorf("joined %+v", joined)
		}
		change := want[*wire.Roster](ada)
		if change.Version != 2 || len(change.Left) != 0 || len(change.Joined) != 1 || !sameDevice(&change.Joined[0].Device, &bob.self) ||
			!bytes.Equal(change.Joined[0].CallKeys, octets(2, 96)) || !bytes.Equal(change.Joined[0].Proof, octets(2, 32)) {
			t.Errorf("roster %+v", change)
		}

		bob.send(&wire.Leave{})
		want[*wire.OK](bob)
		if !bob.gone() || bob.sock.closedWith() != "" {
			t.Errorf("left, but the socket is open or closed with %q", bob.sock.closedWith())
		}
		change = want[*wire.Roster](ada)
		if change.Version != 3 || len(change.Joined) != 0 || len(change.Left) != 1 || !sameDevice(&change.Left[0], &bob.self) {
			t.Errorf("roster %+v", change)
		}
		if !b.media.order[1].isClosed() || b.media.order[0].isClosed() {
			t.Error("the wrong media peer was closed")
		}
	})
}

// The sender is the session's, whatever the client says; K4 and K18 rest on more than this, but it is where it begins.
func TestRelayStampsTheSender(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		people := b.call(3)
		ada, bob, eve := people[0], people[1], people[2]
		ada.send(&wire.ToDevice{Messages: []wire.Envelope{envelopeTo(bob.self, "b2xt")}})
		want[*wire.OK](ada)
		got := want[*wire.DeviceMessage](bob)
		if !sameDevice(&got.From, &ada.self) || got.Envelope.Body != "b2xt" || got.Envelope.Olm != 1 {
			t.Errorf("%+v", got)
		}
		eve.quiet()

		ada.send(&wire.SendData{Body: octets(7, 20)})
		want[*wire.OK](ada)
		for _, c := range []*client{bob, eve} {
			data := want[*wire.Data](c)
			if !sameDevice(&data.From, &ada.self) || !bytes.Equal(data.Body, octets(7, 20)) {
				t.Errorf("%+v", data)
			}
		}
		ada.quiet()

		// To some: each once, whoever is named, and however often.
		gone := wire.Device{User: "@gone:x", Device: "GONEGONEGO", JoinID: octets(9, 16)}
		ada.send(&wire.SendData{To: []wire.Device{bob.self, gone, bob.self, ada.self}, Body: octets(8, 20)})
		want[*wire.OK](ada)
		if data := want[*wire.Data](bob); !bytes.Equal(data.Body, octets(8, 20)) {
			t.Errorf("%+v", data)
		}
		for _, c := range []*client{ada, bob, eve} {
			c.quiet()
		}

		// Eve names another sender: refused, not relayed.
		eve.id++
		eve.raw(`{"type":"send_data","id":` + "4" + `,"body":"AAAA","from":{"user":"` + ada.self.User + `"}}`)
		eve.wantError(wire.CodeBadMessage)
		bob.quiet()
	})
}

// A changed proof goes to everybody else now, and stands in every list from then on.
func TestProveReplacesTheProof(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		people := b.call(2)
		ada, bob := people[0], people[1]
		id := ada.send(&wire.Prove{Proof: octets(77, 32)})
		if got := want[*wire.OK](ada); got.ID != id {
			t.Errorf("%+v", got)
		}
		got := want[*wire.Proof](bob)
		if !sameDevice(&got.Device, &ada.self) || !bytes.Equal(got.Proof, octets(77, 32)) {
			t.Errorf("%+v", got)
		}
		ada.quiet()

		cyd := b.connect()
		cyd.hello("blue-harbour")
		for i, m := range cyd.join(3).Members {
			if want := [][]byte{octets(77, 32), octets(2, 32), octets(3, 32)}[i]; !bytes.Equal(m.Proof, want) {
				t.Errorf("member %d is listed with another proof", i)
			}
		}
	})
}

func TestProveIsReplayedAndBounded(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		people := b.call(2)
		ada, bob := people[0], people[1]
		bob.sock.Abort()
		synctest.Wait()
		for i := range byte(provesBurst) {
			ada.send(&wire.Prove{Proof: octets(i, 32)})
			want[*wire.OK](ada)
		}
		ada.send(&wire.Prove{Proof: octets(99, 32)})
		ada.wantError(wire.CodeRateLimited)
		bob.resume()
		want[*wire.Resumed](bob)
		for i := range byte(provesBurst) {
			if got := want[*wire.Proof](bob); !bytes.Equal(got.Proof, octets(i, 32)) {
				t.Errorf("%+v", got)
			}
		}
		bob.quiet()
	})
}

// Whoever has left the roster is not heard any more, even while its socket still stands.
func TestNothingFromAnEndedSession(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		people := b.call(2)
		ada, bob := people[0], people[1]
		ada.sock.lingers = true
		b.media.order[0].to.Failed(errRefused)
		want[*wire.Bye](ada)
		want[*wire.Roster](bob)
		ada.send(&wire.SendData{Body: octets(1, 8)})
		ada.send(&wire.ToDevice{Messages: []wire.Envelope{envelopeTo(bob.self, "AAAA")}})
		ada.send(&wire.ClaimKeys{Devices: []wire.Device{bob.self}})
		ada.send(&wire.Prove{Proof: octets(1, 32)})
		ada.send(&wire.Publish{SDP: "offer", Tracks: []wire.Publication{}})
		ada.send(joinMessage(9, 0))
		bob.quiet()
		ada.quiet()
		if got := b.media.order[0].done(); len(got) != 0 || len(b.media.order) != 2 {
			t.Errorf("%v", got)
		}
	})
}

func TestToDeviceOfSomeoneGone(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		people := b.call(2)
		ada, bob := people[0], people[1]
		old := bob.self
		old.JoinID = octets(200, 16) // the same device in another join is another one
		ada.send(&wire.ToDevice{Messages: []wire.Envelope{envelopeTo(old, "AAAA"), envelopeTo(bob.self, "BBBB")}})
		if e := ada.wantError(wire.CodeUnknownDevice); e.ID != 3 || e.Hint == "" {
			t.Errorf("%+v", e)
		}
		if got := want[*wire.DeviceMessage](bob); got.Envelope.Body != "BBBB" {
			t.Errorf("%+v", got)
		}
		bob.quiet()
	})
}

func TestClaimsHandOutOnceThenFallback(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		people := b.call(2)
		ada, bob := people[0], people[1]
		claim := func() wire.SignedKey {
			ada.send(&wire.ClaimKeys{Devices: []wire.Device{bob.self}})
			keys := want[*wire.ClaimedKeys](ada).Keys
			if len(keys) != 1 || !sameDevice(&keys[0].Device, &bob.self) {
				t.Fatalf("%+v", keys)
			}
			return keys[0].Key
		}
		seen := map[string]bool{}
		for left := 2; left >= 0; left-- {
			key := claim()
			if key.Fallback || seen[key.KeyID] {
				t.Errorf("key %s again or too early", key.KeyID)
			}
			seen[key.KeyID] = true
			if n := want[*wire.KeyCount](bob).OneTimeKeys; n != left {
				t.Errorf("%d left, want %d", n, left)
			}
		}
		for range 2 {
			if key := claim(); !key.Fallback {
				t.Errorf("%+v, want the fallback key", key)
			}
			want[*wire.KeyCount](bob)
		}

		newer := signedKey("newer", 50)
		newer.Fallback = true
		bob.send(&wire.UploadKeys{OneTimeKeys: []wire.SignedKey{signedKey("fresh", 40), signedKey("fresh", 40)}, FallbackKey: &newer})
		want[*wire.OK](bob)
		if key := claim(); key.KeyID != "fresh" {
			t.Errorf("%+v", key)
		}
		want[*wire.KeyCount](bob)
		if key := claim(); key.KeyID != "newer" {
			t.Errorf("%+v", key)
		}
		want[*wire.KeyCount](bob)

		gone := bob.self
		gone.Device = "ELSEWHERE0"
		ada.send(&wire.ClaimKeys{Devices: []wire.Device{gone}})
		if keys := want[*wire.ClaimedKeys](ada).Keys; len(keys) != 0 {
			t.Errorf("%+v", keys)
		}
	})
}

func TestKeyStoreIsBounded(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		bob := b.call(1)[0]
		upload := func(first, n int) {
			m := &wire.UploadKeys{}
			for i := range n {
				m.OneTimeKeys = append(m.OneTimeKeys, signedKey("u"+strings.Repeat("x", (first+i)%50)+string(rune('A'+(first+i)/50)), 1))
			}
			bob.send(m)
		}
		upload(0, 97)
		want[*wire.OK](bob)
		upload(97, 1)
		bob.wantError(wire.CodeTooLarge)
	})
}

func TestCallIDsLastAsLongAsTheRoomIsOccupied(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		ada := b.connect()
		first := ada.hello("blue-harbour").Call
		if other := b.connect().hello("red-harbour").Call; bytes.Equal(other, first) {
			t.Error("two rooms have one call id")
		}
		bob := b.connect()
		if got := bob.hello("blue-harbour").Call; !bytes.Equal(got, first) {
			t.Error("the call id changed in an occupied room")
		}
		ada.send(&wire.Leave{})
		want[*wire.OK](ada)
		eve := b.connect()
		if got := eve.hello("blue-harbour").Call; !bytes.Equal(got, first) {
			t.Error("the call id changed though somebody had said hello")
		}
		for _, c := range []*client{bob, eve} {
			c.send(&wire.Leave{})
			want[*wire.OK](c)
		}
		synctest.Wait()
		if got := b.connect().hello("blue-harbour").Call; bytes.Equal(got, first) {
			t.Error("an emptied room kept its call id")
		}
		if b.server.mu.Lock(); len(b.server.sessions) != 2 || len(b.server.calls) != 2 { // the last one, and red-harbour
			t.Errorf("%d sessions and %d calls are kept", len(b.server.sessions), len(b.server.calls))
		}
		b.server.mu.Unlock()
	})
}

func TestMedia(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		people := b.call(2)
		ada, bob := people[0], people[1]
		peerA, peerB := b.media.order[0], b.media.order[1]
		if peerA.call != peerB.call || peerA.name == peerB.name {
			t.Errorf("peers %+v %+v", peerA, peerB)
		}
		mic := []wire.Publication{{MID: "0", Source: wire.SourceMic, Codec: wire.CodecOpus}}
		ada.send(&wire.Publish{SDP: "offer", Tracks: mic})
		if got := want[*wire.Published](ada).SDP; got != "answer to offer" {
			t.Error(got)
		}
		ada.send(&wire.Publish{SDP: "bad", Tracks: mic})
		if e := ada.wantError(wire.CodeBadSDP); !strings.Contains(e.Message, errRefused.Error()) {
			t.Errorf("%+v", e)
		}
		// One track of Ada's, and one of somebody who has left meanwhile.
		peerB.to.Offer(7, "offer 7", []MediaTrack{{"0", peerA.name, wire.SourceMic, wire.CodecOpus}, {"1", "long gone", wire.SourceMic, wire.CodecOpus}})
		offer := want[*wire.SubscribeOffer](bob)
		if offer.Offer != 7 || offer.SDP != "offer 7" || len(offer.Tracks) != 1 || !sameDevice(&offer.Tracks[0].From, &ada.self) || offer.Tracks[0].MID != "0" {
			t.Errorf("%+v", offer)
		}
		bob.send(&wire.SubscribeAnswer{Offer: 7, SDP: "yes"})
		want[*wire.OK](bob)
		bob.send(&wire.SubscribeAnswer{Offer: 7, SDP: "bad"})
		bob.wantError(wire.CodeBadSDP)
		peerB.to.Failed(errRefused)
		if bye := want[*wire.Bye](bob); bye.Code != wire.CodeMediaLost || !bob.gone() || !peerB.isClosed() {
			t.Errorf("%+v", bye)
		}
		if left := want[*wire.Roster](ada).Left; len(left) != 1 || !sameDevice(&left[0], &bob.self) {
			t.Errorf("%+v", left)
		}
		peerB.to.Offer(8, "offer 8", nil) // late, and without anybody to send it to
		peerB.to.Failed(errRefused)
		bob.quiet()
	})
}

func TestWithoutMedia(t *testing.T) {
	within(t, Config{Media: noMedia{}}, func(b *bench) {
		ada := b.call(1)[0]
		ada.send(&wire.Publish{SDP: "offer", Tracks: []wire.Publication{}})
		ada.wantError(wire.CodeUnsupported)
	})
}
