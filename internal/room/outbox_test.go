package room

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/grotto-meet/grotto/internal/wire"
)

// The outbox against the simplest thing that could be right: over any number of broken sockets, at any moment, a
// client reads 1, 2, 3 ... without a gap, a double or a word from another message.
func TestOutboxLosesNothingOverManySockets(t *testing.T) {
	for seed := range uint64(30) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 2))
			var o outbox
			sock := newPipe()
			o.attach(sock)
			var pushed, seen uint64
			read := func() {
				for len(sock.out) > 0 {
					text := string(<-sock.out)
					if strings.Contains(text, `"resumed"`) || strings.Contains(text, `"pong"`) {
						continue
					}
					seen++
					if want := fmt.Sprintf(`"seq":%d,`, seen); !strings.Contains(text, want) || !strings.Contains(text, fmt.Sprintf(`"one_time_keys":%d}`, seen)) {
						t.Fatalf("seed %d: got %s, want %s", seed, text, want)
					}
				}
			}
			for range 500 {
				switch rng.IntN(8) {
				case 0:
					o.push(&wire.KeyCount{OneTimeKeys: int(pushed + 1)})
					pushed++
				case 1, 2:
					o.pushShared(share(&wire.KeyCount{OneTimeKeys: int(pushed + 1)}))
					pushed++
				case 3:
					synctest.Wait()
					read()
				case 4:
					o.say(sock, &wire.Pong{ID: 1})
				case 5:
					o.confirm(seen)
				case 6: // what is on its way is lost
					o.detach(sock)
					sock.Abort()
				case 7:
					old := sock
					sock = newPipe()
					if _, ok := o.resume(sock, seen, &wire.Resumed{ID: 1}); !ok {
						t.Fatalf("seed %d: cannot resume from %d of %d", seed, seen, pushed)
					}
					old.Abort()
				}
			}
			sock = newPipe()
			if _, ok := o.resume(sock, seen, &wire.Resumed{ID: 1}); !ok {
				t.Fatalf("seed %d: cannot resume", seed)
			}
			synctest.Wait()
			read()
			if seen != pushed {
				t.Errorf("seed %d: %d of %d arrived", seed, seen, pushed)
			}
		})
	}
}

// Every message that goes to many can be numbered after it was encoded.
func TestSharedMessages(t *testing.T) {
	device := wire.Device{User: `@"seq":0:localhost`, Device: "ABCDEFGHIJ", JoinID: octets(1, 16)}
	for _, m := range []wire.ServerMessage{&wire.Roster{Version: 3, Left: []wire.Device{device}}, &wire.Data{From: device, Body: octets(1, 8)}} {
		s := share(m)
		text := string(s.head) + "417" + string(s.tail)
		wire.SetSeq(m, 417)
		if want := string(encode(m)); text != want {
			t.Errorf("got %s, want %s", text, want)
		}
	}
}

// Bytes are bounded as well as messages.
func TestOutboxBytes(t *testing.T) {
	var o outbox
	const size = 40000
	for i := range maxKeptBytes/size + 2 {
		if !o.push(&wire.Data{Body: octets(1, size)}) {
			t.Fatalf("message %d: a client that is away is not slow", i)
		}
	}
	if _, ok := o.resume(newPipe(), 0, &wire.Resumed{}); ok || o.bytes != 0 || len(o.kept) != 0 {
		t.Errorf("%d bytes in %d messages are kept", o.bytes, len(o.kept))
	}
}

func BenchmarkTell200(b *testing.B) {
	c := &call{}
	for range DefaultParticipants {
		c.members = append(c.members, &member{sess: &session{}})
	}
	message := &wire.Data{From: wire.Device{User: "@guest-abcdefgh:localhost", Device: "ABCDEFGHIJ", JoinID: octets(1, 16)}, Body: octets(1, 300)}
	b.ReportAllocs()
	for b.Loop() {
		c.tell(message, nil)
		for _, m := range c.members {
			m.sess.out = outbox{}
		}
	}
}
