package lkroom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/pion/webrtc/v4"
)

const (
	signalPath  = "/rtc"
	protocol    = "15"
	maxMessage  = 1 << 20
	joinTime    = 10 * time.Second
	writeTime   = 5 * time.Second
	pingDefault = 5 * time.Second
	pongDefault = 15 * time.Second
)

// Why a room ends, besides Leave.
var (
	ErrRefused = errors.New("lkroom: the server refused")
	ErrEnded   = errors.New("lkroom: the server ended it")     // and does not want us back
	ErrLost    = errors.New("lkroom: the connection was lost") // join again
)

// Config says which room to join, and who listens. The functions are called from the room's goroutines, those about
// participants one after the other; they may not block.
type Config struct {
	URL   string // ws or wss, http or https
	Token string
	// Receive says whether others' tracks are wanted.
	Receive bool
	// OnUpdate is called with each participant who is there or changes or, in the state Gone, leaves.
	OnUpdate func(*Participant)
	OnTrack  func(*Incoming)
	Settings func(*webrtc.SettingEngine) // nil: pion's own
}

// Room is a LiveKit room that was joined. Its methods may be called from any goroutine.
type Room struct {
	config  Config
	self    Participant
	trailer []byte
	socket  *websocket.Conn
	api     *webrtc.API
	ice     webrtc.Configuration
	done    chan struct{}

	writing sync.Mutex

	mu         sync.Mutex
	err        error
	over       bool
	pub, sub   *webrtc.PeerConnection
	early      map[int32][]webrtc.ICECandidateInit // came before what they belong to
	awaited    map[string]chan *Track              // of AddTrack, by client id
	answered   chan struct{}                       // of the offer that is under way
	heard      time.Time
	timeout    time.Duration
	publishing sync.Mutex // one offer after the other
}

// Join enters a room and returns when the server has let us in.
func Join(ctx context.Context, config Config) (*Room, error) {
	u, err := signalURL(config)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, joinTime)
	defer cancel()
	// In a header, since URLs are logged.
	socket, resp, err := websocket.DefaultDialer.DialContext(ctx, u, http.Header{"Authorization": {"Bearer " + config.Token}})
	if err != nil {
		if resp != nil && resp.StatusCode >= 400 && resp.StatusCode < 500 {
			return nil, fmt.Errorf("%w: %s", ErrRefused, resp.Status)
		}
		return nil, fmt.Errorf("%w: %w", ErrLost, err)
	}
	socket.SetReadLimit(maxMessage)
	r := &Room{config: config, socket: socket, done: make(chan struct{}), early: map[int32][]webrtc.ICECandidateInit{},
		awaited: map[string]chan *Track{}, timeout: pongDefault, heard: time.Now()}
	deadline, _ := ctx.Deadline()
	_ = socket.SetReadDeadline(deadline)
	m, err := r.read()
	if err == nil && m.Join == nil {
		err = ErrRefused
	}
	if err == nil {
		err = r.begin(m.Join)
	}
	if err != nil {
		_ = socket.Close()
		return nil, err
	}
	go r.run(m.Join)
	return r, nil
}

func signalURL(config Config) (string, error) {
	u, err := url.Parse(config.URL)
	if err != nil {
		return "", errors.New("lkroom: not a URL")
	}
	switch u.Scheme {
	case "http":
		u.Scheme = "ws"
	case "https":
		u.Scheme = "wss"
	case "ws", "wss":
	default:
		return "", fmt.Errorf("lkroom: a server's URL does not begin with %q", u.Scheme)
	}
	receive := "0"
	if config.Receive {
		receive = "1"
	}
	u = u.JoinPath(signalPath)
	u.RawQuery = url.Values{"protocol": {protocol}, "auto_subscribe": {receive}, "sdk": {"go"}, "adaptive_stream": {"0"}}.Encode()
	return u.String(), nil
}

func (r *Room) begin(j *joined) error {
	if j.Participant == nil {
		return errProto
	}
	r.self, r.trailer = *j.Participant, j.SIFTrailer
	if j.PingTimeout > 0 {
		r.timeout = time.Duration(j.PingTimeout) * time.Second
	}
	for _, s := range j.ICEServers {
		r.ice.ICEServers = append(r.ice.ICEServers, webrtc.ICEServer{URLs: s.URLs, Username: s.Username, Credential: s.Credential})
	}
	var err error
	r.api, err = newAPI(r.config.Settings)
	return err
}

// Self is who we are there.
func (r *Room) Self() Participant { return r.self }

// Trailer ends frames that the server puts in by itself; see lkframe.Injected.
func (r *Room) Trailer() []byte { return r.trailer }

// Done is closed when the room is over; Err says why.
func (r *Room) Done() <-chan struct{} { return r.done }

// Err is nil before Done is closed, and after Leave.
func (r *Room) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Leave tells the server, and ends the room.
func (r *Room) Leave() {
	_ = r.send(&request{Leave: &leave{}})
	r.end(nil)
	<-r.done
}

// end is the end of everything of the room; the first reason counts.
func (r *Room) end(err error) {
	r.mu.Lock()
	over := r.over
	if !over {
		r.over, r.err = true, err
	}
	r.mu.Unlock()
	if !over {
		_ = r.socket.Close() // which ends run
	}
}

func (r *Room) run(j *joined) {
	defer close(r.done)
	interval := pingDefault
	if j.PingInterval > 0 {
		interval = time.Duration(j.PingInterval) * time.Second
	}
	var pinging sync.WaitGroup
	stop := make(chan struct{})
	pinging.Go(func() { r.ping(interval, stop) })
	for _, p := range j.Others {
		r.updated(p)
	}
	_ = r.socket.SetReadDeadline(time.Time{}) // ping sees to it
	for {
		m, err := r.read()
		if err == nil {
			err = r.receive(m)
		}
		if err != nil {
			r.end(err)
			break
		}
	}
	close(stop)
	pinging.Wait()
	r.mu.Lock()
	pub, sub := r.pub, r.sub
	r.mu.Unlock()
	for _, pc := range []*webrtc.PeerConnection{pub, sub} {
		if pc != nil {
			_ = pc.Close()
		}
	}
}

// ping asks the server whether it is there, and ends the room when it is not.
func (r *Room) ping(every time.Duration, stop chan struct{}) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		r.mu.Lock()
		silent := time.Since(r.heard) > r.timeout+every
		r.mu.Unlock()
		if silent || r.send(&request{Ping: &ping{Timestamp: time.Now().UnixMilli()}}) != nil {
			r.end(ErrLost)
			return
		}
	}
}

func (r *Room) read() (*response, error) {
	kind, data, err := r.socket.ReadMessage()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLost, err)
	}
	m := &response{}
	if kind != websocket.BinaryMessage {
		return m, nil
	}
	return m, decode(data, m)
}

func (r *Room) send(m *request) error {
	r.writing.Lock()
	defer r.writing.Unlock()
	_ = r.socket.SetWriteDeadline(time.Now().Add(writeTime))
	return r.socket.WriteMessage(websocket.BinaryMessage, encode(m))
}

func (r *Room) receive(m *response) error {
	r.mu.Lock()
	r.heard = time.Now()
	r.mu.Unlock()
	switch {
	case m.Offer != nil:
		return r.offered(m.Offer)
	case m.Answer != nil:
		return r.takeAnswer(m.Answer)
	case m.Trickle != nil:
		return r.candidate(m.Trickle)
	case m.Update != nil:
		for _, p := range m.Update.Participants {
			r.updated(p)
		}
	case m.Published != nil && m.Published.Track != nil:
		r.mu.Lock()
		waiting := r.awaited[m.Published.ClientID]
		delete(r.awaited, m.Published.ClientID)
		r.mu.Unlock()
		if waiting != nil {
			waiting <- m.Published.Track
		}
	case m.Leave != nil:
		if m.Leave.Action == actionDisconnect && !m.Leave.CanReconnect {
			return fmt.Errorf("%w (reason %d)", ErrEnded, m.Leave.Reason)
		}
		return ErrLost
	}
	return nil
}

func (r *Room) updated(p *Participant) {
	if f := r.config.OnUpdate; f != nil && p.SID != r.self.SID {
		f(p)
	}
}

// candidate takes one in, or keeps it until what it belongs to has come.
func (r *Room) candidate(t *trickle) error {
	var c webrtc.ICECandidateInit
	if json.Unmarshal([]byte(t.Candidate), &c) != nil {
		return nil
	}
	r.mu.Lock()
	pc := r.sub
	if t.Target == targetPublisher {
		pc = r.pub
	}
	wait := pc == nil || pc.RemoteDescription() == nil
	if wait && len(r.early[t.Target]) < maxEarly {
		r.early[t.Target] = append(r.early[t.Target], c)
	}
	r.mu.Unlock()
	if !wait {
		_ = pc.AddICECandidate(c) // one that is of no use is none
	}
	return nil
}

// maxEarly bounds candidates that are kept.
const maxEarly = 64

// described adds the candidates that came before the description.
func (r *Room) described(pc *webrtc.PeerConnection, target int32) {
	r.mu.Lock()
	early := r.early[target]
	delete(r.early, target)
	r.mu.Unlock()
	for _, c := range early {
		_ = pc.AddICECandidate(c)
	}
}
