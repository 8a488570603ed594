package call

import (
	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// KeyTransport is another way for the agents' messages than the server's signalling, for devices of people whom somebody
// else vouches for. What goes that way goes no other way, and what comes another way from them is not heard. Its methods
// are called from any goroutine and may not wait for anybody.
type KeyTransport interface {
	// Peer says how a device is reached, and who it is there.
	Peer(olmkeys.Ref) Peer
	// Begin is for each session: from now on we are self in this call.
	Begin(call olmkeys.CallID, self olmkeys.Ref, in Inbox)
	Send([]olmkeys.OutgoingMessage)
}

// Inbox takes in what a [KeyTransport] learns. Its functions wait for the session: they are called from goroutines that
// it does not wait for.
type Inbox struct {
	Hear func(olmkeys.MessageReceived)
	// Gone is for those for whom nobody vouches any more: as far as keys go they have left, whatever the server says.
	Gone func(which func(olmkeys.Ref) bool)
}

// Route is how messages for a device travel.
type Route uint8

// The routes. Who is not said to have one has none.
const (
	RouteNowhere Route = iota // not at all: the device gets no keys of ours, nor do we take its
	RouteSignalling
	RouteTransport // over the KeyTransport, and only so
)

// Peer is a device as a [KeyTransport] knows it.
type Peer struct {
	Route Route
	ID    string // who it is there; empty until it has been heard from
	Trust string // how far that is proven
}

// peer is how a device is reached.
func (c *Call) peer(ref olmkeys.Ref) Peer {
	if c.config.Transport == nil {
		return Peer{Route: RouteSignalling}
	}
	return c.config.Transport.Peer(ref)
}

func (s *session) beginTransport(id olmkeys.CallID) {
	if t := s.call.config.Transport; t != nil {
		t.Begin(id, s.agent.Ref(), Inbox{
			Hear: func(m olmkeys.MessageReceived) { s.post(func() { s.handle(m) }) },
			Gone: func(which func(olmkeys.Ref) bool) { s.post(func() { s.gone(which) }) },
		})
	}
}

func (s *session) gone(which func(olmkeys.Ref) bool) {
	var left []olmkeys.Ref
	for ref := range s.people {
		if which(ref) {
			left = append(left, ref)
		}
	}
	if len(left) > 0 {
		s.handle(olmkeys.RosterChanged{Left: left})
	}
}

// sendMessages gives each message to the way that its device is reached by.
func (s *session) sendMessages(messages []olmkeys.OutgoingMessage) {
	var signalled, carried []olmkeys.OutgoingMessage
	for _, m := range messages {
		switch s.call.peer(m.To).Route {
		case RouteSignalling:
			signalled = append(signalled, m)
		case RouteTransport:
			carried = append(carried, m)
		case RouteNowhere:
		}
	}
	if len(carried) > 0 {
		s.call.config.Transport.Send(carried)
	}
	if len(signalled) > 0 {
		s.request(requestOf(olmkeys.SendMessages{Messages: signalled}))
	}
}

// signalled takes in a message that came by signalling. From a device that is reached by the transport it is the
// server's attempt to speak in its place, or to be given what should go past it.
func (s *session) signalled(m *wire.DeviceMessage) {
	from := refOf(m.From)
	switch s.call.peer(from).Route {
	case RouteSignalling:
		s.handle(eventOf(m))
	case RouteTransport:
		if !s.bypassed[from] && len(s.bypassed) < maxMet {
			s.bypassed[from] = true
			s.tell(from, Bypassed, "")
		}
	case RouteNowhere:
	}
}

// showsPeer tells once of a device that gets no keys because nobody vouches for it.
func (s *session) showsPeer(ref olmkeys.Ref) {
	if s.call.peer(ref).Route == RouteNowhere {
		s.tell(ref, Unvouched, "")
	}
}
