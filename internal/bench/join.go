package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/internal/wire"
)

const loadRoom = "bench"

// postOffer publishes to the floor, or subscribes.
func postOffer(addr, path string, p *participant) error {
	var pc *webrtc.PeerConnection
	var err error
	if path == "/publish" {
		pc, err = p.offerTracks()
	} else {
		pc, err = p.offerToReceive()
	}
	if err != nil {
		return err
	}
	text, err := json.Marshal(floorRequest{Room: loadRoom, ID: p.id, Feeds: p.feeds, SDP: pc.LocalDescription().SDP})
	if err != nil {
		return err
	}
	response, err := http.Post("http://"+addr+path, "application/json", bytes.NewReader(text))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		problem, _ := io.ReadAll(response.Body)
		return fmt.Errorf("%s: %s", response.Status, problem)
	}
	var answer floorAnswer
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return err
	}
	return pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer.SDP})
}

func (p *participant) offerToReceive() (*webrtc.PeerConnection, error) {
	pc, err := p.newPeerConnection()
	if err != nil {
		return nil, err
	}
	for range p.feeds {
		for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio} {
			if _, err := pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
				return nil, err
			}
		}
	}
	return pc, offerNow(pc)
}

// visitor speaks Grotto's signalling, with keys of the right size that nobody made.
type visitor struct {
	*participant
	conn      *websocket.Conn
	subscribe *webrtc.PeerConnection

	mu      sync.Mutex // of what follows, and of writing
	id, seq uint64
}

// sayHello opens a socket and is welcomed.
func sayHello(addr, room string) (*visitor, error) {
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+addr+node.SignalPath, nil)
	if err != nil {
		return nil, err
	}
	v := &visitor{conn: conn}
	if err := v.send(&wire.Hello{Version: wire.Version, Room: room}); err != nil {
		return nil, err
	}
	_, err = expect[*wire.Welcome](v)
	return v, err
}

// join enters the room with as many keys as a client has.
func (v *visitor) join() error {
	key := func() wire.SignedKey {
		return wire.SignedKey{KeyID: rand.Text()[:11], Key: octets(32), Sig: octets(64)}
	}
	join := &wire.Join{JoinID: octets(16), CallKeys: octets(1500), Sig: octets(64), Proof: octets(32), FallbackKey: key()}
	for range oneTimeKeys {
		join.OneTimeKeys = append(join.OneTimeKeys, key())
	}
	if err := v.send(join); err != nil {
		return err
	}
	_, err := expect[*wire.Joined](v)
	return err
}

const oneTimeKeys = 50

func octets(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

func (v *visitor) send(m wire.ClientMessage) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.id++
	wire.SetID(m, v.id)
	text, err := wire.Encode(m)
	if err != nil {
		return err
	}
	return v.conn.WriteMessage(websocket.TextMessage, text)
}

func (v *visitor) next() (wire.ServerMessage, error) {
	_, text, err := v.conn.ReadMessage()
	if err != nil {
		return nil, err
	}
	m, err := wire.DecodeServer(text)
	if err == nil {
		v.mu.Lock()
		v.seq = max(v.seq, wire.Seq(m))
		v.mu.Unlock()
	}
	if refused, ok := m.(*wire.Error); ok {
		return nil, errors.New(refused.Message)
	}
	return m, err
}

// expect handles messages until one of the wanted kind is there.
func expect[M wire.ServerMessage](v *visitor) (wanted M, err error) {
	for {
		m, err := v.next()
		if err != nil {
			return wanted, err
		}
		if wanted, ok := m.(M); ok {
			return wanted, nil
		}
		if err := v.handle(m); err != nil {
			return wanted, err
		}
	}
}

func (v *visitor) handle(m wire.ServerMessage) error {
	offer, ok := m.(*wire.SubscribeOffer)
	if !ok {
		return nil
	}
	if v.subscribe == nil {
		pc, err := v.newPeerConnection()
		if err != nil {
			return err
		}
		v.subscribe = pc
	}
	if err := answerOffer(v.subscribe, offer.SDP); err != nil {
		return err
	}
	return v.send(&wire.SubscribeAnswer{Offer: offer.Offer, SDP: v.subscribe.LocalDescription().SDP})
}

// joinGrotto joins, publishes what there is to publish, and from then on takes all that is offered.
func joinGrotto(addr, room string, p *participant) (*visitor, error) {
	v, err := sayHello(addr, room)
	if err != nil {
		return nil, err
	}
	v.participant = p
	if err := v.join(); err != nil {
		return nil, err
	}
	if len(p.publish) > 0 {
		if err := v.publish(); err != nil {
			return nil, err
		}
	}
	go v.listen()
	return v, nil
}

// listen handles what comes until the socket ends. The load notices what does not arrive.
func (v *visitor) listen() {
	for {
		m, err := v.next()
		if err == nil {
			err = v.handle(m)
		}
		if err != nil {
			return
		}
	}
}

// confirm tells the server what has arrived.
func (v *visitor) confirm() error {
	v.mu.Lock()
	seq := v.seq
	v.mu.Unlock()
	return v.send(&wire.Ping{Seq: seq})
}

func (v *visitor) publish() error {
	pc, err := v.offerTracks()
	if err != nil {
		return err
	}
	m := &wire.Publish{SDP: pc.LocalDescription().SDP}
	for i, tr := range pc.GetTransceivers() {
		m.Tracks = append(m.Tracks, wire.Publication{MID: tr.Mid(), Source: v.participant.publish[i].source, Codec: v.participant.publish[i].codec})
	}
	if err := v.send(m); err != nil {
		return err
	}
	answer, err := expect[*wire.Published](v)
	if err != nil {
		return err
	}
	return pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer.SDP})
}
