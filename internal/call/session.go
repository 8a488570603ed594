package call

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

const (
	farewell      = 2 * time.Second // for the server to take note that we leave
	mediaPatience = time.Second     // for its goodbye, where media ends first
)

// session is one join: one join id, one agent, two peer connections. Its goroutine, which runs loop, owns everything
// here but the key ring; others reach it through post and do.
type session struct {
	call       *Call
	ctx        context.Context
	signalling *signalling
	agent      *olmkeys.Agent
	ring       *keyRing
	relays     []wire.ICEServer // lent by the server
	off        []wire.Feature   // that the room is without
	publisher  *publisher
	subscriber *subscriber
	actions    chan func()
	wake       *time.Timer
	known      map[olmkeys.Ref]bool // participants who were told our profile
	bypassed   map[olmkeys.Ref]bool // participants in whose name the server spoke, past the transport
	people     map[olmkeys.Ref]*person
	asking     *asking
	files      files
	meeting    []chan struct{} // of those who wait in Meet
	settling   []chan struct{} // ... in Settle
	verifying  map[olmkeys.Ref]bool
	offered    []wire.Subscription // by the server's newest offer
	paused     map[string]bool     // MIDs of pictures that there is no room for
	inCall     bool
	order      moderation
	carrying   int             // effects are carried out, and by them others
	changed    bool            // our profile, while effects are carried out
	later      []olmkeys.Event // for the agent, once they are
	end        error           // set to end the loop
}

// session joins and stays until the session is over. errRejoin and connection errors may be followed by another one.
func (c *Call) session(parent context.Context) error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent)) // the goodbye comes after the parent's end
	defer cancel()
	c.mu.Lock()
	link := c.config.Link
	c.mu.Unlock()
	g, welcome, err := begin(parent, link, c.tokens[link.Slug])
	if err != nil {
		return err
	}
	c.tokens[link.Slug] = g.token
	s := &session{call: c, ctx: ctx, signalling: g, ring: newKeyRing(), actions: make(chan func()),
		wake: time.NewTimer(time.Hour), known: map[olmkeys.Ref]bool{}, bypassed: map[olmkeys.Ref]bool{}, people: map[olmkeys.Ref]*person{},
		order: newModeration(), verifying: map[olmkeys.Ref]bool{}, paused: map[string]bool{},
		asking: c.askingIn(link.Slug), files: newFiles()}
	s.publisher, s.subscriber = newPublisher(s), newSubscriber(s)
	defer func() {
		c.enterCurrent(nil)
		s.endVerifications()
		s.endFiles()
		s.close()
		cancel()
		s.subscriber.running.Wait()
		s.publisher.running.Wait()
	}()
	if err := s.join(welcome); err != nil {
		return err
	}
	return s.loop(parent)
}

func (s *session) join(w *wire.Welcome) error {
	s.relays = w.ICEServers
	if err := s.welcomed(w.Off); err != nil {
		return err
	}
	var id olmkeys.CallID
	copy(id[:], w.Call) // wire has checked the length
	config := olmkeys.Config{
		Room: w.Room, Call: id, User: w.User, Device: w.DeviceID, Secret: s.call.config.Link.secret,
		Keys: s.call.config.Keys,
	}
	s.call.recall(&config)
	agent, effects, err := olmkeys.NewAgent(config, time.Now())
	if err != nil {
		return fmt.Errorf("%w: the server's welcome: %w", ErrConnect, err)
	}
	s.agent = agent
	s.call.tally.newAgent()
	s.beginTransport(id)
	s.carryOut(effects)
	if err := s.call.stretch(w.Room); err != nil {
		return fmt.Errorf("%w: the passphrase: %w", ErrConnect, err)
	}
	s.setKeys()
	s.noteSending(w.Room)
	return s.requestJoin()
}

// loop runs until the session has ended or the call is left.
func (s *session) loop(leaving context.Context) error {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	type comeback struct {
		socket *socket
		m      *wire.Resumed
		err    error
	}
	back := make(chan comeback)
	for s.end == nil {
		var incoming <-chan wire.ServerMessage
		if s.signalling.socket != nil {
			incoming = s.signalling.socket.incoming
		}
		select {
		case <-leaving.Done():
			s.leave()
			return nil
		case m, open := <-incoming:
			if !open {
				s.call.notice("Connection lost. Trying again.")
				dialAgain := s.signalling.lost()
				go func() {
					socket, m, err := dialAgain(s.ctx)
					select {
					case back <- comeback{socket, m, err}:
					case <-s.ctx.Done():
						if err == nil {
							socket.close() // the call was left meanwhile
						}
					}
				}()
				continue
			}
			s.receive(m)
		case b := <-back:
			if b.err != nil {
				return b.err
			}
			s.signalling.resumed(b.socket, b.m)
			s.handle(olmkeys.Resumed{})
			s.call.notice("Connected again.")
		case act := <-s.actions:
			act()
		case <-s.call.newKey:
			s.setKeys()
		case now := <-s.wake.C:
			s.carryOut(s.agent.Handle(now, olmkeys.Tick{}))
		case <-ping.C:
			s.request(&wire.Ping{Seq: s.signalling.seq})
		}
	}
	if errors.Is(s.end, ErrRemoved) || errors.Is(s.end, errElsewhere) {
		s.leave()
	}
	return s.end
}

// receive takes a message of the server in.
func (s *session) receive(m wire.ServerMessage) {
	if !s.signalling.received(m) || s.moderated(m) {
		return
	}
	switch m := m.(type) {
	case *wire.Joined:
		s.handle(eventOf(m))
		s.enter()
	case *wire.DeviceMessage:
		s.signalled(m)
	case *wire.SubscribeOffer:
		s.watch(m.Tracks)
		s.subscriber.offered(m)
	case *wire.Streams:
		s.streams(m.Tracks)
	case *wire.Wanted:
		s.publisher.wanted(m.Tracks)
	case *wire.Error:
		s.refused(m)
	case *wire.Bye:
		s.end = s.goodbye(m)
	default:
		if ev := eventOf(m); ev != nil {
			s.handle(ev)
		}
	}
}

// goodbye is why the server ends the session.
func (s *session) goodbye(m *wire.Bye) error {
	switch {
	case m.Code == wire.CodeRemoved:
		return &Error{Class: ErrRemoved, What: "a moderator removed you from this meeting", Code: string(m.Code)}
	case m.Code == wire.CodeCallEnded:
		s.call.notice("A moderator ended the meeting.")
		return errOver
	case m.Code == wire.CodeTimeOver:
		s.call.notice("The time of the meeting is over.")
		return errOver
	case m.Code == wire.CodeCalledBack:
		s.call.notice("The breakout rooms are over. Going back to the meeting.")
		s.call.calledBack()
		return errElsewhere
	}
	if e := refusal(&wire.Error{Code: m.Code, Message: m.Message}); errors.Is(e, ErrRefused) {
		return &Error{Class: ErrEnded, What: m.Message, Code: string(m.Code)}
	}
	return errRejoin
}

// enter begins what is done in a call: publishing, and saying one's name.
func (s *session) enter() {
	s.inCall = true
	s.call.enterCurrent(s)
	s.introduce()
	if !s.views() {
		s.publisher.begin()
	}
	if !s.call.everJoined() {
		close(s.call.joined)
	}
}

// refused: what a session cannot go on without ends it; the rest is about somebody who left meanwhile.
func (s *session) refused(e *wire.Error) {
	switch {
	case e.Code == wire.CodeUnknownDevice || e.Code == wire.CodeNoOneTimeKeys:
	case e.Code == wire.CodeKnockFirst && !s.inCall:
		s.knock()
	case !s.inCall || e.ID == 0:
		s.end = refusal(e)
	default:
		s.call.notice("The server refused a request: " + e.Message)
	}
}

func (s *session) handle(ev olmkeys.Event) { s.carryOut(s.agent.Handle(time.Now(), ev)) }

// carryOut does what the agent asks for, in its order. The agent is asked for more only when all of it is done: what it
// then says is newer, and an older WakeAt or data frame must not come after it.
func (s *session) carryOut(effects []olmkeys.Effect) {
	newcomers := false
	s.carrying++
	for _, e := range effects {
		if s.call.config.observe != nil {
			s.call.config.observe(s, e)
		}
		s.noted(e)
		if done, err := s.ring.apply(e); done {
			if err != nil {
				s.call.notice("A key could not be used: " + err.Error())
			}
			continue
		}
		switch e := e.(type) {
		case olmkeys.WakeAt:
			s.wake.Reset(max(0, time.Until(e.Time)))
		case olmkeys.Show:
			s.call.tally.state(e.From, e.State)
			if e.State.Healthy() && !s.known[e.From] {
				s.known[e.From] = true
				newcomers = true
			}
		case olmkeys.SendMessages:
			s.sendMessages(e.Messages)
		case olmkeys.SecretChanged:
			s.relinked(e)
		case olmkeys.Removed:
			s.removed(e.By)
		case olmkeys.Warn:
			s.call.tally.warning(e.From, e.Warning)
		case olmkeys.Verification:
			s.verification(e)
		case olmkeys.Pinned:
			s.call.remember(e.Pin)
		default:
			if m := requestOf(e); m != nil {
				s.request(m)
			}
		}
	}
	s.carrying--
	s.noteSending("")
	s.checkSettled()
	if newcomers || s.changed {
		s.changed = false
		s.introduce()
	}
	if newcomers {
		s.askAgain()
	}
	for len(s.later) > 0 && s.carrying == 0 {
		ev := s.later[0]
		s.later = s.later[1:]
		s.handle(ev)
	}
}

// handleSoon is handle, for what may be called while effects are carried out.
func (s *session) handleSoon(ev olmkeys.Event) {
	if s.carrying > 0 {
		s.later = append(s.later, ev)
	} else {
		s.handle(ev)
	}
}

func (s *session) ways() *ways { return newWays(s.call.config.Network, s.relays) }

// mender gives a connection's handler of states, which mends it.
func (s *session) mender(restart func(heard func())) func(webrtc.PeerConnectionState) {
	m := &mender{post: s.post, restart: restart, lost: func() { s.end = errRejoin }}
	return func(state webrtc.PeerConnectionState) { s.post(func() { m.changed(state) }) }
}

// mediaFailed ends the session with an error of its connections, in a moment: a server that says goodbye closes them, too, and may be heard
// to close before it is heard to say why.
func (s *session) mediaFailed(err error) {
	time.AfterFunc(mediaPatience, func() {
		s.post(func() {
			if s.end == nil {
				s.end = err
			}
		})
	})
}

func (s *session) request(m wire.ClientMessage) {
	if err := s.signalling.request(m, nil); err != nil {
		s.end = err
	}
}

// post runs f in the session's goroutine, later; false if the session has ended.
func (s *session) post(f func()) bool {
	select {
	case s.actions <- f:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// do runs f in the session's goroutine and waits for it.
func (s *session) do(f func()) bool {
	ran := make(chan struct{})
	if !s.post(func() { f(); close(ran) }) {
		return false
	}
	<-ran // the loop does not stop inside an action
	return true
}

// leave says goodbye; the server's answer, or a moment's silence, ends it.
func (s *session) leave() {
	if s.signalling.socket != nil && s.inCall {
		s.handle(olmkeys.Leaving{})
	}
	if s.signalling.socket == nil || s.signalling.request(&wire.Leave{}, nil) != nil {
		return
	}
	id, patience := s.signalling.lastID, time.After(farewell)
	for {
		select {
		case m, open := <-s.signalling.socket.incoming:
			if !open || wire.ID(m) == id {
				return
			}
		case act := <-s.actions:
			act()
		case <-patience:
			return
		}
	}
}

func (s *session) close() {
	s.wake.Stop()
	s.publisher.close()
	s.subscriber.close()
	if s.signalling.socket != nil {
		s.signalling.socket.close()
	}
}

func (s *session) noteSending(room string) {
	c := s.call
	c.mu.Lock()
	defer c.mu.Unlock()
	if room != "" {
		c.sending.room = room
	}
	ref := s.agent.Ref()
	c.sending.user, c.sending.device = ref.User, ref.Device
	c.sending.generation, c.sending.index = s.agent.Sending()
}
