package room

import (
	"bytes"
	"strconv"
	"sync"

	"github.com/grotto-meet/grotto/internal/wire"
)

// Bounds of what a session keeps for its client, sent or not.
const (
	maxKept      = wire.ReplayMessages
	maxKeptBytes = 4 << 20
	maxUrgent    = 64 // answers without a number waiting for the socket
)

// socket is one WebSocket, or a test's stand-in. Wait and Read are called in turns, Write by one goroutine at a time.
type socket interface {
	Wait() error                 // until a message has begun
	Read() ([]byte, error)       // its text; *wire.Error if it has none or is too large
	Write(parts ...[]byte) error // one text, given in parts
	Close(code wire.Code)        // say why and let the other side close; Read fails soon
	Abort()                      // close at once
	Vouched() string             // join token of who is signed in; empty if nobody is
	Host() string                // by which the client reached us, with a port if it named one
}

// outbox is the numbered stream of messages to one client. What was written stays until the client says that it has
// arrived or the bounds are reached, so that a new socket can go on where the old one broke.
//
// Nobody waits for the network here: a goroutine that writes lives only while there is something to write.
type outbox struct {
	mu     sync.Mutex
	sock   socket // nil while the client is away
	writer socket // the socket that a goroutine writes to, if any
	urgent [][]byte
	kept   []kept // oldest first
	sent   int    // how many of kept the socket has got
	bytes  int
	seq    uint64
	broken bool // something was given up: no resuming
	last   bool // nothing comes after what is here; then the socket is closed with code
	code   wire.Code
}

// kept is one message: its text or, if it went to many, the parts around its number.
type kept struct {
	seq        uint64
	head, tail []byte
}

func (k kept) size() int { return len(k.head) + len(k.tail) }

// shared is a message to many, encoded once; its number is put in between.
type shared struct{ head, tail []byte }

// zeroSeq is how an unnumbered message's number reads. Type and, if there is one, id come before it and cannot hold it.
const zeroSeq = `"seq":0`

func share(m wire.ServerMessage) shared {
	text := encode(m)
	head, tail, ok := bytes.Cut(text, []byte(zeroSeq))
	if !ok {
		panic("room: " + string(wire.TypeOf(m)) + " has no number")
	}
	return shared{head: append(bytes.Clone(head), zeroSeq[:len(zeroSeq)-1]...), tail: bytes.Clone(tail)}
}

func encode(m wire.ServerMessage) []byte {
	text, err := wire.Encode(m)
	if err != nil {
		panic("room: " + err.Error())
	}
	return text
}

// push numbers and queues a message. It is false once, when the client does not read fast enough.
func (o *outbox) push(m wire.ServerMessage) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	wire.SetSeq(m, o.seq+1)
	return o.keep(kept{head: encode(m)})
}

func (o *outbox) pushShared(s shared) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.keep(kept{head: s.head, tail: s.tail})
}

func (o *outbox) keep(k kept) bool {
	if o.last || o.broken {
		return true
	}
	o.seq++
	k.seq = o.seq
	o.kept = append(o.kept, k)
	o.bytes += k.size()
	for len(o.kept) > maxKept || o.bytes > maxKeptBytes {
		if o.sent > 0 {
			o.drop() // written, not confirmed: resuming from before it will fail
			continue
		}
		o.broken = true
		o.kept, o.bytes = nil, 0
		return o.sock == nil // away: the session just cannot be resumed; here: too slow
	}
	o.wake()
	return true
}

// drop forgets the oldest message, which was sent.
func (o *outbox) drop() {
	o.bytes -= o.kept[0].size()
	o.kept[0] = kept{}
	o.kept = o.kept[1:]
	o.sent--
}

// say queues an answer without a number for the socket that asked. If that one is gone, so is the question.
func (o *outbox) say(sock socket, m wire.ServerMessage) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sock == sock && !o.last && len(o.urgent) < maxUrgent {
		o.urgent = append(o.urgent, encode(m))
		o.wake()
	}
}

// finish queues what ends the stream: the socket is closed behind it. With discard, what waits is given up for it.
func (o *outbox) finish(m wire.ServerMessage, code wire.Code, discard bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.last {
		return
	}
	if discard || o.broken {
		o.broken = false
		o.kept, o.bytes, o.sent, o.urgent = nil, 0, 0, nil
	}
	if m != nil {
		o.seq++
		wire.SetSeq(m, o.seq)
		o.kept = append(o.kept, kept{seq: o.seq, head: encode(m)})
	}
	o.last, o.code = true, code
	o.wake()
}

// confirm forgets what the client has.
func (o *outbox) confirm(seq uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.sent > 0 && o.kept[0].seq <= seq {
		o.drop()
	}
}

// attach takes the first socket.
func (o *outbox) attach(sock socket) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sock = sock
}

func (o *outbox) attached(sock socket) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sock == sock
}

// detach is true if sock was the session's socket; nothing more is written to it.
func (o *outbox) detach(sock socket) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sock != sock {
		return false
	}
	o.sock, o.urgent = nil, nil
	return true
}

// resume goes on behind seq on another socket, beginning with first. It gives the old socket, and false if something
// behind seq is gone.
func (o *outbox) resume(sock socket, seq uint64, first wire.ServerMessage) (old socket, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	oldest := o.seq + 1
	if len(o.kept) > 0 {
		oldest = o.kept[0].seq
	}
	if o.last || o.broken || seq > o.seq || seq+1 < oldest {
		return nil, false
	}
	for len(o.kept) > 0 && o.kept[0].seq <= seq {
		o.drop()
	}
	old, o.sock, o.sent = o.sock, sock, 0
	o.urgent = [][]byte{encode(first)}
	o.wake()
	return old, true
}

// wake sees to it that somebody writes. The lock is held.
func (o *outbox) wake() {
	if o.sock != nil && o.writer != o.sock {
		o.writer = o.sock
		go o.write(o.sock)
	}
}

// write empties the outbox into one socket, and ends when there is nothing left or the socket is not the session's.
func (o *outbox) write(sock socket) {
	for {
		o.mu.Lock()
		if o.sock != sock {
			o.mu.Unlock()
			return
		}
		var parts [][]byte
		switch {
		case len(o.urgent) > 0:
			parts = [][]byte{o.urgent[0]}
			o.urgent = o.urgent[1:]
		case o.sent < len(o.kept):
			k := o.kept[o.sent]
			o.sent++
			if parts = [][]byte{k.head}; k.tail != nil {
				parts = [][]byte{k.head, strconv.AppendUint(nil, k.seq, 10), k.tail}
			}
		case o.last:
			o.mu.Unlock()
			sock.Close(o.code)
			return
		default:
			o.writer = nil
			o.mu.Unlock()
			return
		}
		o.mu.Unlock()
		if err := sock.Write(parts...); err != nil {
			sock.Abort() // the read loop notices and detaches
			return
		}
	}
}
