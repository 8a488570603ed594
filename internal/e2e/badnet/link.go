package badnet

import (
	"container/heap"
	"sync"
	"time"
)

// Direction of packets on a [Link], seen from the client.
type Direction uint8

// Up goes to the server, Down to the client.
const (
	Up Direction = iota
	Down
)

func (d Direction) String() string {
	if d == Up {
		return "up"
	}
	return "down"
}

// Stats counts what was sent into one direction. Bytes include IP and UDP headers.
type Stats struct {
	Passed  int64 `json:"passed"`
	Bytes   int64 `json:"bytes"`
	Lost    int64 `json:"lost"`    // by chance
	Dropped int64 `json:"dropped"` // at the queue
}

// Link is one client's line. Its methods may be called from any goroutine.
type Link struct {
	ways [2]*way
}

func newLink(seed, number uint64) *Link {
	l := &Link{}
	for d := range l.ways {
		l.ways[d] = newWay(newPath(seed, 2*number+uint64(d)))
	}
	return l
}

// Set changes the conditions of both directions.
func (l *Link) Set(c Conditions) {
	l.SetOne(Up, c)
	l.SetOne(Down, c)
}

// SetOne changes those of one direction.
func (l *Link) SetOne(d Direction, c Conditions) { l.ways[d].set(c) }

// Conditions returns those of one direction.
func (l *Link) Conditions(d Direction) Conditions {
	w := l.ways[d]
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.path.conditions
}

// Stats returns what one direction has seen.
func (l *Link) Stats(d Direction) Stats {
	w := l.ways[d]
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stats
}

func (l *Link) send(d Direction, packet []byte, deliver func([]byte)) {
	l.ways[d].send(packet, deliver)
}

func (l *Link) close() {
	for _, w := range l.ways {
		w.close()
	}
}

// way is one direction: a path and what is on it.
type way struct {
	wake   chan struct{} // one place: there is something earlier to deliver
	done   chan struct{}
	ended  chan struct{}
	buffer sync.Pool

	mu     sync.Mutex
	path   *path
	flying arrivals
	number uint64
	stats  Stats
	closed bool
}

// arrival is a packet on its way.
type arrival struct {
	at      time.Time
	number  uint64 // of equal times the first comes first
	packet  *[]byte
	deliver func([]byte)
}

func newWay(p *path) *way {
	w := &way{path: p, wake: make(chan struct{}, 1), done: make(chan struct{}), ended: make(chan struct{})}
	w.buffer.New = func() any { return new([]byte) }
	go w.run()
	return w
}

func (w *way) set(c Conditions) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.path.set(c, time.Now())
}

// send copies the packet. It is delivered from this way's goroutine, one after the other.
func (w *way) send(packet []byte, deliver func([]byte)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	at, what := w.path.send(len(packet), time.Now())
	switch what {
	case lost:
		w.stats.Lost++
		return
	case dropped:
		w.stats.Dropped++
		return
	}
	b := w.buffer.Get().(*[]byte)
	*b = append((*b)[:0], packet...)
	w.number++
	heap.Push(&w.flying, arrival{at, w.number, b, deliver})
	if w.flying[0].number == w.number {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

func (w *way) run() {
	defer close(w.ended)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		next := w.deliver()
		timer.Reset(next)
		select {
		case <-timer.C:
		case <-w.wake:
		case <-w.done:
			return
		}
	}
}

// deliver hands over what has arrived and says when to look again.
func (w *way) deliver() time.Duration {
	for {
		w.mu.Lock()
		if len(w.flying) == 0 {
			w.mu.Unlock()
			return time.Hour
		}
		if wait := time.Until(w.flying[0].at); wait > 0 {
			w.mu.Unlock()
			return wait
		}
		a := heap.Pop(&w.flying).(arrival)
		w.stats.Passed++
		w.stats.Bytes += int64(len(*a.packet) + headerBytes)
		w.mu.Unlock()
		a.deliver(*a.packet)
		w.buffer.Put(a.packet)
	}
}

func (w *way) close() {
	w.mu.Lock()
	closed := w.closed
	w.closed = true
	w.mu.Unlock()
	if !closed {
		close(w.done)
	}
	<-w.ended
}

// arrivals is a heap by time.
type arrivals []arrival

func (a arrivals) Len() int { return len(a) }
func (a arrivals) Less(i, j int) bool {
	if !a[i].at.Equal(a[j].at) {
		return a[i].at.Before(a[j].at)
	}
	return a[i].number < a[j].number
}
func (a arrivals) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *arrivals) Push(x any)   { *a = append(*a, x.(arrival)) }
func (a *arrivals) Pop() any {
	old := *a
	last := old[len(old)-1]
	old[len(old)-1] = arrival{}
	*a = old[:len(old)-1]
	return last
}
