package sfu

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/grotto-meet/grotto/internal/sfu/depdesc"
)

// scalable adds a camera whose stream has three spatial layers of two temporal ones, a packet each, sealed as far as an SFU
// can tell.
func (c *client) scalable(label, codec string) *camera {
	c.t.Helper()
	cam := c.add(label, codec)
	cam.layers = []Layer{{"", 320, 180}, {"", 640, 360}, {"", 1280, 720}}
	cam.more = []func(){func() { cam.runLayers(codec) }}
	return cam
}

const svcLayers, svcTemporals = 3, 2

func (cam *camera) runLayers(codec string) {
	go cam.requests(cam.tr.Sender())
	ticker := time.NewTicker(frameInterval)
	defer ticker.Stop()
	number, frame, key := uint16(65500), uint16(0), true
	structure := svcStructure()
	for picture := uint16(1); ; picture++ {
		select {
		case <-cam.quit:
			return
		case <-ticker.C:
		}
		temporal := byte(picture % svcTemporals)
		if key = key || cam.wantKey.Swap(false); key {
			temporal = 0
		}
		for spatial := range byte(svcLayers) {
			p := &rtp.Packet{Header: rtp.Header{Version: 2, Marker: spatial == svcLayers-1, SequenceNumber: number, Timestamp: uint32(picture) * 450}}
			number++
			frame++
			if codec == "vp9" {
				p.Payload = vp9Layer(picture, spatial, temporal, key)
			} else {
				p.Payload = []byte{0x10, 0x32}
				if key && spatial == 0 {
					p.Payload[0] |= 0x08
				}
				cam.describe(p, structure, frame, spatial, temporal, key && spatial == 0)
			}
			p.Payload = append(p.Payload, spatial, temporal, byte(picture>>8), byte(picture))
			p.Payload = append(p.Payload, make([]byte, 50*(1+int(spatial)))...)
			_ = cam.local.WriteRTP(p)
		}
		key = false
	}
}

// vp9Layer is a descriptor in flexible mode, without references: RFC 9628 §4.2.
func vp9Layer(picture uint16, spatial, temporal byte, key bool) []byte {
	first := byte(0xbc) // I, L, F, B, E
	if !key {
		first |= 0x40
	}
	return []byte{first, 0x80 | byte(picture>>8), byte(picture), temporal<<5 | temporal<<4 | spatial<<1}
}

func svcStructure() *depdesc.Structure {
	s := &depdesc.Structure{Offset: 7, DecodeTargets: svcLayers * svcTemporals}
	for spatial := range uint8(svcLayers) {
		for temporal := range uint8(svcTemporals) {
			t := depdesc.Frame{Spatial: spatial, Temporal: temporal}
			for target := range uint8(s.DecodeTargets) {
				switch above := target/svcTemporals < spatial || target%svcTemporals < temporal; {
				case above:
					t.Indications = append(t.Indications, depdesc.NotPresent)
				case temporal == 0:
					t.Indications = append(t.Indications, depdesc.Switch)
				default:
					t.Indications = append(t.Indications, depdesc.Discardable)
				}
			}
			s.Templates = append(s.Templates, t)
		}
	}
	return s
}

func (cam *camera) describe(p *rtp.Packet, s *depdesc.Structure, frame uint16, spatial, temporal byte, attach bool) {
	i := spatial*svcTemporals + temporal
	d := &depdesc.Descriptor{First: true, Last: true, Template: s.Offset + i, Number: frame, Frame: s.Templates[i]}
	if attach {
		d.Attached = s
	}
	for _, x := range cam.tr.Sender().GetParameters().HeaderExtensions {
		if x.URI == dependencyDescriptorURI {
			p.Extension, p.ExtensionProfile = true, rtp.ExtensionProfileTwoByte
			_ = p.SetExtension(uint8(x.ID), depdesc.Append(nil, d, s))
		}
	}
}

// layered checks a stream whose upper layers are left out.
type layered struct {
	t         *testing.T
	body      int // of the payload, behind the descriptor
	n         int
	number    uint16
	timestamp uint32
	marker    bool
	highest   byte // spatial layer in the last whole picture
	spatial   byte
	temporals int // pictures of the upper temporal layer in a row that is not broken by two of the lower
	lower     int
	frame     uint16
	reader    depdesc.Reader
	active    uint32
	key       bool
}

func (l *layered) take(p packet) {
	l.t.Helper()
	spatial, temporal := p.Payload[l.body], p.Payload[l.body+1]
	if l.n > 0 {
		if p.SequenceNumber != l.number+1 {
			l.t.Errorf("packet %d after %d", p.SequenceNumber, l.number)
		}
		switch {
		case l.marker && (p.Timestamp == l.timestamp || spatial != 0):
			l.t.Errorf("layer %d after the end of the picture", spatial)
		case !l.marker && (p.Timestamp != l.timestamp || spatial != l.spatial+1):
			l.t.Errorf("layer %d after %d, which did not end the picture", spatial, l.spatial)
		}
	}
	if key := KeyFrame(p.Codec, p.Payload); spatial == 0 {
		l.key = key
	} else if p.Marker && spatial > l.highest && !l.key {
		l.t.Errorf("up to layer %d without a key frame", spatial)
	}
	if p.Marker {
		l.highest = spatial
		if temporal > 0 {
			l.temporals, l.lower = l.temporals+1, 0
		} else if l.lower++; l.lower > 2 {
			l.temporals = 0
		}
	}
	if len(p.descriptor) > 0 {
		var d depdesc.Descriptor
		if err := l.reader.Read(p.descriptor, &d); err != nil {
			l.t.Errorf("descriptor: %v", err)
		}
		if d.Frame.Spatial != spatial || d.Frame.Temporal != temporal || l.n > 0 && int16(d.Number-l.frame) <= 0 {
			l.t.Errorf("descriptor %+v", d)
		}
		l.frame, l.active = d.Number, d.Active
	}
	l.n++
	l.number, l.timestamp, l.marker, l.spatial = p.SequenceNumber, p.Timestamp, p.Marker, spatial
}

func (l *layered) until(c *client, what string, fits func() bool) {
	l.t.Helper()
	timeout := time.After(deadline)
	for {
		select {
		case p := <-c.received:
			if l.take(p); p.Marker && fits() {
				return
			}
		case <-timeout:
			l.t.Fatalf("no %s", what)
		}
	}
}

func TestScalableStreams(t *testing.T) {
	for codec, body := range map[string]int{"vp9": 4, "av1": 2} {
		t.Run(codec, func(t *testing.T) {
			t.Parallel()
			room := newSFU(t, Config{}).Room("r")
			a, b := join(t, room, "A"), join(t, room, "B")
			a.scalable("cam", codec)
			a.publish()
			mid := b.subscribed("A/cam/" + codec)[0].MID
			l := &layered{t: t, body: body, highest: svcLayers}
			// The first frames may be deltas: a receiver waits for the key frame by itself.
			l.until(b, "key frame", func() bool { return l.key })
			l.until(b, "all layers", func() bool { return l.highest == 2 && l.temporals > 3 })

			b.peer.Show([]Shown{{MID: mid, Width: 300, Height: 170}}, nil)
			l.until(b, "the lowest layer", func() bool { return l.highest == 0 })
			b.state(Stream{MID: mid, State: StreamLive, Layer: 0})
			if codec == "av1" && l.active != 0b11 {
				t.Errorf("active decode targets %b", l.active)
			}
			b.peer.Show([]Shown{{MID: mid, Width: 640, Height: 360}}, nil)
			l.until(b, "the middle layer", func() bool { return l.highest == 1 })
			if codec == "av1" && l.active != 0b1111 {
				t.Errorf("active decode targets %b", l.active)
			}
			down := b.peer.sub.order[0]
			down.allow(layerChoice{1, 0})
			l.until(b, "every second picture", func() bool { return l.lower > 5 && l.highest == 1 })
			down.allow(allLayers)
			l.until(b, "all pictures", func() bool { return l.temporals > 3 })
			b.peer.Show([]Shown{{MID: mid, Width: 1280, Height: 720}}, nil)
			l.until(b, "the highest layer", func() bool { return l.highest == 2 })
			if options := down.options(time.Now(), nil); len(options) != svcLayers*svcTemporals {
				t.Errorf("options %v", options)
			} else {
				for i := 1; i < len(options); i++ {
					if options[i].spatial == options[i-1].spatial && options[i].bits <= options[i-1].bits {
						t.Errorf("options %v", options)
					}
				}
			}
		})
	}
}

func TestStructureOfTheTest(t *testing.T) {
	s := svcStructure()
	var r depdesc.Reader
	var d depdesc.Descriptor
	whole := depdesc.Append(nil, &depdesc.Descriptor{First: true, Template: s.Offset, Number: 258, Attached: s, Frame: s.Templates[0]}, s)
	if err := r.Read(whole, &d); err != nil || binary.BigEndian.Uint16(whole[1:]) != 258 {
		t.Fatalf("% x: %v", whole, err)
	}
}
