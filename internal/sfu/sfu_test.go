package sfu

import (
	"bytes"
	"testing"
)

func TestEverybodyGetsTheOthers(t *testing.T) {
	for _, test := range []struct {
		name   string
		codecs []string // one peer each
	}{
		{"two", []string{"vp8", "vp9"}},
		{"three", []string{"vp8", "vp9", "av1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			room := newSFU(t, Config{}).Room("r")
			var clients []*client
			for i, codec := range test.codecs {
				c := join(t, room, string(rune('A'+i))+" \r\n=") // opaque, even if it looks like an attack
				c.add("mic\r\n", "opus")
				c.add("cam", codec)
				c.publish()
				clients = append(clients, c)
			}
			for _, c := range clients {
				for _, other := range clients {
					if other == c {
						continue
					}
					for label, cam := range other.up {
						p := c.next(label+" of "+other.id, func(p packet) bool { return p.Peer == other.id && p.Label == label })
						if p.Codec != cam.codec {
							t.Errorf("codec %s, want %s", p.Codec, cam.codec)
						}
						if want := cam.payload(p.SequenceNumber); !bytes.Equal(p.Payload, want) {
							t.Errorf("%s of %s: payload differs", label, other.id)
						}
						if cam.codec != "opus" {
							c.next("key frame", func(p packet) bool { return p.Peer == other.id && p.Label == label && KeyFrame(p.Codec, p.Payload) })
						}
					}
				}
				for _, p := range c.seen {
					if p.Peer == c.id {
						t.Errorf("%s got its own %s", c.id, p.Label)
					}
				}
			}
		})
	}
}
