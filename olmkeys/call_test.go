package olmkeys

import (
	"fmt"
	"testing"
	"time"
)

// A whole call: everybody opens everybody's frames and hears what is said.
func TestCall(t *testing.T) {
	for _, size := range []int{2, 3, 10} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			w := newWorld(t)
			for i := range size {
				n := w.node(string(rune('a'+i)) + "lice")
				w.join(n)
				w.run(2 * w.latency) // what is said before the roster is known is said to nobody
				n.handle(SayToAll{Kind: "grotto.profile", Body: Bytes(`{"name":"` + n.name + `"}`)})
				w.run(time.Second)
			}
			w.run(2 * time.Second)
			w.allHear()
			w.noFaults()
			for _, n := range w.nodes {
				n.handle(SayToAll{Kind: "grotto.profile", Body: Bytes(`{"name":"` + n.name + `"}`)})
			}
			w.run(time.Second)
			for _, n := range w.nodes {
				names := map[Ref]string{}
				for _, h := range n.heard {
					names[h.From] = string(h.Body)
				}
				for _, m := range w.nodes {
					if n != m && names[m.ref] != `{"name":"`+m.name+`"}` {
						t.Errorf("%s knows %s as %q", n.name, m.name, names[m.ref])
					}
				}
			}
		})
	}
}

// All arrive at the same moment.
func TestCallAtOnce(t *testing.T) {
	w := newWorld(t)
	for i := range 10 {
		w.node(string(rune('a'+i)) + "lice")
	}
	w.join(w.nodes...)
	w.run(700 * time.Millisecond)
	w.allHear()
	w.noFaults()
}
