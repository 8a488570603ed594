package rewrite

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// FuzzRead: a descriptor that breaks off, or that no encoder makes, must not lead out of the payload.
func FuzzRead(f *testing.F) {
	f.Add(uint8(VP8), vp8(0x7fff, 255, 3, 31, true))
	f.Add(uint8(VP8), []byte{0x90, 0xf0, 0xff})
	f.Add(uint8(VP9), []byte{0xa8, 0x80, 0, 0x20, 77, 9})
	f.Add(uint8(VP9), []byte{0xff})
	f.Fuzz(func(t *testing.T, codec uint8, payload []byte) {
		var p Packet
		p.Read(Codec(codec%3), payload)
		edit := Edit{Picture: 1, Level: 1, KeyIndex: 1}
		var head [MaxHead]byte
		n := edit.Head(&p, payload, &head)
		if n > len(payload) {
			t.Fatalf("%d bytes of %d", n, len(payload))
		}
		changed := append(append([]byte{}, head[:n]...), payload[n:]...)
		var again Packet
		again.Read(Codec(codec%3), changed)
		back := Edit{Picture: ^uint16(0), Level: ^uint8(0), KeyIndex: ^uint8(0)}
		n = back.Head(&again, changed, &head)
		if restored := append(append([]byte{}, head[:n]...), changed[n:]...); string(restored) != string(payload) {
			t.Fatalf("% x became % x", payload, restored)
		}
	})
}

// FuzzNumbers drives a rewriter by instructions of two bytes and holds it against what must never happen: one number for
// two packets, a number that is found as another packet, a stream whose number, picture or timestamp goes back when its
// packets did not.
func FuzzNumbers(f *testing.F) {
	f.Add([]byte{0, 1, 1, 1, 2, 1, 1, 1, 0x10, 0, 3, 5, 1, 1, 1, 1})
	f.Add([]byte{0, 1, 1, 200, 1, 255, 5, 3, 5, 9, 4, 0, 1, 1, 0x80, 1, 6, 1, 2, 200, 1, 1, 5, 201})
	f.Fuzz(drive)
}

func TestRandomNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		program := make([]byte, 2000)
		for i := range program {
			program[i] = byte(random.IntN(256))
			if i%2 == 1 && random.IntN(4) > 0 {
				program[i] = byte(random.IntN(5)) // mostly small steps
			}
		}
		drive(t, program)
	}
}

func drive(t *testing.T, program []byte) {
	type source struct {
		stream uint8
		number uint64
	}
	var w Rewriter
	streams := [3]uint64{70000, 1 << 17, 65536} // newest number of each
	current := uint8(0)
	used := map[uint64]source{}
	highest := uint64(0)
	send := func(stream uint8, p *Packet) {
		var number uint16
		var edit *Edit
		var ok bool
		if w.Late(stream, p) {
			number, edit, _, ok = w.Fill(stream, p)
		} else if stream == current {
			number, edit, _, ok = w.Forward(p)
		}
		if !ok {
			return
		}
		out := uint64(number) | 1<<16
		if highest != 0 {
			out = highest + uint64(int64(int16(number-uint16(highest))))
		}
		if before, twice := used[out]; twice {
			t.Fatalf("%d is %v and now %d of stream %d", out, before, p.Number, stream)
		}
		used[out] = source{stream, p.Number}
		if out > highest {
			if highest != 0 && out-highest > maxGap {
				t.Fatalf("%d after %d", out, highest)
			}
			highest = out
		}
		if from, in, found, ok := w.Find(number); !ok || from != stream || in != p.Number || found != *edit {
			t.Fatalf("%d is found as %d of stream %d, %v", number, in, from, ok)
		}
	}
	packet := func(number uint64) *Packet {
		payload := vp8(uint16(number/2)&0x7fff, uint8(number/8), uint8(number%4/2), 0, number%2 == 0)
		binary.BigEndian.PutUint16(payload[2:], 0x8000|uint16(number/2)&0x7fff)
		return read(VP8, number, uint32(number/2)*3000, payload)
	}
	for i := 0; i+1 < len(program); i += 2 {
		op, n := program[i], uint64(program[i+1])
		if !w.Begun() {
			op = 0
		}
		switch op % 7 {
		case 0: // another stream, or the same one after a pause
			current = uint8(n % 3)
			streams[current] += n
			p := packet(streams[current])
			w.Begin(current, p, w.Timestamp()+1, AllLayers, 0)
			send(current, p)
		case 1: // the next one, with n-1 lost
			streams[current] += max(n, 1)
			send(current, packet(streams[current]))
		case 2: // left out
			streams[current] += max(n, 1)
			w.Drop(packet(streams[current]), VP8)
		case 3: // late, or twice
			stream := uint8(n / 3 % 3)
			send(stream, packet(streams[stream]-min(n, streams[stream]-1)))
		case 4: // far ahead
			streams[current] += n * 100
			send(current, packet(streams[current]))
		case 5: // late, and left out
			w.Drop(packet(streams[current]-min(n, streams[current]-1)), VP8)
		case 6: // other layers
			streams[current]++
			p := packet(streams[current])
			w.Layers(p, uint8(n%2), uint32(n))
			send(current, p)
		}
	}
}

// Pictures and levels go on one by one over switches and with temporal layers left out, whatever is lost: that is what VP8's
// receivers wait for.
func TestPicturesGoOn(t *testing.T) {
	var w Rewriter
	pictures, levels := [2]uint16{32760, 100}, [2]uint8{250, 3}
	numbers := [2]uint64{65536 + 65530, 70000}
	var last Packet
	sent := 0
	for i := range 400 {
		stream := i / 50 % 2
		numbers[stream]++
		pictures[stream] = (pictures[stream] + 1) & 0x7fff
		temporal := uint8(i % 2)
		if temporal == 0 {
			levels[stream]++
		}
		payload := vp8(pictures[stream], levels[stream], temporal, 0, true)
		p := read(VP8, numbers[stream], uint32(i)*3000, payload)
		if i%50 == 0 {
			w.Begin(uint8(stream), p, p.Timestamp, AllLayers, 0)
		}
		if i/100%2 == 1 && temporal == 1 {
			w.Drop(p, VP8)
			continue
		}
		number, edit, _, ok := w.Forward(p)
		if !ok {
			t.Fatal(i)
		}
		var head [MaxHead]byte
		if n := edit.Head(p, payload, &head); n > 0 {
			copy(payload, head[:n])
		}
		got := read(VP8, uint64(number), p.Timestamp+edit.Timestamp, payload)
		if sent++; sent > 1 {
			if uint16(got.Number-last.Number) != 1 || (got.picture-last.picture)&0x7fff != 1 || got.level-last.level > 1 || got.Timestamp-last.Timestamp > 9000 {
				t.Fatalf("%d: %+v after %+v", i, got, last)
			}
		}
		last = *got
	}
}

func TestNoAllocations(t *testing.T) {
	var w Rewriter
	number := uint64(70000)
	step := func() {
		payload := [...]byte{0x90, 0xf0, 0x80, byte(number), 0, 0, 0x11}
		p := Packet{Number: number, Timestamp: uint32(number), Marker: true}
		p.Read(VP8, payload[:])
		if number == 70000 {
			w.Begin(0, &p, 0, AllLayers, 0)
		}
		if number%2 == 1 {
			w.Drop(&p, VP8)
		} else if _, edit, _, ok := w.Forward(&p); ok {
			var head [MaxHead]byte
			edit.Head(&p, payload[:], &head)
		}
		number++
	}
	for range 2 * maxSegments {
		step()
	}
	if n := testing.AllocsPerRun(1000, step); n > 0 {
		t.Errorf("%v allocations a packet", n)
	}
}
