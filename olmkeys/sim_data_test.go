package olmkeys

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// What people write, in the simulation: nobody hears what was not for it, or in another's name, or twice.

// simLine is a line as it is written: who it is of, whom it is for (everybody, if nobody), which one it is.
type simLine struct {
	By     string   `json:"by"`
	For    []string `json:"for,omitempty"`
	Number int      `json:"number"`
}

type simEar struct {
	node, line string
}

// write says a line to all, and one to every other one who is there.
func (n *simNode) write() {
	s := n.s
	var some []*simNode
	for i, m := range s.present() {
		if m != n && i%2 == 0 {
			some = append(some, m)
		}
	}
	n.handle(SayToAll{Kind: "grotto.chat", Body: n.line(nil)})
	if len(some) > 0 {
		n.whisper(some...)
	}
}

func (n *simNode) whisper(some ...*simNode) (line string) {
	ev := SayTo{Kind: "grotto.chat", Body: n.line(some)}
	for _, m := range some {
		ev.To = append(ev.To, m.ref)
	}
	n.handle(ev)
	return string(ev.Body)
}

func (n *simNode) line(to []*simNode) Bytes {
	n.s.lines++
	l := simLine{By: n.ref.String(), Number: n.s.lines}
	for _, m := range to {
		l.For = append(l.For, m.ref.String())
	}
	b, err := json.Marshal(l)
	if err != nil {
		panic(err)
	}
	return b
}

// listen checks what a client was given to read.
func (n *simNode) listen(e Heard) {
	s := n.s
	if e.Kind != "grotto.chat" {
		return
	}
	var l simLine
	if err := json.Unmarshal(e.Body, &l); err != nil {
		s.fail("lines: %s reads %q", n.name, e.Body)
		return
	}
	ear := simEar{n.name, string(e.Body)}
	from := s.find(e.From)
	switch {
	case l.By != e.From.String() || from == nil:
		s.fail("lines: %s reads a line of %s as one of %s", n.name, l.By, e.From)
	case from.valid != n.valid:
		s.fail("lines: %s reads %s, of another secret", n.name, from.name)
	case e.Private != (len(l.For) > 0):
		s.fail("lines: %s reads a line of %s, private: %v", n.name, from.name, e.Private)
	case e.Private && !slices.Contains(l.For, n.ref.String()):
		s.fail("lines: %s reads what %s wrote to %s", n.name, from.name, strings.Join(l.For, ", "))
	}
	if _, again := s.ears[ear]; again {
		s.fail("lines: %s reads a line of %s twice", n.name, from.name)
	}
	if s.ears == nil {
		s.ears = map[simEar]struct{}{}
	}
	s.ears[ear] = struct{}{}
}

// letters lets everybody write to each of those who agree on each other, now that the server is honest: each line must
// arrive.
func (s *sim) letters() {
	type letter struct {
		from, to *simNode
		line     string
	}
	s.run(s.now.Add(1100 * time.Millisecond)) // newcomers write too, and what overtakes a line ends it
	var all []letter
	for _, n := range s.present() {
		for _, m := range s.present() {
			p, q := n.agent.peers[m.ref], m.agent.peers[n.ref]
			if n != m && n.valid == m.valid && n.agent.link.id == m.agent.link.id && p != nil && p.valid() && q != nil && q.valid() {
				all = append(all, letter{n, m, n.whisper(m)})
			}
		}
	}
	s.run(s.now.Add(2 * time.Second))
	for _, l := range all {
		if _, heard := s.ears[simEar{l.to.name, l.line}]; !heard {
			s.fail("lines: what %s wrote to %s did not arrive; %s", l.from.name, l.to.name, fmt.Sprint(l.to.agent.Faults()))
		}
	}
}
