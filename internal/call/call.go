package call

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/mediacrypt"
	"github.com/grotto-meet/grotto/olmkeys"
)

// Config says which meeting to join, and what to do there.
type Config struct {
	Link    Link
	Name    string  // shown to the others, sealed; at most 64 characters
	Publish []Media // from OpenMedia
	Watch   Watch   // what of the others is received
	Network Network // by which ways media may go
	// Keys says where keys come from, if not from the link and over Olm. The link is one of ParseRoomLink then, and
	// nothing is sent or opened before Call.SetKey.
	Keys olmkeys.KeySource
	// SharedKey sets everybody's key, and Keys, at once.
	SharedKey *SharedKey
	// OnFrame is called with each frame that opened. Calls for one track come one after the other, from a goroutine of
	// the track's. It may keep Data.
	OnFrame func(Frame)
	// OnChat is called with each line that somebody writes, OnPerson with what else they do, OnVerification with how
	// comparing emoji goes, OnFile how far one's files come, from the session's goroutine: they may not call Say, SayTo,
	// React, RaiseHand, Find, Meet, Participants, Verify, or anything of polls and files.
	OnChat         func(ChatLine)
	OnPerson       func(PersonEvent)
	OnVerification func(Verification)
	OnFile         func(Transfer)
	// OnSending is called with what somebody sends, when they say so or it changes, in the same way.
	OnSending func(Sending)
	Recorder  *Recorder    // writes what opens, if set; the caller closes it after the call
	Player    *Player      // is handed what opens, if set, and says what is received
	Memory    Memory       // keeps an identity and whom it met; nil for a guest
	Transport KeyTransport // carries the agents' messages for those whom it knows; nil: all go by signalling
	// OnNotice is called with what a person at a terminal wants to know, in words, from the session's goroutine.
	OnNotice func(string)

	// seal stands in for the sealer in tests that show what the SFU would see without it.
	seal func(s *mediacrypt.Sealer, source mediacrypt.Source, codec mediacrypt.Codec, frame []byte) ([]byte, error)
	// mark is put behind every encoder frame in tests that look for plaintext.
	mark []byte
	// observe sees every effect of the agent in tests that try keys on frames they should not open.
	observe func(*session, olmkeys.Effect)
}

// TrackID names a track of a participant: a source, for as long as its m-line lives.
type TrackID struct {
	From   olmkeys.Ref
	Source wire.Source
	Codec  wire.Codec
	Serial int // tells apart tracks of the same source, one after the other
}

// Frame is an encoder frame that opened.
type Frame struct {
	Track     TrackID
	Key       bool      // can be decoded without the ones before it
	Timestamp uint32    // RTP
	Arrived   time.Time // its last packet; it opens when the next frame begins to arrive
	Data      []byte
}

// Call is a meeting that was joined. Its methods may be called from any goroutine.
type Call struct {
	config   Config
	cancel   context.CancelFunc
	joined   chan struct{} // closed after the first Joined
	done     chan struct{} // closed when all is over
	err      error         // why, once done is closed
	start    time.Time
	tally    *tally
	newKey   chan struct{}      // keys has another one
	tokens   map[string]string  // of the last session in each room; for run only, as are
	polls    map[string]*asking // in each room, and
	lastFile int                // the number of the last one offered
	asked    sync.Map           // *atomic.Bool by TrackID: somebody else needs a key frame

	mu      sync.Mutex
	serials int
	sending sending
	current *session             // that is in the call; nil while there is none
	hand    int64                // when ours was raised, ms since 1970; 0: it is down
	keys    *olmkeys.KeySet      // nil where keys do not come from outside
	off     map[wire.Source]bool // switched off by a moderator
	muted   map[wire.Source]bool // by ourselves
	away    *away                // where we are in a breakout room of a meeting
}

// sending is what the last session sealed with.
type sending struct {
	room, user, device string
	generation, index  uint32
}

// Join enters the meeting and returns once the server has let us in. The call goes on until the context ends, Leave is
// called, or the server ends it for good; a lost server is looked for again until then.
func Join(ctx context.Context, config Config) (*Call, error) {
	c := &Call{config: config, joined: make(chan struct{}), done: make(chan struct{}),
		start: time.Now(), tally: newTally(), newKey: make(chan struct{}, 1), off: map[wire.Source]bool{}, muted: map[wire.Source]bool{},
		tokens: map[string]string{}, polls: map[string]*asking{}}
	if err := c.checkKeys(); err != nil {
		return nil, err
	}
	if r := config.Recorder; r != nil {
		r.names = c.tally.called
	}
	if p := config.Player; p != nil {
		p.names = c.tally.called
	}
	ctx, cancel := context.WithCancel(ctx)
	c.cancel = cancel
	go c.run(ctx)
	select {
	case <-c.joined:
		return c, nil
	case <-c.done:
	}
	defer cancel()
	switch {
	case c.everJoined():
		return c, nil // and over already: Done and Err say so
	case c.err == nil:
		return nil, &Error{Class: ErrConnect, What: "given up before the server let us in", Err: context.Cause(ctx)}
	}
	return nil, c.err
}

// Leave tells the server and ends the call. It returns when everything of it has ended.
func (c *Call) Leave() {
	c.cancel()
	<-c.done
}

// Done is closed when the call is over; Err says why.
func (c *Call) Done() <-chan struct{} { return c.done }

// Err is nil before Done is closed, and after a call that ended as it was asked to.
func (c *Call) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
		return nil
	}
}

// run has one session after the other: the next begins where the server has forgotten the one before.
func (c *Call) run(ctx context.Context) {
	defer close(c.done)
	for attempt := 0; ; attempt++ {
		began := time.Now()
		err := c.session(ctx)
		switch {
		case ctx.Err() != nil:
			return // as asked
		case errors.Is(err, ErrRefused), errors.Is(err, ErrEnded), errors.Is(err, ErrRemoved), errors.Is(err, ErrMedia), !c.everJoined():
			c.err = err
			return
		case errors.Is(err, errOver):
			return // as a moderator asked
		case errors.Is(err, errElsewhere):
			continue
		}
		c.notice("Connection lost. Joining again.")
		if time.Since(began) > time.Minute {
			attempt = 0
		}
		if wait(ctx, pause(attempt)) != nil {
			return
		}
	}
}

func (c *Call) everJoined() bool {
	select {
	case <-c.joined:
		return true
	default:
		return false
	}
}

func (c *Call) notice(text string) {
	if c.config.OnNotice != nil {
		c.config.OnNotice(text)
	}
}

func (c *Call) nextSerial() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.serials++
	return c.serials
}
