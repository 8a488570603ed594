package call

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// backoff between attempts to reach the server again; the last repeats. No more, so that who comes back from a dead
// network has keys two seconds later.
var backoff = []time.Duration{200 * time.Millisecond, 500 * time.Millisecond, time.Second}

func pause(attempt int) time.Duration { return backoff[min(attempt, len(backoff)-1)] }

// errRejoin ends a session that a new one may follow: the server has forgotten it, or told everybody to come back.
var errRejoin = errors.New("call: the session is over; join anew")

// errOver ends a session, and the call, as a moderator asked; errElsewhere ends one that goes on in another room.
var (
	errOver      = errors.New("call: the meeting is over")
	errElsewhere = errors.New("call: the meeting goes on in another room")
)

// finalCodes are refusals after which a new session would be refused in the same way.
var finalCodes = []wire.Code{wire.CodeBadVersion, wire.CodeBadRoom, wire.CodeUnknownRoom, wire.CodeBadToken,
	wire.CodeTokenNeeded, wire.CodeTokenExpired,
	wire.CodeRoomFull, wire.CodeUnsupported, wire.CodeReplaced, wire.CodeLocked,
	wire.CodeNotAdmitted}

// signalling is one session over as many sockets as it takes. A client's message carries an id that grows by one, a
// server's a seq; when a socket drops, Resume names the last seq seen and Resumed the last id handled, and each side
// sends the rest again. Use it from the session's goroutine only.
type signalling struct {
	link   Link
	socket *socket // nil while it is dialled anew
	token  string  // resume token
	lastID uint64
	seq    uint64
	outbox []pending // requests without an answer, in order
}

type pending struct {
	id       uint64
	text     []byte
	answered func(wire.ServerMessage) // nil: nobody waits
}

// begin dials, says hello and waits for the welcome. Replaces is the token of the session before, if there was one.
func begin(ctx context.Context, link Link, replaces string) (*signalling, *wire.Welcome, error) {
	s, err := dial(ctx, link)
	if err != nil {
		return nil, nil, err
	}
	g := &signalling{link: link, socket: s, lastID: 1}
	welcome, err := greet[*wire.Welcome](ctx, s, &wire.Hello{ID: g.lastID, Version: wire.Version, Room: link.Slug, Token: link.token, Replaces: replaces})
	if err != nil {
		s.close()
		return nil, nil, err
	}
	g.token, g.seq = welcome.Resume, welcome.Seq
	return g, welcome, nil
}

// greet writes the first message of a socket and waits for the first one of the server.
func greet[Answer wire.ServerMessage](ctx context.Context, s *socket, m wire.ClientMessage) (answer Answer, err error) {
	text, err := wire.Encode(m)
	if err != nil {
		return answer, err
	}
	if err := s.write(text); err != nil {
		return answer, &Error{Class: ErrConnect, What: "the connection to the server broke", Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	select {
	case m, open := <-s.incoming:
		if !open {
			return answer, &Error{Class: ErrConnect, What: "the server closed the connection", Err: s.err}
		}
		switch m := m.(type) {
		case Answer:
			return m, nil
		case *wire.Error:
			return answer, refusal(m)
		}
		return answer, &Error{Class: ErrConnect, What: fmt.Sprintf("the server answered with %s where it should not", wire.TypeOf(m))}
	case <-ctx.Done():
		return answer, &Error{Class: ErrConnect, What: "the server does not answer", Err: ctx.Err(), Hint: "try again in a moment"}
	}
}

// refusal turns the server's error into one for a person, or into errRejoin where joining anew would help.
func refusal(e *wire.Error) error {
	if e.Code == wire.CodeResumeUnknown {
		return errRejoin
	}
	class := ErrConnect
	if slices.Contains(finalCodes, e.Code) {
		class = ErrRefused
	}
	return &Error{Class: class, What: e.Message, Hint: e.Hint, Code: string(e.Code), Err: e}
}

// request sends a message and remembers it until it is answered. A write that fails is not an error: the socket's
// reader will say so, and the message goes out again after resuming.
func (g *signalling) request(m wire.ClientMessage, answered func(wire.ServerMessage)) error {
	g.lastID++
	wire.SetID(m, g.lastID)
	text, err := wire.Encode(m)
	if err != nil {
		return err
	}
	if _, isPing := m.(*wire.Ping); !isPing {
		g.outbox = append(g.outbox, pending{g.lastID, text, answered})
	}
	if g.socket != nil {
		_ = g.socket.write(text)
	}
	return nil
}

// received does the book-keeping of a message and says whether it is new.
func (g *signalling) received(m wire.ServerMessage) bool {
	if seq := wire.Seq(m); seq > 0 {
		if seq <= g.seq {
			return false // sent again after resuming, and seen before
		}
		g.seq = seq
	}
	if id := wire.ID(m); id > 0 {
		for i, p := range g.outbox {
			if p.id == id {
				g.outbox = slices.Delete(g.outbox, i, i+1)
				if p.answered != nil {
					p.answered(m)
				}
				break
			}
		}
	}
	return true
}

// lost lets go of a socket that ended and returns a function to be run elsewhere: it dials until the session is taken
// up where it was, or until the server no longer knows it. Requests are kept meanwhile.
func (g *signalling) lost() func(context.Context) (*socket, *wire.Resumed, error) {
	g.socket.close()
	g.socket = nil
	g.lastID++
	link, hello := g.link, wire.Resume{ID: g.lastID, Version: wire.Version, Token: g.token, Seq: g.seq}
	return func(ctx context.Context) (*socket, *wire.Resumed, error) {
		ctx, cancel := context.WithTimeoutCause(ctx, (wire.ResumeSeconds+2)*time.Second, errRejoin)
		defer cancel()
		for attempt := 0; ; attempt++ {
			s, err := dial(ctx, link)
			if err == nil {
				resumed, err := greet[*wire.Resumed](ctx, s, &hello)
				if err == nil {
					return s, resumed, nil
				}
				s.close()
				if errors.Is(err, errRejoin) || errors.Is(err, ErrRefused) {
					return nil, nil, err
				}
			}
			if wait(ctx, pause(attempt)) != nil {
				return nil, nil, context.Cause(ctx)
			}
		}
	}
}

// resumed goes on with another socket and sends again what the server has not handled.
func (g *signalling) resumed(s *socket, m *wire.Resumed) {
	g.socket = s
	for _, p := range g.outbox {
		if p.id > m.LastID {
			_ = s.write(p.text)
		}
	}
}

// wait sleeps unless the context ends first.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
