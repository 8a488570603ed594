package bridge

import (
	"sync/atomic"
	"time"
)

// Stats are counts since the bridge was made.
type Stats struct {
	Connected  bool
	Heard      time.Time // when the homeserver last answered; zero: never
	Links      int
	Connects   uint64            // connections that were made
	Syncs      uint64            // answers that were acted on
	Failures   uint64            // times that the homeserver did not answer, or the bridge stopped
	Actions    map[string]uint64 // what was done, by what
	Overwrites uint64            // memberships that somebody wrote in another's place
}

type counters struct {
	connected, syncs, failures, overwrites                                                                     atomic.Uint64
	links, rings, roles, expelled, kicks, spared, refused, declined, unopened, ghostsIn, ghostsLimited, broken atomic.Uint64
}

func (c *counters) failed(error) { c.failures.Add(1) }

// Stats says how the bridge does. There is no name in it.
func (b *Bridge) Stats() Stats {
	c := &b.counters
	b.mu.RLock()
	defer b.mu.RUnlock()
	return Stats{Connected: b.client.Load() != nil && time.Since(b.heard) < fresh, Heard: b.heard, Links: len(b.linked), Connects: c.connected.Load(), Syncs: c.syncs.Load(),
		Failures: c.failures.Load(), Overwrites: c.overwrites.Load(), Actions: map[string]uint64{
			"linked": c.links.Load(), "rung": c.rings.Load(), "role": c.roles.Load(), "expelled": c.expelled.Load(), "kicked": c.kicks.Load(),
			"not_kicked": c.spared.Load(), "refused": c.refused.Load(), "declined": c.declined.Load(), "not_opened": c.unopened.Load(), "broken": c.broken.Load(), "guest_shown": c.ghostsIn.Load(), "guest_not_shown": c.ghostsLimited.Load()}}
}
