package room

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/grotto-meet/grotto/internal/bucket"
	"github.com/grotto-meet/grotto/internal/wire"
)

// S2: what somebody floods a call with does not reach the others but for the rate; without the limit it does.
func TestS2_FloodOfData(t *testing.T) {
	const flood, size = 150, 40000
	reached := func(t *testing.T) (n int) {
		within(t, Config{}, func(b *bench) {
			people := b.call(3)
			ada, bob, eve := people[0], people[1], people[2]
			for range flood {
				if eve.gone() {
					break
				}
				eve.send(&wire.SendData{Body: octets(1, size)})
			}
			for len(bob.sock.out) > 0 {
				if _, isData := bob.next().(*wire.Data); isData {
					n++
				}
			}
			for len(ada.sock.out) > 0 {
				ada.next()
			}
			ada.send(&wire.SendData{Body: octets(2, 8)})
			want[*wire.OK](ada)
			if d := want[*wire.Data](bob); !sameDevice(&d.From, &ada.self) {
				t.Errorf("%+v", d)
			}
		})
		return n
	}
	if n := reached(t); n > dataBurst/size+1 {
		t.Errorf("%d of %d came through", n, flood)
	}
	defer func(data, bytes, messages bucket.Limit) { ofData, ofBytes, ofMessages = data, bytes, messages }(ofData, ofBytes, ofMessages)
	none := bucket.Limit{Rate: 1e12, Burst: 1e12}
	ofData, ofBytes, ofMessages = none, none, none
	if n := reached(t); n != flood {
		t.Errorf("without the limit %d of %d came through: the test is blind", n, flood)
	}
}

// S2: nesting as deep as a message is long is refused like any other nonsense, at hello and later.
func TestS2_DeepNesting(t *testing.T) {
	const deep = wire.MaxMessageSize - 100
	for name, text := range map[string]string{
		"arrays":            strings.Repeat("[", deep),
		"objects":           strings.Repeat(`{"a":`, deep/5),
		"in a field":        `{"type":"hello","id":1,"version":1,"room":"blue-harbour","x":` + strings.Repeat("[", deep),
		"that is closed":    `{"type":"hello","id":1,"version":1,"room":"blue-harbour","x":` + strings.Repeat("[", deep/2-50) + strings.Repeat("]", deep/2-50) + `}`,
		"in a list of ours": `{"type":"to_device","id":1,"messages":` + strings.Repeat("[", deep/2-50) + strings.Repeat("]", deep/2-50) + `}`,
	} {
		within(t, Config{}, func(b *bench) {
			stranger := b.connect()
			stranger.raw(text)
			stranger.wantError(wire.CodeBadMessage)
			people := b.call(2)
			people[0].raw(text)
			people[0].wantError(wire.CodeBadMessage)
			people[1].ping()
			if !stranger.gone() {
				t.Errorf("%s: still there", name)
			}
		})
	}
}

// S2: sockets that say nothing keep nobody out, and are gone after ten seconds, answering pings or not.
func TestS2_ManySilentSockets(t *testing.T) {
	const silent = 300
	overPipe(t, func(t *testing.T, s *Server, dial dialer) {
		for range silent {
			ws := mustDial(t, dial)
			go func() { // pongs
				for {
					if _, _, err := ws.ReadMessage(); err != nil {
						return
					}
				}
			}()
		}
		ada := mustDial(t, dial)
		write(t, ada, websocket.TextMessage, helloText)
		if _, ok := read(t, ada).(*wire.Welcome); !ok {
			t.Error("no welcome")
		}
		synctest.Wait() // a client is done with the handshake before the server is
		if n := s.Stats().Sockets; n != silent+1 {
			t.Errorf("%d sockets", n)
		}
		time.Sleep(helloTimeout + closeTimeout)
		if n := s.Stats().Sockets; n != 1 {
			t.Errorf("%d sockets are left", n)
		}
	})
}
