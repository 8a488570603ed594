package bwe_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/sfu/allot"
	"github.com/grotto-meet/grotto/internal/sfu/bwe"
)

// camera is a video in three sizes of three temporal layers, whose frames vary in size.
type camera struct {
	rank     int
	options  []allot.Option
	random   *rand.Rand
	choice   int
	switches []time.Duration // of the size
	frame    int
	key      bool
	next     time.Time
}

// ladder are the bit rates of a simulcast camera: 40 % of a size in its lowest temporal layer, 60 % in two.
func ladder(sizes ...float64) (options []allot.Option) {
	for spatial, bits := range sizes {
		for temporal, share := range []float64{0.4, 0.6, 1} {
			options = append(options, allot.Option{Spatial: spatial, Temporal: temporal, Bits: bits * share})
		}
	}
	return options
}

func (c *camera) run(l *link) {
	if l.now.Before(c.next) {
		return
	}
	c.next = l.now.Add(time.Second / 30)
	c.frame++
	if c.choice == allot.Paused {
		return
	}
	o := c.options[c.choice]
	temporal := [4]int{0, 2, 1, 2}[c.frame%4]
	if temporal > o.Temporal {
		return
	}
	whole := c.options[o.Spatial*3+2].Bits
	size := whole * [3]float64{0.4 / 7.5, 0.2 / 7.5, 0.4 / 15}[temporal] / 8 * (0.8 + 0.4*c.random.Float64())
	if c.key {
		size, c.key = whole/8/30*4, false
	}
	packets := int(size/1100) + 1
	for range packets {
		l.send(max(50, int(size)/packets-bwe.Overhead))
	}
}

// receiver is one with videos and sound.
type receiver struct {
	cameras   []*camera
	allocator allot.Allocator[*camera]
	wanted    float64
	voice     time.Time
}

func (r *receiver) run(l *link) {
	if !l.now.Before(r.voice) {
		r.voice = l.now.Add(20 * time.Millisecond)
		l.send(100)
	}
	tracks := make([]allot.Track[*camera], 0, len(r.cameras))
	for _, c := range r.cameras {
		tracks = append(tracks, allot.Track[*camera]{Key: c, Rank: c.rank, Options: c.options})
	}
	const sound = (100 + bwe.Overhead) * 8 * 50
	e := l.estimator
	if r.wanted > 0 {
		probe(l, (r.wanted+sound)/(1-e.Loss()))
	}
	if l.elapsed()%(100*time.Millisecond) == 0 {
		room := allot.Room{Bits: e.Rate()*(1-e.Loss()) - sound, Known: e.Measured(l.now), Calm: e.Calm(l.now), Rising: e.Rising(l.now)}
		r.allocator.Allot(l.now, room, tracks)
		r.wanted = allot.Wanted(tracks)
		for i, c := range r.cameras {
			if old, now := size(c, c.choice), size(c, tracks[i].Choice); old != now {
				c.switches = append(c.switches, l.elapsed())
				c.key = now >= 0
			}
			c.choice = tracks[i].Choice
		}
	}
	for _, c := range r.cameras {
		c.run(l)
	}
}

func size(c *camera, choice int) int {
	if choice == allot.Paused {
		return -1
	}
	return c.options[choice].Spatial
}

func newReceiver(l *link, ranks ...int) *receiver {
	r := &receiver{}
	for i, rank := range ranks {
		r.cameras = append(r.cameras, &camera{rank: rank, options: ladder(150e3, 500e3, 1500e3), choice: allot.Paused, random: l.random,
			next: l.now.Add(time.Duration(i) * 7 * time.Millisecond)})
	}
	return r
}

// scene is a receiver whose path takes steps of half a minute.
func scene(t *testing.T, rtt time.Duration, loss float64, ranks []int, each func(i int, rate float64, l *link, switches []int)) {
	l := newLink(1e6, rtt, loss)
	r := newReceiver(l, ranks...)
	for i, rate := range []float64{1e6, 500e3, 1e6, 200e3, 400e3, 800e3} {
		l.rate = rate
		for l.elapsed() < time.Duration(i+1)*stepSeconds*time.Second {
			r.run(l)
			l.move()
		}
		var switches []int
		for _, c := range r.cameras {
			switches, c.switches = append(switches, len(c.switches)), nil
		}
		each(i, rate, l, switches)
	}
}

const stepSeconds = 30

func eachPath(t *testing.T, test func(t *testing.T, rtt time.Duration, loss float64)) {
	for _, rtt := range []time.Duration{20 * time.Millisecond, 100 * time.Millisecond, 300 * time.Millisecond} {
		for _, loss := range []float64{0.01, 0.05} {
			t.Run(fmt.Sprintf("%v %v", rtt, loss), func(t *testing.T) { test(t, rtt, loss) })
		}
	}
}

// TestOneCamera: within 5 s of a step the rate is right, with two changes of size in half a minute at most.
func TestOneCamera(t *testing.T) {
	eachPath(t, func(t *testing.T, rtt time.Duration, loss float64) {
		scene(t, rtt, loss, []int{0}, func(i int, rate float64, l *link, switches []int) {
			checkShare(t, l, rate, i*stepSeconds+5, i*stepSeconds+10)
			checkShare(t, l, rate, i*stepSeconds+10, (i+1)*stepSeconds)
			if switches[0] > 2 {
				t.Errorf("at %.0f kbit/s: %d changes of size", rate/1e3, switches[0])
			}
		})
	})
}

// TestManyCameras: several videos share the path, and change their size twice in half a minute on the average of all steps.
func TestManyCameras(t *testing.T) {
	for _, ranks := range [][]int{{3, 3, 3, 3}, {0, 3, 3}} {
		eachPath(t, func(t *testing.T, rtt time.Duration, loss float64) {
			all, share, steps := 0, 0.0, 0
			scene(t, rtt, loss, ranks, func(i int, rate float64, l *link, switches []int) {
				late := l.mean(i*stepSeconds+10, (i+1)*stepSeconds) / rate
				if late < 0.4 || late > mostShare {
					t.Errorf("at %.0f kbit/s: %.0f %%", rate/1e3, 100*late)
				}
				share, steps = share+late, steps+1
				for _, n := range switches {
					all += n
					if n > 6 {
						t.Errorf("at %.0f kbit/s: %d changes of size", rate/1e3, n)
					}
				}
			})
			if mean := share / float64(steps); mean < leastShare || mean > mostShare {
				t.Errorf("%.0f %% of the cap", 100*mean)
			}
			if mean := float64(all) / float64(steps*len(ranks)); mean > 2 {
				t.Errorf("%.1f changes of size in half a minute", mean)
			}
		})
	}
}
