package olmkeys

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// maxPayload bounds what is parsed of a decrypted message; the largest of ours, a share with its ML-KEM ciphertext,
// has about 2,600 bytes.
const maxPayload = 12 << 10

// payload is Matrix's Olm payload (m.olm.v1.curve25519-aes-sha2): the content, and who says it to whom. The Olm
// session vouches for the Curve25519 keys only; these fields tie the message to the Ed25519 identities.
type payload struct {
	kind             string
	content          json.RawMessage
	sender           string
	recipient        string
	recipientEd25519 []byte
	senderEd25519    []byte
}

type wireEd25519 struct {
	Ed25519 string `json:"ed25519"`
}

// wirePayload has its fields in the order of canonical JSON.
type wirePayload struct {
	Content       json.RawMessage `json:"content"`
	Keys          wireEd25519     `json:"keys"`
	Recipient     string          `json:"recipient"`
	RecipientKeys wireEd25519     `json:"recipient_keys"`
	Sender        string          `json:"sender"`
	Type          string          `json:"type"`
}

// seal writes the payload of a message to a device.
func sealPayload(own *ownAccount, sender string, to *device, kind string, content []byte) ([]byte, error) {
	b, err := json.Marshal(wirePayload{
		Content:       content,
		Keys:          wireEd25519{base64.RawStdEncoding.EncodeToString(own.ed25519[:])},
		Recipient:     to.ref.User,
		RecipientKeys: wireEd25519{base64.RawStdEncoding.EncodeToString(to.ed25519[:])},
		Sender:        sender,
		Type:          kind,
	})
	if err != nil {
		return nil, fmt.Errorf("olmkeys: payload: %w", err)
	}
	return b, nil
}

// parsePayload reads a payload. The two further fields that Matrix clients add are allowed and not looked at: what
// they say about the sender's device was announced already. Any other is refused.
func parsePayload(b []byte) (payload, error) {
	o, err := parseObject(b)
	if err != nil {
		return payload{}, err
	}
	o.ignore("sender_device_keys")
	o.ignore("org.matrix.msc4147.device_keys")
	p := payload{
		kind:      o.string("type"),
		content:   o.raw("content"),
		sender:    o.string("sender"),
		recipient: o.string("recipient"),
	}
	recipientKeys := o.object("recipient_keys")
	p.recipientEd25519 = recipientKeys.bytes("ed25519", ed25519Size)
	o.join(recipientKeys)
	keys := o.object("keys")
	p.senderEd25519 = keys.bytes("ed25519", ed25519Size)
	o.join(keys)
	return p, o.done()
}

// check compares a payload with who sent it, as the roster has it, and with us.
func (p *payload) check(own *ownAccount, self Ref, from *device) error {
	switch {
	case p.sender != from.ref.User,
		!bytes.Equal(p.senderEd25519, from.ed25519[:]),
		p.recipient != self.User,
		!bytes.Equal(p.recipientEd25519, own.ed25519[:]):
		return ErrEnvelope
	}
	return nil
}

// object is a JSON object read strictly: names once and as written, every one of them asked for, nothing behind.
// encoding/json alone takes names twice, in any case, and ignores what it does not know. The first error sticks.
type object struct {
	fields map[string]json.RawMessage
	err    error
}

func parseObject(b []byte) (*object, error) {
	o := &object{fields: make(map[string]json.RawMessage)}
	if len(b) > maxPayload || !utf8.Valid(b) {
		return nil, fmt.Errorf("%w: payload", ErrMalformed)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("%w: not an object", ErrMalformed)
	}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, fmt.Errorf("%w: name", ErrMalformed)
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return nil, fmt.Errorf("%w: value", ErrMalformed)
		}
		if _, twice := o.fields[name]; twice {
			return nil, fmt.Errorf("%w: a field twice", ErrMalformed)
		}
		o.fields[name] = v
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("%w: unfinished", ErrMalformed)
	}
	if d.InputOffset() != int64(len(bytes.TrimRight(b, " \t\r\n"))) {
		return nil, fmt.Errorf("%w: something behind the object", ErrMalformed)
	}
	return o, nil
}

func (o *object) fail(name string) {
	if o.err == nil {
		o.err = fmt.Errorf("%w: field %q", ErrMalformed, name)
	}
}

func (o *object) has(name string) bool { _, ok := o.fields[name]; return ok }

func (o *object) ignore(name string) { delete(o.fields, name) }

func (o *object) raw(name string) json.RawMessage {
	v, ok := o.fields[name]
	if !ok {
		o.fail(name)
	}
	delete(o.fields, name)
	return v
}

// value reads a field whose JSON must begin with one of the bytes given: null would leave a zero behind.
func value[T any](o *object, name, first string) (v T) {
	raw := o.raw(name)
	if o.err != nil {
		return v
	}
	if len(raw) == 0 || !bytes.ContainsAny(raw[:1], first) || json.Unmarshal(raw, &v) != nil {
		o.fail(name)
	}
	return v
}

func (o *object) string(name string) string { return value[string](o, name, `"`) }

func (o *object) u32(name string) uint32 { return value[uint32](o, name, "0123456789") }

// bytes reads unpadded base64 of exactly n bytes.
func (o *object) bytes(name string, n int) []byte {
	s := o.string(name)
	if o.err != nil {
		return nil
	}
	b, err := decodeBase64(s)
	if err != nil || len(b) != n {
		o.fail(name)
		return nil
	}
	return b
}

// anyBytes reads unpadded base64; the caller bounds its length.
func (o *object) anyBytes(name string) []byte {
	s := o.string(name)
	if o.err != nil {
		return nil
	}
	b, err := decodeBase64(s)
	if err != nil {
		o.fail(name)
		return nil
	}
	return b
}

func (o *object) object(name string) *object {
	raw := o.raw(name)
	if o.err != nil {
		return &object{err: o.err}
	}
	inner, err := parseObject(raw)
	if err != nil {
		o.fail(name)
		return &object{err: err}
	}
	return inner
}

// join takes over the errors of an inner object that was read.
func (o *object) join(inner *object) {
	if err := inner.done(); err != nil && o.err == nil {
		o.err = err
	}
}

// done refuses fields that nobody asked for.
func (o *object) done() error {
	if o.err == nil && len(o.fields) > 0 {
		o.err = fmt.Errorf("%w: unknown field", ErrMalformed)
	}
	return o.err
}
