package main

import (
	"context"
	_ "embed"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/e2e/relay"
	"github.com/grotto-meet/grotto/internal/wire"
)

const (
	joining      = 4 // at a time: the keys of each newcomer are work for everybody
	pictureEvery = 100 * time.Millisecond
	soundEvery   = 400 * time.Millisecond // as of somebody silent, whose encoder rests
)

// face is a key frame of VP8, 160 x 90; hush is 20 ms of silence in Opus.
//
//go:embed face.vp8
var face []byte
var hush = []byte{0xf8, 0xff, 0xfe}

// crowd is people who are in meetings with a camera and a microphone. They are offered nothing, hear nothing, and do not say who
// they are before all are there: fifty who receive fifty and greet each of them are too much work for one machine.
type crowd struct {
	signal string // of this server, ws://
}

// newFront listens for their signalling.
func (c *crowd) newFront(there *atomic.Bool) (host string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	front := relay.New(c.signal)
	front.FromServer(func(_ *relay.Conn, m wire.ServerMessage) []wire.ServerMessage {
		switch m.(type) {
		case *wire.SubscribeOffer, *wire.Data, *wire.Speakers:
			return nil
		}
		return []wire.ServerMessage{m}
	})
	front.FromClient(func(_ *relay.Conn, m wire.ClientMessage) []wire.ClientMessage {
		if said, ok := m.(*wire.SendData); ok && !there.Load() {
			return []wire.ClientMessage{&wire.Ping{ID: said.ID}} // numbers have no gaps
		}
		return []wire.ClientMessage{m}
	})
	go func() { _ = http.Serve(l, front) }()
	return l.Addr().String(), nil
}

// ServeHTTP brings ?people= into ?link=, and answers once all are there.
func (c *crowd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	people, err := strconv.Atoi(r.URL.Query().Get("people"))
	if err == nil {
		err = c.come(r.URL.Query().Get("link"), people)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

func (c *crowd) come(to string, people int) error {
	u, err := url.Parse(to)
	if err != nil {
		return err
	}
	var there atomic.Bool
	if u.Host, err = c.newFront(&there); err != nil {
		return err
	}
	link, err := call.ParseLink(u.String())
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	slots, failed := make(chan struct{}, joining), make(chan error, people)
	for i := range people {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			_, err := call.Join(context.Background(), call.Config{Link: link, Name: fmt.Sprintf("Person %02d", i+1),
				Publish: []call.Media{
					{Source: wire.SourceCamera, Codec: wire.CodecVP8, Make: every(face, pictureEvery)},
					{Source: wire.SourceMic, Codec: wire.CodecOpus, Make: every(hush, soundEvery)},
				}, Network: call.NetworkUDP})
			if err != nil {
				failed <- err
			}
		})
	}
	wg.Wait()
	there.Store(true)
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

func every(frame []byte, apart time.Duration) func(bool) ([]byte, time.Duration) {
	return func(bool) ([]byte, time.Duration) { return frame, apart }
}
