package olmkeys

import (
	"testing"
	"time"
)

// K15: 100 devices, one join and one leave a second for a minute: 600,000 Olm messages, which two cores make in three
// minutes. Ten speak and stay; the others come and go.
func TestK15_Churn(t *testing.T) {
	if raceDetector {
		t.Skip("a hundred agents under the race detector take minutes; they share nothing")
	}
	const size, stay, seconds = 100, 10, 60
	c := newCrowd(t)
	for range size {
		c.join()
		c.run(100 * time.Millisecond)
	}
	for _, m := range c.members[:stay] {
		m.speaks = true
	}
	c.run(3 * time.Second)
	c.together()
	c.texts, c.recipients, c.bytes, c.largest, c.said, c.deafFor = 0, 0, 0, 0, 0, 0
	for range seconds {
		c.leave(c.members[stay])
		c.run(500 * time.Millisecond)
		c.join()
		c.run(500 * time.Millisecond)
	}
	// A leave: a share to each who remains. A join: a share to the newcomer and one of its own, and beside them what
	// makes up for both having dialled, or for the answer to have crossed a rotation.
	if most := seconds * size * (size + 4); c.recipients > most {
		t.Errorf("%d Olm messages, %d expected at most", c.recipients, most)
	}
	if most := c.recipients * 2500; c.bytes > most {
		t.Errorf("%d bytes, %d expected at most", c.bytes, most)
	}
	// A hundred shares fill one message and begin another (maxBatchBytes). Newcomers meet the others one by one.
	if most := seconds * size * 5; c.texts > most || c.recipients < 20*c.texts {
		t.Errorf("%d to-device messages for %d recipients, %d expected at most", c.texts, c.recipients, most)
	}
	if c.largest > 256<<10 {
		t.Errorf("a to-device message of %d bytes; the protocol has 256 KiB", c.largest)
	}
	if most := (seconds/2+1)*(size+1) + 2*seconds; c.said > most {
		t.Errorf("%d states, %d expected at most", c.said, most)
	}
	if c.deafFor > 2*time.Second {
		t.Errorf("somebody was without the key of another for %v", c.deafFor)
	}
	t.Logf("%d Olm messages in %d to-device messages, %d bytes, %d states; without a key for %v at most",
		c.recipients, c.texts, c.bytes, c.said, c.deafFor)
	c.run(2 * time.Second)
	c.together()
}
