package badnet

import (
	"encoding/binary"
	"testing"
	"testing/synctest"
	"time"
)

// A link delivers what its path says when it says it, and forgets what is under way when it is closed.
func TestLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLink(1, 1)
		l.SetOne(Down, Conditions{Rate: 8 * (100 + headerBytes) * 100, Queue: time.Second, Delay: 50 * time.Millisecond}) // 100 packets a second
		begin := time.Now()
		var got []uint32
		var times []time.Duration
		for i := range uint32(10) {
			b := make([]byte, 100)
			binary.BigEndian.PutUint32(b, i)
			l.send(Down, b, func(b []byte) {
				got, times = append(got, binary.BigEndian.Uint32(b)), append(times, time.Since(begin))
			})
			clear(b) // it was copied
		}
		time.Sleep(time.Second)
		for i := range got {
			if want := 50*time.Millisecond + time.Duration(i+1)*10*time.Millisecond; got[i] != uint32(i) || times[i] != want {
				t.Errorf("packet %d was %d, after %v instead of %v", i, got[i], times[i], want)
			}
		}
		if s := l.Stats(Down); len(got) != 10 || s.Passed != 10 || s.Bytes != 10*(100+headerBytes) || s.Lost+s.Dropped != 0 {
			t.Errorf("%d packets: %+v", len(got), s)
		}
		if s := l.Stats(Up); s != (Stats{}) {
			t.Errorf("up: %+v", s)
		}
		l.send(Down, []byte{1}, func([]byte) { t.Error("after the end") })
		l.close()
		l.send(Down, []byte{1}, func([]byte) { t.Error("after the end") })
		time.Sleep(time.Second)
	})
}
