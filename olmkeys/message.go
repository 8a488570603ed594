package olmkeys

import (
	"encoding/json"
	"fmt"
	"io"
)

// The types of our Olm messages.
const (
	typeShare   = "grotto.sender_key"
	typeRequest = "grotto.sender_key.request"
	typeSecret  = "grotto.secret"

	messageVersion = 1
)

// shareMessage hands over a sender key. Its fields as JSON, in order; change, ct and
// seen_kem_id may be missing.
type shareMessage struct {
	V               int    `json:"v"`
	Room            string `json:"room"`
	Call            Bytes  `json:"call"`
	SenderJoinID    Bytes  `json:"sender_join_id"`
	RecipientJoinID Bytes  `json:"recipient_join_id"`
	LinkID          Bytes  `json:"link_id"`          // the link that the keys are derived under
	Change          uint32 `json:"change,omitempty"` // how often the sender's link was changed
	Generation      uint32 `json:"generation"`
	Index           uint32 `json:"index"`
	R               Bytes  `json:"r"`
	KEMID           Bytes  `json:"kem_id"`
	CT              Bytes  `json:"ct,omitempty"`
	State           Bytes  `json:"state"`
	SeenKEMID       Bytes  `json:"seen_kem_id,omitempty"` // the recipient's ct that the sender holds
}

// requestMessage asks for a sender key. generation and index are the newest ones seen, both missing where none was.
type requestMessage struct {
	V               int     `json:"v"`
	Call            Bytes   `json:"call"`
	SenderJoinID    Bytes   `json:"sender_join_id"`
	RecipientJoinID Bytes   `json:"recipient_join_id"`
	Generation      *uint32 `json:"generation,omitempty"`
	Index           *uint32 `json:"index,omitempty"`
	KEMID           Bytes   `json:"kem_id,omitempty"` // the recipient's ct that the sender holds; none: send it again
}

// secretMessage is the link's new secret, from the device that made it.
type secretMessage struct {
	V               int    `json:"v"`
	Call            Bytes  `json:"call"`
	SenderJoinID    Bytes  `json:"sender_join_id"`
	RecipientJoinID Bytes  `json:"recipient_join_id"`
	LinkID          Bytes  `json:"link_id"`           // the link that it replaces
	Change          uint32 `json:"change"`            // how often the link was changed, this change included
	Secret          Bytes  `json:"secret"`            // as it stands in the link, or the words
	Removed         Bytes  `json:"removed,omitempty"` // join ids whom it was kept from, one after the other
}

// Format does not show the secret, whatever the verb.
func (m secretMessage) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

func encodeMessage(m any) ([]byte, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("olmkeys: message: %w", err)
	}
	return b, nil
}

func parseShare(b []byte) (shareMessage, error) {
	o, err := parseObject(b)
	if err != nil {
		return shareMessage{}, err
	}
	m := shareMessage{
		V:               int(o.u32("v")),
		Room:            o.string("room"),
		Call:            o.bytes("call", len(CallID{})),
		SenderJoinID:    o.bytes("sender_join_id", len(JoinID{})),
		RecipientJoinID: o.bytes("recipient_join_id", len(JoinID{})),
		LinkID:          o.bytes("link_id", len(linkID{})),
		Generation:      o.u32("generation"),
		Index:           o.u32("index"),
		R:               o.bytes("r", freshSize),
		KEMID:           o.bytes("kem_id", kemIDSize),
		State:           o.bytes("state", sealedStateSize),
	}
	if o.has("change") {
		m.Change = o.u32("change")
	}
	if o.has("ct") {
		m.CT = o.bytes("ct", ctSize)
	}
	if o.has("seen_kem_id") {
		m.SeenKEMID = o.bytes("seen_kem_id", kemIDSize)
	}
	if err := o.done(); err != nil {
		return shareMessage{}, err
	}
	if m.V != messageVersion || m.Index > maxIndex || (m.CT != nil && newKEMID(m.CT) != kemID(m.KEMID)) {
		return shareMessage{}, fmt.Errorf("%w: share", ErrMalformed)
	}
	return m, nil
}

func parseRequest(b []byte) (requestMessage, error) {
	o, err := parseObject(b)
	if err != nil {
		return requestMessage{}, err
	}
	m := requestMessage{
		V:               int(o.u32("v")),
		Call:            o.bytes("call", len(CallID{})),
		SenderJoinID:    o.bytes("sender_join_id", len(JoinID{})),
		RecipientJoinID: o.bytes("recipient_join_id", len(JoinID{})),
	}
	if o.has("generation") || o.has("index") {
		generation, index := o.u32("generation"), o.u32("index")
		m.Generation, m.Index = &generation, &index
	}
	if o.has("kem_id") {
		m.KEMID = o.bytes("kem_id", kemIDSize)
	}
	if err := o.done(); err != nil {
		return requestMessage{}, err
	}
	if m.V != messageVersion || (m.Index != nil && *m.Index > maxIndex) {
		return requestMessage{}, fmt.Errorf("%w: request", ErrMalformed)
	}
	return m, nil
}

func parseSecret(b []byte) (secretMessage, error) {
	o, err := parseObject(b)
	if err != nil {
		return secretMessage{}, err
	}
	m := secretMessage{
		V:               int(o.u32("v")),
		Call:            o.bytes("call", len(CallID{})),
		SenderJoinID:    o.bytes("sender_join_id", len(JoinID{})),
		RecipientJoinID: o.bytes("recipient_join_id", len(JoinID{})),
		LinkID:          o.bytes("link_id", len(linkID{})),
		Change:          o.u32("change"),
		Secret:          o.anyBytes("secret"),
	}
	if o.has("removed") {
		m.Removed = o.anyBytes("removed")
	}
	if err := o.done(); err != nil {
		return secretMessage{}, err
	}
	if m.V != messageVersion || m.Change == 0 || !validSecret(m.Secret) || len(m.Removed)%len(JoinID{}) != 0 || len(m.Removed) > maxExpelled*len(JoinID{}) {
		return secretMessage{}, fmt.Errorf("%w: secret", ErrMalformed)
	}
	return m, nil
}
