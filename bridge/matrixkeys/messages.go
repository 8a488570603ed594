package matrixkeys

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/olmkeys"
)

const (
	version = 1

	mostEnvelopes = 64 // in one message
	longestBody   = 64 << 10
)

// errMalformed is of content that is not as docs/matrix.md has it.
var errMalformed = errors.New("matrixkeys: malformed")

// place is what every message names. Fields that are not known are ignored: clients add some of their own.
type place struct {
	V      int         `json:"v"`
	Room   id.RoomID   `json:"room_id"`
	Slug   string      `json:"slug"`
	Device id.DeviceID `json:"claimed_device_id"`
}

// message carries the agents' messages from one Grotto device to another.
type message struct {
	place
	Call     olmkeys.CallID
	From, To olmkeys.Ref
	Messages []olmkeys.Envelope
}

// secret answers a request.
type secret struct {
	place
	Secret fragment `json:"secret"`
}

// fragment is a link's secret as it stands behind the #. It prints redacted.
type fragment string

// Format does not show the secret, whatever the verb.
func (fragment) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "matrixkeys(redacted)") }

type wireMessage struct {
	place
	Call     olmkeys.Bytes      `json:"call"`
	From     olmkeys.Ref        `json:"from"`
	To       olmkeys.Ref        `json:"to"`
	Messages []olmkeys.Envelope `json:"messages"`
}

// MarshalJSON writes the call's id as all bytes are written.
func (m message) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireMessage{m.place, m.Call[:], m.From, m.To, m.Messages})
}

// parse reads the content of a message of ours: a place for a request, a secret or a message.
func parse(t event.Type, raw json.RawMessage) (any, place, error) {
	var w struct {
		wireMessage
		Secret fragment `json:"secret"`
	}
	if t.Type != rtc.MessageType.Type { // of the other types the rest may be anything
		var s secret
		if err := json.Unmarshal(raw, &s); err != nil {
			return nil, place{}, errMalformed // json's error may quote what it read
		}
		w.place, w.Secret = s.place, s.Secret
	} else if err := json.Unmarshal(raw, &w); err != nil {
		return nil, place{}, errMalformed
	}
	p := w.place
	if p.V != version || p.Room == "" || p.Slug == "" || p.Device == "" {
		return nil, p, errMalformed
	}
	switch t.Type {
	case rtc.SecretRequestType.Type:
		return p, p, nil
	case rtc.SecretType.Type:
		if _, err := olmkeys.ParseSecret(string(w.Secret)); err != nil {
			return nil, p, errMalformed
		}
		return secret{p, w.Secret}, p, nil
	case rtc.MessageType.Type:
		m := message{place: p, From: w.From, To: w.To, Messages: w.Messages}
		if copy(m.Call[:], w.Call) != len(m.Call) || len(w.Call) != len(m.Call) || !named(w.From) || !named(w.To) || len(w.Messages) == 0 || len(w.Messages) > mostEnvelopes {
			return nil, p, errMalformed
		}
		for _, e := range w.Messages {
			if e.Olm != 0 && e.Olm != 1 || e.Body == "" || len(e.Body) > longestBody || e.SenderKey == "" {
				return nil, p, errMalformed
			}
		}
		return m, p, nil
	}
	return nil, p, errMalformed
}

func named(ref olmkeys.Ref) bool {
	return ref.User != "" && ref.Device != "" && ref.JoinID != olmkeys.JoinID{}
}

// localpart of a user id of a Grotto server.
func localpart(user string) string {
	local, _, _ := strings.Cut(strings.TrimPrefix(user, "@"), ":")
	return local
}

// ofMatrix tells whether the server says that this user came by Matrix. No other way in gives such an id.
func ofMatrix(user string) bool { return strings.HasPrefix(user, "@"+rtc.LocalpartPrefix) }
