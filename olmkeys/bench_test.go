package olmkeys

import (
	"fmt"
	"testing"
	"time"
)

// hall is a call in which one member knows size-1 others, who know only it.
func hall(b *testing.B, size int) (w *world, a *node) {
	w = newWorld(b)
	a = w.node("m")
	w.tamperAnnounce = func(to Ref, ann *Announced) bool { return to == a.ref || ann.Ref == a.ref }
	w.join(a)
	for i := range size - 1 {
		w.join(w.node(fmt.Sprintf("%c%c", 'a'+i%26, 'a'+i/26)))
		w.run(5 * time.Millisecond)
	}
	w.run(5 * time.Second)
	for _, n := range w.nodes {
		if n != a && (a.states[n.ref] != StateNew || n.states[a.ref] != StateNew) {
			b.Fatalf("%s is not there", n.name)
		}
	}
	return w, a
}

// What a join costs one of 100 members: check the announcement, dial, advance, share.
func BenchmarkJoin100(b *testing.B) {
	w, a := hall(b, 100)
	b.ResetTimer()
	for i := range b.N {
		b.StopTimer()
		n := w.node(fmt.Sprintf("z%d", i))
		claimed := KeysClaimed{Keys: []ClaimedKey{{Device: n.ref, Key: n.announced.OneTimeKeys[0]}}}
		b.StartTimer()
		a.agent.Handle(w.now, RosterChanged{Joined: []Announced{n.announced.Announced}})
		a.agent.Handle(w.now, claimed)
		w.now = w.now.Add(joinWindow)
		a.agent.Handle(w.now, Tick{})
		b.StopTimer()
		if !a.agent.peers[n.ref].shared {
			b.Fatal("nothing was shared")
		}
		a.agent.Handle(w.now, RosterChanged{Left: []Ref{n.ref}})
		w.now = w.now.Add(time.Second)
		a.agent.Handle(w.now, Tick{})
		b.StartTimer()
	}
}

// What a leave costs one of 100 members: a generation and 98 shares.
func BenchmarkLeave100(b *testing.B) {
	w, a := hall(b, 100)
	b.ResetTimer()
	for range b.N {
		w.now = w.now.Add(time.Second)
		a.agent.rotateAt = w.now
		effects := a.agent.Handle(w.now, Tick{})
		b.StopTimer()
		messages, bytes := 0, 0
		for _, e := range effects {
			if m, ok := e.(SendMessages); ok {
				messages += len(m.Messages)
				for _, o := range m.Messages {
					bytes += len(o.Envelope.Body)
				}
			}
		}
		if messages != len(a.agent.peers) {
			b.Fatalf("%d messages", messages)
		}
		b.ReportMetric(float64(bytes)/float64(messages), "bytes/share")
		b.StartTimer()
	}
}

// The floor of a share: goolm's own encryption of a message of that size.
func BenchmarkOlmEncrypt(b *testing.B) {
	w := newWorld(b)
	x, y := w.node("alice"), w.node("bob")
	w.join(x, y)
	w.run(2 * time.Second)
	s := x.agent.peers[y.ref].sessions.usable()
	text := make([]byte, 1200)
	b.ResetTimer()
	for range b.N {
		if _, _, err := s.encrypt(text); err != nil {
			b.Fatal(err)
		}
	}
}

// What a frame layer's report costs among 100 people: nothing is due.
func BenchmarkFrameOpened100(b *testing.B) {
	w, a := hall(b, 100)
	ev := FrameOpened{From: w.nodes[50].ref, KID: 1}
	b.ResetTimer()
	for range b.N {
		a.agent.Handle(w.now, ev)
	}
}
