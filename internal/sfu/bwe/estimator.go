package bwe

import (
	"math"
	"time"
)

const (
	// Overhead is what a packet costs below RTP: IPv4 or the like, UDP and the tag of SRTP.
	Overhead = 44

	// start is assumed until feedback tells more.
	start = 400_000
	// least keeps a little video possible, so that there is something to measure with.
	least = 50_000
	most  = 100_000_000

	decrease     = 0.85 // of what arrived, when a queue builds up
	decreaseDeep = 0.70 // when it is long: it has to empty as well
	queueDeep    = 200_000
	queueStands  = 80_000 // too much, even if it does not grow
	queueEmpties = 5      // times its length it takes to
	queueSettles = 1_000_000
	queueSame    = 0.8
	queueHold    = 40_000 // no growth above that
	paceOver     = 0.95   // times what it carries, where a queue has come and gone
	fullBuckets  = 6      // of arrivals tell what a full path carries: a longer time would have some of before in it
	fullAgain    = 1.5    // times that is too much for the last decrease to be awaited: it was by arrivals of before
	growth       = 0.08   // a second, of the estimate
	growthFull   = 0.95   // of what arrived when the path was full
	near         = 0.1    // over that it was less than is possible now
	growthUsed   = 0.8    // of the estimate must be used for it to grow by itself
	growthMost   = 1.5    // times what arrived

	collapseLost  = 8       // packets of one feedback, while those that arrive have stood in a queue
	collapseShare = 0.3     // of them, above what the path loses anyway
	collapseSeen  = 300_000 // microseconds: later its queue is seen as any other

	bridgeMost = 700_000
	settling   = 1_500_000 // from the first feedback until the estimate counts
	calmAfter  = 8_000_000

	// silence is how long there may be no feedback about packets that were sent before the link is taken for down.
	silence      = 1_000_000
	silenceLook  = 300_000 // how often a packet looks whether it is up again
	silenceLeast = 0.2     // of the estimate is what it falls to
	silenceBack  = 0.8     // of it is what it comes back to
)

// Estimator estimates for one receiver. Its zero value is ready.
type Estimator struct {
	base    time.Time // its clock begins at the first packet
	ring    ring
	trend   trend
	meter   meter
	losses  losses
	probe   probe
	rate    float64
	limit   float64 // by REMB; 0: none
	started bool    // there was feedback
	begun   int64   // since then

	arrived   int64 // the last packet, by the receiver's clock
	reference int64 // of the last feedback, unwrapped
	response  int64 // microseconds from sending to feedback, smoothed
	updated   int64
	decreased int64 // the last time
	stood     int64 // the queue at the last decrease because of one that does not grow
	collapse  int64 // the last time that the queue overflowed before there was a trend
	capacity  float64
	fed       int64   // the last feedback
	silent    float64 // the estimate when feedback stopped; 0: it has not
	last      int64   // the last packet
	asked     int64   // the first packet since then
}

func (e *Estimator) micros(now time.Time) int64 {
	if e.base.IsZero() {
		e.base = now
	}
	return now.Sub(e.base).Microseconds()
}

// Sent records a packet of that many bytes of RTP and returns its transport-wide number.
func (e *Estimator) Sent(now time.Time, size int) uint16 {
	at := e.micros(now)
	if e.asked == 0 {
		e.asked = max(1, at)
	}
	e.last = at
	number := e.ring.put(at, size+Overhead)
	e.probe.sent(number, size+Overhead, at)
	return uint16(number)
}

// Again records that a packet is sent once more under its number, as it was: when that one arrives tells nothing. It
// counts as lost, or nobody would have asked for it.
func (e *Estimator) Again(short uint16) {
	if _, p := e.ring.find(short); p != nil {
		switch p.state {
		case packetUnknown:
			p.state = packetRepeated
		case packetLost:
			p.state = packetReceived
		}
	}
}

// Rate is the estimate in bits a second.
func (e *Estimator) Rate() float64 {
	rate := e.rate
	switch {
	case rate == 0 && e.limit > 0:
		return e.limit
	case rate == 0:
		rate = start
	}
	if e.limit > 0 {
		rate = min(rate, e.limit)
	}
	return rate
}

// Fed reports whether there has been feedback.
func (e *Estimator) Fed() bool { return e.started }

// Measured reports whether the estimate is one: it takes some feedback until what arrives is known.
func (e *Estimator) Measured(now time.Time) bool {
	return e.limit > 0 || e.decreased > 0 || e.started && e.micros(now)-e.begun > settling
}

// Calm reports that nothing has spoken against sending more for some time.
func (e *Estimator) Calm(now time.Time) bool {
	return e.limit == 0 && (e.decreased == 0 || e.micros(now)-e.decreased > calmAfter) && e.trend.queue() < queueHold
}

// Full reports that packets wait long in a queue, so that sending less is not enough: it has to empty.
func (e *Estimator) Full(now time.Time) bool {
	at := e.micros(now)
	return (e.trend.queue() > queueStands || e.collapse > 0 && at-e.collapse < collapseSeen) && at-e.fed < silence
}

// Pace is how fast packets may follow one another without filling a queue, in bits a second; 0 where nothing speaks against
// sending them all at once.
func (e *Estimator) Pace(now time.Time) float64 {
	at := e.micros(now)
	switch {
	case e.trend.queue() > queueHold && at-e.fed < silence:
		return e.Rate()
	case e.capacity > 0:
		return paceOver * max(e.capacity, e.Rate())
	case e.decreased > 0 && at-e.decreased < calmAfter:
		return paceOver * e.Rate()
	}
	return 0
}

// Backlog is for how long the path is busy with what was sent already, as far as feedback tells.
func (e *Estimator) Backlog(now time.Time) time.Duration {
	if e.capacity == 0 || e.ring.known == 0 {
		return 0
	}
	newest := &e.ring.slots[(e.ring.known-1)%uint64(len(e.ring.slots))]
	bytes := 0
	for n := max(e.ring.known, e.ring.next-min(e.ring.next, uint64(len(e.ring.slots)))); n < e.ring.next; n++ {
		bytes += int(e.ring.slots[n%uint64(len(e.ring.slots))].size)
	}
	at := e.micros(now)
	busy := e.sentAt(newest, at) + e.trend.queue() + int64(float64(8*bytes)/e.capacity*1e6) - at
	return time.Duration(max(0, busy)) * time.Microsecond
}

// Loss is the share of packets that the path loses whatever is sent, so that they are sent again.
func (e *Estimator) Loss() float64 { return e.losses.inherent }

// Limit bounds the estimate by the receiver's own (REMB); 0 ends that.
func (e *Estimator) Limit(bits float64) {
	e.limit = 0
	if bits > 0 {
		e.limit = max(least, bits)
	}
}

// Feedback takes a transport-wide feedback packet, RTCP header included.
func (e *Estimator) Feedback(now time.Time, b []byte) error {
	r, err := readReport(b)
	if err != nil {
		return err
	}
	at := e.micros(now)
	arrived := e.unwrap(r.reference) * referenceUnit
	received, lost, oldest := 0, 0, at
	next := e.ring.known // the first packet that nothing has been told of
	err = r.each(func(short uint16, ok bool, delta int64) {
		number, p := e.ring.find(short)
		if p == nil || p.state == packetReceived || !ok && p.state == packetLost {
			return
		}
		e.ring.known = max(e.ring.known, number+1)
		probing := e.probe.disturbed(number)
		switch {
		case p.state == packetRepeated:
			ok, p.state = false, packetReceived
		case !ok:
			p.state = packetLost
		}
		if !ok {
			if !probing {
				lost++
			}
			return
		}
		if p.state == packetLost { // it came late
			lost--
		}
		p.state = packetReceived
		if next > 0 && next < number {
			e.bridge(next, number, arrived+delta)
		}
		next, e.arrived = 0, arrived+delta
		sent := e.sentAt(p, at)
		oldest = sent
		if !probing {
			received++
		}
		e.probe.received(number, int(p.size), arrived+delta)
		e.meter.add(arrived+delta, int(p.size))
		e.trend.add(sent, arrived+delta)
	})
	if received == 0 && lost == 0 && oldest == at {
		return err
	}
	if e.fed == 0 {
		e.begun = at
	}
	e.fed, e.asked = at, 0
	if e.silent > 0 {
		e.resume(at)
		return err
	}
	e.learnResponse(at - oldest)
	e.update(at, received, lost)
	return err
}

// bridge takes the packets of feedback that was lost for received, evenly between those before and behind them: else every
// such loss would look like a way that carries little.
func (e *Estimator) bridge(from, to uint64, arrived int64) {
	if arrived <= e.arrived || arrived-e.arrived > bridgeMost {
		return
	}
	for n := max(from, to-min(to, uint64(len(e.ring.slots)))); n < to; n++ {
		p := &e.ring.slots[n%uint64(len(e.ring.slots))]
		if p.state != packetUnknown {
			continue
		}
		at := e.arrived + (arrived-e.arrived)*int64(n-from+1)/int64(to-from+1)
		e.meter.add(at, int(p.size))
		e.probe.received(n, int(p.size), at)
	}
}

// unwrap extends the reference time beyond 24 bits.
func (e *Estimator) unwrap(reference uint32) int64 {
	if !e.started {
		e.started, e.reference = true, int64(reference)
		return e.reference
	}
	delta := int32((reference-uint32(e.reference))<<8) >> 8
	e.reference += int64(delta)
	return e.reference
}

// sentAt undoes the wrap of the time in the ring.
func (e *Estimator) sentAt(p *packet, now int64) int64 { return now - int64(uint32(now)-p.at) }

func (e *Estimator) learnResponse(sample int64) {
	if e.response == 0 {
		e.response = sample
	}
	e.response += (sample - e.response) / 8
}

// update moves the estimate.
func (e *Estimator) update(at int64, received, lost int) {
	if e.rate == 0 {
		e.rate = start
	}
	elapsed := min(float64(at-e.updated)/1e6, 1)
	e.updated = at
	acked := e.meter.rate(bucketCount)
	queue := e.trend.queue()
	if result, done := e.probe.result(at, e.response, e.ring.next, e.losses.inherent); done {
		e.probed(at, result)
	}
	judged := e.losses.count(max(0, received), max(0, lost), at)
	if e.probe.pending() { // what it does to the queue says nothing
		return
	}
	if e.collapsed(received, lost, acked) {
		e.collapse = at
		e.full(at, decrease, acked)
		return
	}
	if judged {
		excess, restore := e.losses.judge(queue > queueLeast, e.decreased == 0 || e.losses.since-e.decreased > e.response, e.rate)
		if restore > e.rate {
			e.rate = restore
		}
		if excess > 0 && queue > queueStands {
			e.full(at, decrease, acked)
			return
		}
		if excess > 0 {
			e.lower(at, max(e.rate*(1-excess), decrease*acked))
			return
		}
	}
	if acked == 0 {
		return
	}
	switch {
	case e.trend.state() == usageOver && queue > queueDeep:
		e.full(at, decreaseDeep, acked)
	case e.trend.state() == usageOver:
		e.full(at, decrease, acked)
	case queue > queueLeast && at-e.decreased > e.response+max(queueSettles, queueEmpties*queue):
		e.stands(at, queue, acked)
	case e.trend.state() == usageNormal && queue < queueHold:
		e.raise(elapsed, acked)
	}
}

// stands looks at a queue that does not grow. If it is about as long as when less was sent because of it, it is none: the
// way has become longer, or others fill it.
func (e *Estimator) stands(at, queue int64, acked float64) {
	if queue < queueStands || float64(queue) > queueSame*float64(e.stood) && e.stood > 0 {
		e.trend.rebase()
		e.stood = 0
		return
	}
	e.full(at, decrease, acked)
	e.stood = queue
}

// collapsed reports that the path has become narrow all at once: its queue overflows before the trend can be told.
func (e *Estimator) collapsed(received, lost int, acked float64) bool {
	return acked > 0 && lost >= collapseLost && float64(lost) > (e.losses.inherent+collapseShare)*float64(received+lost) && e.trend.tip() > queueStands
}

// full goes below what arrives now. Once a response time: the effect shows no sooner.
func (e *Estimator) full(at int64, factor, acked float64) {
	if now := e.meter.rate(fullBuckets); now > 0 {
		acked = now
	}
	if at-e.decreased < e.response && e.decreased > 0 && e.rate < fullAgain*acked {
		return
	}
	e.learnCapacity(acked)
	e.lower(at, factor*acked)
	e.stood = 0
}

func (e *Estimator) lower(at int64, rate float64) {
	e.decreased = at
	e.rate = min(e.rate, max(least, rate))
}

// learnCapacity takes what arrived while the path was full.
func (e *Estimator) learnCapacity(acked float64) {
	if e.capacity == 0 || math.Abs(acked-e.capacity) > 0.3*e.capacity {
		e.capacity = acked
		return
	}
	e.capacity += 0.2 * (acked - e.capacity)
}

// raise grows the estimate while it is used, and takes what was shown to be possible. Where the path was full not long
// ago it stops: to go there again is for probes.
func (e *Estimator) raise(elapsed, acked float64) {
	if acked > e.capacity*(1+near) {
		e.capacity = 0
	}
	bound := float64(most)
	if e.capacity > 0 {
		bound = growthFull * e.capacity
	}
	grown := e.rate
	if acked > growthUsed*e.rate {
		grown = min(e.rate*(1+growth*elapsed), growthMost*acked)
	}
	e.rate = max(e.rate, min(bound, max(grown, acked)))
}

// Tick notices that feedback has stopped. Call it some times a second.
func (e *Estimator) Tick(now time.Time) {
	at := e.micros(now)
	if !e.started || e.asked == 0 || at-max(e.asked, e.fed, e.decreased) < silence+e.response {
		return
	}
	if e.silent == 0 {
		e.silent = e.rate
	}
	e.lower(at, max(e.rate/2, silenceLeast*e.silent))
}

// resume goes on where it was when feedback stopped: most often a link was down and is up again, and what was lost or late
// meanwhile tells nothing about it.
func (e *Estimator) resume(at int64) {
	e.rate, e.silent = max(e.rate, silenceBack*e.silent), 0
	e.decreased, e.updated = at, at
	e.losses = losses{inherent: e.losses.inherent}
	e.trend.reset()
	e.probe = probe{}
}
