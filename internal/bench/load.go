package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
)

// scenario is what the load does to a server.
type scenario struct {
	Kind, Addr  string // of the server
	PID         int
	Publishers  int
	Subscribers int // who only receive; 0: the publishers receive one another
	Warm, For   time.Duration
	Idle        string // in place of all that: Subscribers who do nothing, of this kind
}

func (s scenario) mesh() bool { return s.Subscribers == 0 }

func (s scenario) String() string {
	if s.mesh() {
		return fmt.Sprintf("%d x %d", s.Publishers, s.Publishers)
	}
	return fmt.Sprintf("%d -> %d", s.Publishers, s.Subscribers)
}

// result is what came of it. CPU and RSS are the server's.
type result struct {
	Sent, Received   uint64  // packets in the window; each one sent is to be received by all who subscribe
	Loss             float64 // percent
	CPU              float64 // microseconds a packet received
	P50, P99, Max    float64 // microseconds from one end to the other
	RSS0, RSS        int64   // bytes, before and in the end
	Cores, LoadCores float64 // busy, of the server and of the load
	Again, Unstamped uint64  // packets that came twice, and that carry no stamp
}

// participant is one who is there, on the load's side.
type participant struct {
	id      string
	api     *webrtc.API
	publish []*track
	feeds   []string // whom to subscribe to, where the server does not know by itself
	receive func(*webrtc.TrackRemote, *webrtc.RTPReceiver)
	opened  func() // a connection is up; may be nil
}

func (p *participant) newPeerConnection() (*webrtc.PeerConnection, error) {
	pc, err := p.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	pc.OnTrack(p.receive)
	if p.opened != nil {
		pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
			if state == webrtc.PeerConnectionStateConnected {
				p.opened()
			}
		})
	}
	return pc, nil
}

// offerTracks makes the publishing connection and its offer.
func (p *participant) offerTracks() (pc *webrtc.PeerConnection, err error) {
	if pc, err = p.newPeerConnection(); err != nil {
		return nil, err
	}
	for _, t := range p.publish {
		tr, err := pc.AddTransceiverFromTrack(t.local, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		if err != nil {
			return nil, err
		}
		go t.feedback(tr.Sender())
	}
	return pc, offerNow(pc)
}

func offerNow(pc *webrtc.PeerConnection) error {
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(offer); err != nil {
		return err
	}
	<-gathered
	return nil
}

// newLoadAPI does what a browser does: NACK, reports, transport-wide congestion control in both directions.
func newLoadAPI() (*webrtc.API, error) {
	var media webrtc.MediaEngine
	if err := media.RegisterDefaultCodecs(); err != nil {
		return nil, err
	}
	registry := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(&media, registry); err != nil {
		return nil, err
	}
	if err := webrtc.ConfigureTWCCHeaderExtensionSender(&media, registry); err != nil {
		return nil, err
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(&media), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(loopbackOnly())), nil
}

// receiver is the receiving side of one participant.
type receiver struct {
	counting *atomic.Bool

	mu        sync.Mutex
	feeds     map[uint32]*arrivals
	latencies latencies
	packets   uint64 // in the window, each once
	again     uint64 // in the window, of those that had come before
	unstamped uint64
}

// arrivals remembers what came lately of a feed: packets that are sent again come twice at times.
type arrivals struct {
	numbers [4096]uint64
}

// fresh wants numbers from 1.
func (a *arrivals) fresh(number uint64) bool {
	at := &a.numbers[number%uint64(len(a.numbers))]
	fresh := *at != number
	*at = number
	return fresh
}

func (r *receiver) read(remote *webrtc.TrackRemote, from *webrtc.RTPReceiver) {
	go drain(func(b []byte) error { _, _, err := from.Read(b); return err })
	buffer := make([]byte, 1500)
	for {
		n, _, err := remote.Read(buffer)
		if err != nil {
			return
		}
		s, ok := readStamp(buffer[:n])
		r.take(s, ok, time.Since(began))
	}
}

func (r *receiver) take(s stamp, ok bool, now time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !ok {
		r.unstamped++
		return
	}
	from := r.feeds[s.feed]
	if from == nil {
		from = &arrivals{}
		r.feeds[s.feed] = from
	}
	fresh := from.fresh(s.number)
	switch {
	case !r.counting.Load():
	case fresh:
		r.latencies.add(now - s.sent)
		r.packets++
	default:
		r.again++
	}
}

func (r *receiver) complete(feeds int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.feeds) == feeds
}

// setupLimit bounds how long everybody may take to be there.
const setupLimit = time.Minute

// loadRole runs a scenario and prints its result.
func loadRole(text string) error {
	var s scenario
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return err
	}
	run := s.run
	if s.Idle != "" {
		run = s.runIdle
	}
	r, err := run()
	if err != nil {
		return fmt.Errorf("%v: %w", s, err)
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

func (s scenario) run() (r result, err error) {
	before, err := usageOf(s.PID)
	if err != nil {
		return r, err
	}
	stop := make(chan struct{})
	defer close(stop)
	var counting atomic.Bool
	tracks, receivers, err := s.join(stop, &counting)
	if err != nil {
		return r, err
	}
	sent := func() (n uint64) {
		for _, t := range tracks {
			n += t.sent.Load()
		}
		return n
	}
	time.Sleep(s.Warm)
	server0, err := usageOf(s.PID)
	if err != nil {
		return r, err
	}
	self0, err := usageOf(os.Getpid())
	if err != nil {
		return r, err
	}
	sent0, began := sent(), time.Now()
	counting.Store(true)
	time.Sleep(s.For)
	counting.Store(false)
	took := time.Since(began)
	r.Sent = sent() - sent0
	server1, err := usageOf(s.PID)
	if err != nil {
		return r, err
	}
	self1, err := usageOf(os.Getpid())
	if err != nil {
		return r, err
	}
	var all latencies
	for _, to := range receivers {
		to.mu.Lock()
		all.merge(&to.latencies)
		r.Received += to.packets
		r.Again += to.again
		r.Unstamped += to.unstamped
		to.mu.Unlock()
	}
	fan := len(receivers)
	if s.mesh() {
		fan--
	}
	micro := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
	expected := float64(r.Sent) * float64(fan)
	r.Loss = 100 * (1 - float64(r.Received)/expected)
	r.CPU = micro(server1.cpu-server0.cpu) / float64(max(r.Received, 1))
	r.P50, r.P99, r.Max = micro(all.quantile(.5)), micro(all.quantile(.99)), micro(all.max)
	r.RSS0, r.RSS = before.rss, server1.rss
	r.Cores, r.LoadCores = (server1.cpu-server0.cpu).Seconds()/took.Seconds(), (self1.cpu-self0.cpu).Seconds()/took.Seconds()
	return r, nil
}

// join brings everybody in, publishers first, and returns when every receiver has something of every feed.
func (s scenario) join(stop <-chan struct{}, counting *atomic.Bool) (tracks []*track, receivers []*receiver, err error) {
	api, err := newLoadAPI()
	if err != nil {
		return nil, nil, err
	}
	ids := make([]string, s.Publishers)
	for i := range ids {
		ids[i] = fmt.Sprint("publisher", i)
	}
	newReceiver := func() *receiver {
		r := &receiver{counting: counting, feeds: map[uint32]*arrivals{}}
		receivers = append(receivers, r)
		return r
	}
	var late []*participant // the floor cannot add a feed later: subscribe when all are there
	for i, id := range ids {
		p := &participant{id: id, api: api}
		for k, video := range []bool{true, false} {
			t, err := newTrack(id, uint32(tracksEach*i+k), video)
			if err != nil {
				return nil, nil, err
			}
			p.publish = append(p.publish, t)
			tracks = append(tracks, t)
			go t.run(stop, time.Second/framesPerSecond*time.Duration(i)/time.Duration(s.Publishers))
		}
		if s.mesh() {
			p.receive = newReceiver().read
			for _, other := range ids {
				if other != id {
					p.feeds = append(p.feeds, other)
				}
			}
			late = append(late, p)
		}
		if err := s.enter(p); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", id, err)
		}
	}
	for i := range s.Subscribers {
		late = append(late, &participant{id: fmt.Sprint("subscriber", i), api: api, feeds: ids, receive: newReceiver().read})
	}
	for _, p := range late {
		if err := s.follow(p); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", p.id, err)
		}
	}
	feeds := tracksEach * s.Publishers
	if s.mesh() {
		feeds -= tracksEach
	}
	for deadline := time.Now().Add(setupLimit); ; time.Sleep(50 * time.Millisecond) {
		there := 0
		for _, r := range receivers {
			if r.complete(feeds) {
				there++
			}
		}
		if there == len(receivers) {
			return tracks, receivers, nil
		}
		if time.Now().After(deadline) {
			return nil, nil, fmt.Errorf("only %d of %d receivers have all feeds", there, len(receivers))
		}
	}
}

// enter brings a publisher in.
func (s scenario) enter(p *participant) error {
	if s.Kind == roleFloor {
		return postOffer(s.Addr, "/publish", p)
	}
	_, err := joinGrotto(s.Addr, loadRoom, p)
	return err
}

// follow subscribes. Grotto offers what there is to all who are there.
func (s scenario) follow(p *participant) error {
	switch {
	case s.Kind == roleFloor:
		return postOffer(s.Addr, "/subscribe", p)
	case s.mesh():
		return nil
	}
	_, err := joinGrotto(s.Addr, loadRoom, p)
	return err
}
