package olmkeys

import (
	"encoding/json"
	"fmt"
)

// The types of our Olm messages.
const (
	typeShare   = "grotto.sender_key"
	typeRequest = "grotto.sender_key.request"

	messageVersion = 1
)

// shareMessage hands over a sender key. Its fields as JSON, in order; ct and seen_kem_id may be missing.
type shareMessage struct {
	V               int    `json:"v"`
	Room            string `json:"room"`
	Call            Bytes  `json:"call"`
	SenderJoinID    Bytes  `json:"sender_join_id"`
	RecipientJoinID Bytes  `json:"recipient_join_id"`
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
		Generation:      o.u32("generation"),
		Index:           o.u32("index"),
		R:               o.bytes("r", freshSize),
		KEMID:           o.bytes("kem_id", kemIDSize),
		State:           o.bytes("state", sealedStateSize),
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
