package main

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v4"
)

// Those who are there and do nothing.
const (
	idleHello  = "hello"  // a socket, welcomed
	idleJoined = "joined" // with keys
	idleSilent = "silent" // in rooms of two, with both connections open, two tracks each way, and nothing sent
)

// runIdle fills the server and reads its memory before and after.
func (s scenario) runIdle() (r result, err error) {
	if err := free(s.Addr); err != nil {
		return r, err
	}
	before, err := usageOf(s.PID)
	if err != nil {
		return r, err
	}
	api, err := newLoadAPI()
	if err != nil {
		return r, err
	}
	var open atomic.Int64
	var visitors []*visitor
	for i := range s.Subscribers {
		v, err := s.idle(api, i, &open)
		if err != nil {
			return r, fmt.Errorf("%d: %w", i, err)
		}
		visitors = append(visitors, v)
	}
	for deadline := time.Now().Add(setupLimit); s.Idle == idleSilent && open.Load() < int64(2*s.Subscribers); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			return r, fmt.Errorf("only %d of %d connections came up", open.Load(), 2*s.Subscribers)
		}
	}
	for _, v := range visitors { // as clients do every ten seconds: the server keeps what they have not confirmed
		if err := v.confirm(); err != nil {
			return r, err
		}
	}
	time.Sleep(time.Second) // what set-up leaves behind ends by then
	if err := free(s.Addr); err != nil {
		return r, err
	}
	after, err := usageOf(s.PID)
	r.RSS0, r.RSS = before.rss, after.rss
	return r, err
}

func (s scenario) idle(api *webrtc.API, i int, open *atomic.Int64) (*visitor, error) {
	if s.Idle == idleSilent {
		p := &participant{id: fmt.Sprint("idle", i), api: api, receive: func(*webrtc.TrackRemote, *webrtc.RTPReceiver) {}, opened: func() { open.Add(1) }}
		for k, video := range []bool{true, false} {
			t, err := newTrack(p.id, uint32(tracksEach*i+k), video)
			if err != nil {
				return nil, err
			}
			p.publish = append(p.publish, t)
		}
		return joinGrotto(s.Addr, fmt.Sprintf("%s-%d", loadRoom, i/2), p)
	}
	v, err := sayHello(s.Addr, loadRoom)
	if err != nil || s.Idle == idleHello {
		return v, err
	}
	if err := v.join(); err != nil {
		return nil, err
	}
	go v.listen()
	return v, nil
}
