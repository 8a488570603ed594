package matrixkeys

import (
	"time"

	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
)

// receive takes messages in, in the order in which they came, but for those that wait for their sender's membership.
func (r *Room) receive() {
	for {
		r.mu.Lock()
		changed := r.change()
		r.mu.Unlock()
		select {
		case m := <-r.device.Received():
			r.take(m, time.Now().Add(earlyPatience))
		case <-changed:
			r.mu.Lock()
			waiting := r.early
			r.early = nil
			r.mu.Unlock()
			for _, m := range waiting {
				if time.Now().Before(m.until) {
					r.take(m.Received, m.until)
				}
			}
			r.wakeWaiting()
		case <-r.ctx.Done():
			return
		}
	}
}

// take holds a message against the rules; until says how long it may wait for its sender's membership.
func (r *Room) take(m olmdevice.Received, until time.Time) {
	what, where, err := parse(m.Type, m.Content)
	if err != nil || where.Device != m.From.Device {
		return
	}
	if joined, err := r.joined(r.ctx, r.config.Room, m.From.User); err != nil || !joined {
		return
	}
	r.mu.Lock()
	here := where.Room == r.config.Room && where.Slug == r.link.Slug
	present := r.present(m.From)
	if here && !present && len(r.early) < mostEarly && !r.withheld(m.From.User) {
		r.early = append(r.early, early{m, until})
	}
	r.mu.Unlock()
	if !here || !present {
		return
	}
	switch what := what.(type) {
	case place:
		r.requested(m.From)
	case secret:
		r.given(m.From, what.Secret)
	case message:
		if localpart(what.From.User) == rtc.Localpart(m.From.User) {
			r.carried(m, what)
		}
	}
}
