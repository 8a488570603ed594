package olmkeys

import (
	"bytes"
	"fmt"
	"slices"
	"time"
)

// What is said to some only goes to each of them in an Olm message of its own. The session vouches for who says it, as
// the signature does in a data frame, and its ratchet opens each message once.

const typeData = "grotto.data"

// MaxPrivateBody is how many bytes a private message may have: in base64 twice it stays below the 16 KiB of a to-device
// body.
const MaxPrivateBody = 8 << 10

const (
	maxHeldPrivate = 16 // messages of ours to one device that wait for a session, or may have to go out again ...
	heldPrivate    = 30 * time.Second
	maxAgain       = 2   // times that a message goes out again
	heardPerSecond = 100 // that one device is listened to, in data frames and privately; what is more is dropped
)

// privateMessage is what is said to one device. Its fields as JSON, in order.
type privateMessage struct {
	V               int    `json:"v"`
	Call            Bytes  `json:"call"`
	SenderJoinID    Bytes  `json:"sender_join_id"`
	RecipientJoinID Bytes  `json:"recipient_join_id"`
	Seq             uint32 `json:"seq"` // from 1, of what the sender says to this recipient
	Kind            string `json:"kind"`
	Body            Bytes  `json:"body"` // JSON
}

func parsePrivate(b []byte) (privateMessage, error) {
	o, err := parseObject(b)
	if err != nil {
		return privateMessage{}, err
	}
	m := privateMessage{
		V:               int(o.u32("v")),
		Call:            o.bytes("call", len(CallID{})),
		SenderJoinID:    o.bytes("sender_join_id", len(JoinID{})),
		RecipientJoinID: o.bytes("recipient_join_id", len(JoinID{})),
		Seq:             o.u32("seq"),
		Kind:            o.string("kind"),
		Body:            o.anyBytes("body"),
	}
	if err := o.done(); err != nil {
		return privateMessage{}, err
	}
	if m.V != messageVersion || !validPrivate(m.Kind, m.Body) {
		return privateMessage{}, fmt.Errorf("%w: private message", ErrMalformed)
	}
	return m, nil
}

// validPrivate refuses the kinds that the agent acts on: they are for everybody, or nobody would compare rosters.
func validPrivate(kind string, body []byte) bool {
	return validData(kind, body) && len(body) <= MaxPrivateBody && !internalKind(kind)
}

func internalKind(kind string) bool {
	return kind == kindState || kind == kindLeave || kind == kindRemove
}

// heldMessage is one of ours that waits for a session, or for a sign that the peer can read the one it went out on.
type heldMessage struct {
	seq   uint32
	kind  string
	body  []byte
	on    *pairSession // that it was sent on; nil: it waits
	again int          // how often it was sent anew
	until time.Time
}

func (a *Agent) sayTo(s SayTo) {
	if !validPrivate(s.Kind, s.Body) || a.watch.left || len(s.To) > maxPeers {
		a.fault(ErrData)
		return
	}
	body := bytes.Clone(s.Body)
	for i, ref := range s.To {
		if slices.Contains(s.To[:i], ref) {
			continue
		}
		p := a.admitted(ref)
		if p == nil {
			continue
		}
		if len(p.private) >= maxHeldPrivate {
			if p.private[0].on == nil {
				a.fault(ErrTooMany)
				continue
			}
			p.private = p.private[1:]
		}
		p.said++
		p.private = append(p.private, heldMessage{seq: p.said, kind: s.Kind, body: body, until: a.now.Add(heldPrivate)})
		a.sendPrivate(p)
		if p.sessions.usable() == nil && p.dial.next().IsZero() {
			p.dial.plan(a.now)
		}
	}
}

// sendPrivate sends what waits, in the order it was said, once there is a session.
func (a *Agent) sendPrivate(p *peer) {
	session := p.sessions.usable()
	if session == nil {
		return
	}
	for i := range p.private {
		h := &p.private[i]
		if h.on != nil {
			continue
		}
		h.on = session
		a.send(p, session, typeData, privateMessage{
			V: messageVersion, Call: a.config.Call[:], SenderJoinID: a.self.JoinID[:], RecipientJoinID: p.ref.JoinID[:],
			Seq: h.seq, Kind: h.kind, Body: h.body,
		})
	}
}

// answered: the peer wrote on this session. It can read what was sent on it. What was sent on another it may not have
// been able to read: it dials anew then. That goes out again; what arrives twice is heard once.
func (p *peer) answered(on *pairSession) {
	p.private = slices.DeleteFunc(p.private, func(h heldMessage) bool { return h.on == on })
	for i := range p.private {
		if h := &p.private[i]; h.on != nil && h.again < maxAgain {
			h.on = nil
			h.again++
		}
	}
}

// expirePrivate gives up on what could not be sent. Nothing of it was heard.
func (a *Agent) expirePrivate(p *peer) {
	for len(p.private) > 0 && due(p.private[0].until, a.now) {
		if p.private[0].on == nil {
			a.fault(ErrUndelivered)
		}
		p.private = p.private[1:]
	}
}

func (p *peer) nextPrivate() time.Time {
	if len(p.private) == 0 {
		return time.Time{}
	}
	return p.private[0].until
}

// privateReceived: a message that p sent us alone.
func (a *Agent) privateReceived(p *peer, content []byte) error {
	m, err := parsePrivate(content)
	if err != nil {
		return err
	}
	if !a.addressed(p, m.Call, m.SenderJoinID, m.RecipientJoinID) {
		return ErrOtherCall
	}
	if m.Seq <= p.heardSeq {
		return ErrDataOrder // sent again and here already, or the server lets it come late
	}
	p.heardSeq = m.Seq
	return a.hear(p, Heard{From: p.ref, Kind: m.Kind, Body: m.Body, Private: true})
}

// hear hands on what people say, from each at a rate that leaves room for the others.
func (a *Agent) hear(p *peer, h Heard) error {
	if p.departed {
		return nil
	}
	if !p.heard.take(a.now) {
		return ErrTooMany
	}
	if h.Kind != kindProfile {
		a.emit(h)
		return nil
	}
	name, err := nameIn(h.Body)
	if err != nil || h.Private {
		return fmt.Errorf("%w: profile", ErrData)
	}
	a.emit(h)
	a.named(p, name)
	return nil
}
