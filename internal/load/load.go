package load

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/wire"
)

const (
	// warmUp is for keys and key frames to go round before anything is measured.
	warmUp = 2 * time.Second
	// afterwards is for the last frames to arrive.
	afterwards = time.Second
	// joining is how many join at a time: the keys of each newcomer are work for everybody.
	joining = 4
	// firstWithin is how long a participant may take to have a frame of everybody.
	firstWithin = 30 * time.Second
)

// Config says what to do. At least one publisher, and two participants, are needed.
type Config struct {
	Link        call.Link
	Publishers  int
	Subscribers int
	For         time.Duration // what is measured
	Video       int           // bit/s of each camera; 0: none
	PID         int           // of the server, where its process is to be looked into; 0: not
	// Progress is called as it goes on, if set: in joins, then in seconds.
	Progress func(step string, done, of int)
}

// kind of media.
type kind uint8

const (
	video kind = iota
	audio
	kinds
)

type run struct {
	config Config
	start  time.Time
	makers []*maker

	from, to atomic.Int64 // what is measured, ns since the start; 0: not yet
}

func (r *run) now() time.Duration { return time.Since(r.start) }

func (r *run) measured(at time.Duration) bool {
	from, to := r.from.Load(), r.to.Load()
	return from > 0 && int64(at) >= from && int64(at) < to
}

// participant counts what it opens.
type participant struct {
	run   *run
	call  *call.Call
	began time.Duration
	in    time.Duration

	mu     sync.Mutex
	seen   [kinds]histogram
	bytes  int64
	firsts map[uint16]time.Duration // of each publisher
	whole  chan struct{}            // closed when there is one of everybody
	others int
}

// Run joins everybody, measures, and leaves.
func Run(ctx context.Context, config Config) (Result, error) {
	if config.Progress == nil {
		config.Progress = func(string, int, int) {}
	}
	r := &run{config: config, start: time.Now()}
	var before, after, end usage
	if err := r.look(&before); err != nil {
		return Result{}, err
	}
	people, err := r.join(ctx)
	defer leave(people)
	if err != nil {
		return Result{}, err
	}
	if err := sleep(ctx, warmUp); err != nil {
		return Result{}, err
	}
	if err := r.look(&after); err != nil {
		return Result{}, err
	}
	from := r.now()
	r.to.Store(int64(from + config.For))
	r.from.Store(int64(from))
	for passed := time.Duration(0); passed < config.For; passed = r.now() - from {
		config.Progress("measuring", int(passed.Seconds()), int(config.For.Seconds()))
		if err := sleep(ctx, min(time.Second, config.For-passed)); err != nil {
			return Result{}, err
		}
	}
	if err := r.look(&end); err != nil {
		return Result{}, err
	}
	took := r.now() - from
	config.Progress("measuring", int(config.For.Seconds()), int(config.For.Seconds()))
	if err := sleep(ctx, afterwards); err != nil {
		return Result{}, err
	}
	result := r.result(people)
	if config.PID != 0 {
		result.Server = &Server{PID: config.PID, Cores: (end.cpu - after.cpu).Seconds() / took.Seconds(),
			RSS: float64(end.rss) / mebi, PerParticipant: float64(end.rss-before.rss) / kibi / float64(len(people))}
	}
	return result, nil
}

func (r *run) look(into *usage) (err error) {
	if r.config.PID != 0 {
		*into, err = look(r.config.PID)
	}
	return err
}

// join brings everybody in, the publishers first, and waits until each has a frame of every other.
func (r *run) join(ctx context.Context) ([]*participant, error) {
	n := r.config.Publishers + r.config.Subscribers
	var (
		mu     sync.Mutex
		people []*participant
		failed error
		slots  = make(chan struct{}, joining)
		wg     sync.WaitGroup
		stop   atomic.Bool
	)
	for i := range n {
		slots <- struct{}{}
		if stop.Load() || ctx.Err() != nil {
			break
		}
		media := r.media(i)
		wg.Go(func() {
			defer func() { <-slots }()
			p, err := r.enter(ctx, i, media)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = err
				stop.Store(true)
				return
			}
			people = append(people, p)
			r.config.Progress("joining", len(people), n)
		})
	}
	wg.Wait()
	for _, p := range people {
		if failed != nil {
			break
		}
		select {
		case <-p.whole:
		case <-p.call.Done():
			failed = p.call.Err()
		case <-time.After(firstWithin):
			failed = &call.Error{Class: call.ErrNothing, What: fmt.Sprintf("a participant had no frame of everybody within %v", firstWithin),
				Hint: "check that the server's media port can be reached, and try fewer participants"}
		case <-ctx.Done():
			failed = context.Cause(ctx)
		}
	}
	return people, failed
}

// media of the participant of that number: none for those who only receive.
func (r *run) media(i int) (media []call.Media) {
	if i >= r.config.Publishers {
		return nil
	}
	add := func(k kind, size int) {
		m := &maker{run: r, from: uint16(i), kind: k, size: size}
		r.makers = append(r.makers, m)
		media = append(media, m.media())
	}
	if r.config.Video > 0 {
		add(video, r.config.Video/8/pictures)
	}
	add(audio, soundSize)
	return media
}

func (r *run) enter(ctx context.Context, i int, media []call.Media) (*participant, error) {
	p := &participant{run: r, began: r.now(), firsts: map[uint16]time.Duration{}, whole: make(chan struct{}), others: r.config.Publishers}
	if len(media) > 0 {
		p.others--
	}
	if p.others == 0 {
		close(p.whole)
	}
	var err error
	p.call, err = call.Join(ctx, call.Config{Link: r.config.Link, Name: fmt.Sprint("Load ", i+1), Publish: media, OnFrame: p.frame, Network: call.NetworkUDP})
	p.in = r.now()
	return p, err
}

func (p *participant) frame(f call.Frame) {
	now := f.Arrived.Sub(p.run.start)
	s, ok := read(f.Data)
	if !ok {
		return
	}
	k := audio
	if f.Track.Source == wire.SourceCamera {
		k = video
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.firsts[s.From]; !known && (k == video || p.run.config.Video == 0) {
		p.firsts[s.From] = now - p.began
		if len(p.firsts) == p.others {
			close(p.whole)
		}
	}
	if p.run.measured(time.Duration(s.Made)) {
		p.seen[k].add(now - time.Duration(s.Made))
		p.bytes += int64(len(f.Data))
	}
}

func (r *run) result(people []*participant) Result {
	out := Result{Publishers: r.config.Publishers, Subscribers: r.config.Subscribers, Seconds: r.config.For.Seconds()}
	var seen [kinds]histogram
	var joined, first histogram
	var bytes int64
	for _, p := range people {
		p.mu.Lock()
		for k := range seen {
			seen[k].merge(&p.seen[k])
		}
		for _, d := range p.firsts {
			first.add(d)
		}
		bytes += p.bytes
		p.mu.Unlock()
		joined.add(p.in - p.began)
	}
	var sent [kinds]int64
	for _, m := range r.makers {
		sent[m.kind] += m.made.Load()
	}
	receivers := int64(len(people) - 1)
	out.Joined, out.FirstFrame = joined.times(), first.times()
	out.Video, out.Audio = mediaOf(sent[video], receivers, &seen[video]), mediaOf(sent[audio], receivers, &seen[audio])
	out.Received = 8 * float64(bytes) / r.config.For.Seconds()
	return out
}

func leave(people []*participant) {
	var wg sync.WaitGroup
	for _, p := range people {
		wg.Go(p.call.Leave)
	}
	wg.Wait()
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
