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
	heldPrivate    = 30 * time.Second // that a message waits for a session, or for a sign that it was read
	heardPerSecond = 100              // that one device is listened to, in data frames and privately; what is more is dropped
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
		if a.post(p, outgoing{kind: typeData, until: a.now.Add(heldPrivate), keep: true, message: privateMessage{
			V: messageVersion, Call: a.config.Call[:], SenderJoinID: a.self.JoinID[:], RecipientJoinID: p.ref.JoinID[:],
			Seq: p.said + 1, Kind: s.Kind, Body: body,
		}}) {
			p.said++
		}
	}
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
