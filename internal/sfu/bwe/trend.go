package bwe

import "math"

// The trendline filter and its detector: draft-ietf-rmcat-gcc-02 §5.2 to §5.5, with the linear regression that replaced the
// Kalman filter in practice, and with a view of the queue itself. Times are microseconds unless they are called ms.
const (
	groupLength  = 5000 // packets sent within that are one group
	groupCount   = 20   // in the regression
	recentLength = 200_000
	recentLeast  = 2
	recentCount  = 6 // that show how long the queue is
	smoothing    = 0.9
	trendGain    = 4
	trendSamples = 60 // up to so many groups make the trend more credible

	thresholdFirst   = 12.5 // ms
	thresholdLeast   = 6
	thresholdMost    = 600
	thresholdUp      = 0.0087 // a ms
	thresholdDown    = 0.039
	thresholdOutlier = 15  // ms beyond the threshold that say nothing about jitter
	thresholdStep    = 100 // ms at most between two adaptations

	overuseTime = 10_000 // that long before it is believed

	// queueLeast is the delay over the least one of late without which no queue is believed.
	queueLeast = 25_000
	// baseEpoch: the least delay is that of the current epoch and of the one before, so that a new route is one after that.
	baseEpoch = 10_000_000
)

type usage uint8

const (
	usageNormal usage = iota
	usageUnder
	usageOver
)

// group are packets that were sent together.
type group struct {
	firstSent, lastSent int64
	arrived             int64 // the last one
	delay               int64 // the least of its packets; its zero is anywhere
}

// trend watches how the delay of packets develops.
type trend struct {
	current, previous group
	groups            int // since the reset; the current one included

	samples     int
	sum, smooth float64 // ms
	first       int64   // arrival
	times       [groupCount]float64
	delays      [groupCount]float64
	recent      [recentCount]group // the last ones

	threshold float64
	adapted   int64
	overFor   int64
	overCount int
	slope     float64
	usage     usage

	base, baseBefore int64
	epoch            int64 // when base began; 0: none yet
}

// reset forgets the slope, but not the threshold nor the least delay.
func (t *trend) reset() {
	*t = trend{threshold: t.threshold, adapted: t.adapted, base: t.base, baseBefore: t.baseBefore, epoch: t.epoch}
}

// add takes a packet that was received; packets come in the order in which they were sent.
func (t *trend) add(sent, arrived int64) {
	delay := arrived - sent
	t.learnBase(arrived, delay)
	if t.groups == 0 {
		t.begin(sent, arrived, delay)
		return
	}
	g := &t.current
	if sent-g.firstSent <= groupLength || arrived-g.arrived <= groupLength && arrived-g.arrived-(sent-g.lastSent) < 0 {
		g.lastSent, g.arrived, g.delay = max(g.lastSent, sent), max(g.arrived, arrived), min(g.delay, delay)
		return
	}
	if t.groups > 1 {
		t.sample(float64(g.arrived-t.previous.arrived-(g.lastSent-t.previous.lastSent))/1000, g)
	}
	t.previous = *g
	t.begin(sent, arrived, delay)
}

func (t *trend) begin(sent, arrived, delay int64) {
	t.current = group{firstSent: sent, lastSent: sent, arrived: arrived, delay: delay}
	t.groups++
}

func (t *trend) learnBase(arrived, delay int64) {
	switch {
	case t.epoch == 0:
		t.base, t.baseBefore, t.epoch = delay, delay, max(1, arrived)
	case arrived-t.epoch > baseEpoch:
		t.base, t.baseBefore, t.epoch = delay, t.base, arrived
	default:
		t.base = min(t.base, delay)
	}
}

// queue is how long packets of late waited in a queue, jitter left aside.
func (t *trend) queue() int64 {
	if t.samples == 0 {
		return 0
	}
	last := (t.samples - 1) % recentCount
	least := t.recent[last].delay
	for back := 1; back < min(t.samples, recentCount); back++ {
		g := t.recent[(t.samples-1-back)%recentCount]
		if back >= recentLeast && t.recent[last].arrived-g.arrived > recentLength {
			break
		}
		least = min(least, g.delay)
	}
	return max(0, least-min(t.base, t.baseBefore))
}

// tip is how long the newest packets waited, jitter included.
func (t *trend) tip() int64 {
	if t.samples == 0 {
		return 0
	}
	last := t.recent[(t.samples-1)%recentCount]
	return max(0, min(last.delay, t.current.delay)-min(t.base, t.baseBefore))
}

// rebase takes what is called a queue for the way itself.
func (t *trend) rebase() {
	q := t.queue()
	t.base, t.baseBefore = min(t.base, t.baseBefore)+q, min(t.base, t.baseBefore)+q
}

// sample takes by how many ms a group was later than the one before.
func (t *trend) sample(gradient float64, g *group) {
	if t.samples == 0 {
		t.first = g.arrived
	}
	t.sum += gradient
	t.smooth = smoothing*t.smooth + (1-smoothing)*t.sum
	i := t.samples % groupCount
	t.times[i], t.delays[i] = float64(g.arrived-t.first)/1000, t.smooth
	t.recent[t.samples%recentCount] = *g
	t.samples++
	slope := t.slope
	if t.samples >= groupCount {
		slope = regression(&t.times, &t.delays)
	}
	t.detect(slope, g.arrived, float64(g.lastSent-t.previous.lastSent))
}

// regression is the slope of the line of least squares.
func regression(x, y *[groupCount]float64) float64 {
	var meanX, meanY float64
	for i := range x {
		meanX, meanY = meanX+x[i]/groupCount, meanY+y[i]/groupCount
	}
	var above, below float64
	for i := range x {
		above += (x[i] - meanX) * (y[i] - meanY)
		below += (x[i] - meanX) * (x[i] - meanX)
	}
	if below == 0 {
		return 0
	}
	return above / below
}

func (t *trend) detect(slope float64, now int64, elapsed float64) {
	if t.threshold == 0 {
		t.threshold = thresholdFirst
	}
	modified := slope * float64(min(t.samples, trendSamples)) * trendGain
	switch {
	case modified > t.threshold:
		t.overFor, t.overCount = t.overFor+int64(elapsed), t.overCount+1
		if t.overFor > overuseTime && t.overCount > 1 && slope >= t.slope {
			t.overFor, t.overCount, t.usage = 0, 0, usageOver
		}
	case modified < -t.threshold:
		t.overFor, t.overCount, t.usage = 0, 0, usageUnder
	default:
		t.overFor, t.overCount, t.usage = 0, 0, usageNormal
	}
	t.slope = slope
	t.adapt(math.Abs(modified), now)
}

// adapt follows the jitter of the path, slower down than up: §5.4.
func (t *trend) adapt(modified float64, now int64) {
	if t.adapted == 0 {
		t.adapted = now
	}
	elapsed := min(float64(now-t.adapted)/1000, thresholdStep)
	t.adapted = now
	if modified > t.threshold+thresholdOutlier || elapsed < 0 {
		return
	}
	k := thresholdUp
	if modified < t.threshold {
		k = thresholdDown
	}
	t.threshold = min(thresholdMost, max(thresholdLeast, t.threshold+k*(modified-t.threshold)*elapsed))
}

// state is the verdict. Without a queue, packets that are later and later are those of a jittery path.
func (t *trend) state() usage {
	if t.usage == usageOver && t.queue() < queueLeast {
		return usageNormal
	}
	return t.usage
}
