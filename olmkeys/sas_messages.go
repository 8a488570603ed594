package olmkeys

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// The types of Matrix's verification messages, and the contents, fields in the order of canonical JSON.
const (
	typeVerify        = "m.key.verification."
	typeVerifyRequest = typeVerify + "request"
	typeVerifyReady   = typeVerify + "ready"
	typeVerifyStart   = typeVerify + "start"
	typeVerifyAccept  = typeVerify + "accept"
	typeVerifyKey     = typeVerify + "key"
	typeVerifyMAC     = typeVerify + "mac"
	typeVerifyDone    = typeVerify + "done"
	typeVerifyCancel  = typeVerify + "cancel"
)

// Limits of what a peer can make us read.
const (
	maxTransaction = 255 // of Matrix's opaque identifiers
	maxChoices     = 16  // in a list of methods or algorithms
	maxToken       = 64  // characters of each
	maxReason      = 1024
)

type (
	verifyRequestMessage struct {
		FromDevice  string   `json:"from_device"`
		Methods     []string `json:"methods"`
		Timestamp   uint64   `json:"timestamp"` // milliseconds since 1970
		Transaction string   `json:"transaction_id"`
	}
	verifyReadyMessage struct {
		FromDevice  string   `json:"from_device"`
		Methods     []string `json:"methods"`
		Transaction string   `json:"transaction_id"`
	}
	startMessage struct {
		FromDevice    string   `json:"from_device"`
		Hashes        []string `json:"hashes"`
		KeyAgreements []string `json:"key_agreement_protocols"`
		MACs          []string `json:"message_authentication_codes"`
		Method        string   `json:"method"`
		SAS           []string `json:"short_authentication_string"`
		Transaction   string   `json:"transaction_id"`
	}
	acceptMessage struct {
		Commitment   Bytes    `json:"commitment"`
		Hash         string   `json:"hash"`
		KeyAgreement string   `json:"key_agreement_protocol"`
		MAC          string   `json:"message_authentication_code"`
		SAS          []string `json:"short_authentication_string"`
		Transaction  string   `json:"transaction_id"`
	}
	keyMessage struct {
		Key         Bytes  `json:"key"`
		Transaction string `json:"transaction_id"`
	}
	macMessage struct {
		Keys        Bytes            `json:"keys"`
		MAC         map[string]Bytes `json:"mac"` // exactly one: ed25519:<device>
		Transaction string           `json:"transaction_id"`
	}
	doneMessage struct {
		Transaction string `json:"transaction_id"`
	}
	cancelMessage struct {
		Code        cancelCode `json:"code"`
		Reason      string     `json:"reason"`
		Transaction string     `json:"transaction_id"`
	}
)

// cancelCode says why a device ends a verification.
type cancelCode string

// The codes that we send, or that mean more to us than that the other side gave up.
const (
	cancelUser          cancelCode = "m.user"
	cancelTimeout       cancelCode = "m.timeout"
	cancelUnexpected    cancelCode = "m.unexpected_message"
	cancelUnknownMethod cancelCode = "m.unknown_method"
	cancelInvalid       cancelCode = "m.invalid_message"
	cancelKeys          cancelCode = "m.key_mismatch"
	cancelUserMismatch  cancelCode = "m.user_mismatch"
	cancelSAS           cancelCode = "m.mismatched_sas"
	cancelCommitment    cancelCode = "m.mismatched_commitment"
)

// cancelReasons are for the people of other programs; ours show their own words.
var cancelReasons = map[cancelCode]string{
	cancelUser: "cancelled", cancelTimeout: "timed out", cancelUnexpected: "unexpected message",
	cancelUnknownMethod: "no method in common", cancelInvalid: "invalid message", cancelKeys: "keys do not match",
	cancelSAS: "the emoji do not match", cancelCommitment: "the key is not the one committed to",
}

// reason is what the code means for our person, coming from the other side.
func (c cancelCode) reason() VerifyReason {
	switch c {
	case cancelSAS, cancelCommitment, cancelKeys, cancelUserMismatch:
		return VerifyDiffers
	case cancelUnexpected, cancelInvalid:
		return VerifyBadFormat
	case cancelTimeout:
		return VerifyTimeout
	}
	return VerifyByThem
}

// token reads a string of the characters that Matrix's identifiers and algorithm names are made of. None of them has
// a second spelling in JSON, and none is the '|' that separates in a derivation.
func (o *object) token(name string, most int) string {
	s := o.string(name)
	if o.err == nil && (s == "" || len(s) > most || !only(s, ".=_~-", true)) {
		o.fail(name)
	}
	return s
}

// tokens reads a list of them.
func (o *object) tokens(name string) []string {
	list := value[[]string](o, name, "[")
	if len(list) > maxChoices {
		o.fail(name)
	}
	for _, s := range list {
		if s == "" || len(s) > maxToken || !only(s, ".=_~-", true) {
			o.fail(name)
		}
	}
	return list
}

func (o *object) u64(name string) uint64 { return value[uint64](o, name, "0123456789") }

func (o *object) transaction() string { return o.token("transaction_id", maxTransaction) }

func parseVerifyRequest(b []byte) (m verifyRequestMessage, err error) {
	o, err := parseObject(b)
	if err != nil {
		return m, err
	}
	m = verifyRequestMessage{FromDevice: o.token("from_device", maxToken), Methods: o.tokens("methods"),
		Timestamp: o.u64("timestamp"), Transaction: o.transaction()}
	return m, o.done()
}

func parseVerifyReady(b []byte) (m verifyReadyMessage, err error) {
	o, err := parseObject(b)
	if err != nil {
		return m, err
	}
	m = verifyReadyMessage{FromDevice: o.token("from_device", maxToken), Methods: o.tokens("methods"), Transaction: o.transaction()}
	return m, o.done()
}

func parseStart(b []byte) (m startMessage, err error) {
	o, err := parseObject(b)
	if err != nil {
		return m, err
	}
	m = startMessage{
		FromDevice: o.token("from_device", maxToken), Hashes: o.tokens("hashes"), KeyAgreements: o.tokens("key_agreement_protocols"),
		MACs: o.tokens("message_authentication_codes"), Method: o.token("method", maxToken),
		SAS: o.tokens("short_authentication_string"), Transaction: o.transaction(),
	}
	return m, o.done()
}

// speaks says whether a start offers what we speak.
func (m *startMessage) speaks() bool {
	return m.Method == methodSAS && slices.Contains(m.Hashes, sasHash) && slices.Contains(m.KeyAgreements, sasAgreement) &&
		slices.Contains(m.MACs, sasMAC) && slices.Contains(m.SAS, sasEmoji) && slices.Contains(m.SAS, sasDecimal)
}

func parseAccept(b []byte) (m acceptMessage, err error) {
	o, err := parseObject(b)
	if err != nil {
		return m, err
	}
	m = acceptMessage{
		Commitment: o.bytes("commitment", sha256.Size), Hash: o.token("hash", maxToken), KeyAgreement: o.token("key_agreement_protocol", maxToken),
		MAC: o.token("message_authentication_code", maxToken), SAS: o.tokens("short_authentication_string"), Transaction: o.transaction(),
	}
	return m, o.done()
}

// chose says whether an accept took what we speak and nothing that we did not offer.
func (m *acceptMessage) chose() bool {
	return m.Hash == sasHash && m.KeyAgreement == sasAgreement && m.MAC == sasMAC && slices.Contains(m.SAS, sasEmoji) &&
		!slices.ContainsFunc(m.SAS, func(s string) bool { return s != sasEmoji && s != sasDecimal })
}

func parseKey(b []byte) (m keyMessage, err error) {
	o, err := parseObject(b)
	if err != nil {
		return m, err
	}
	m = keyMessage{Key: o.bytes("key", curve25519Size), Transaction: o.transaction()}
	if o.err == nil && !validCurve25519(m.Key) {
		o.fail("key")
	}
	return m, o.done()
}

// parseMAC reads a MAC message of the device: of its one key, no more, no fewer and no other.
func parseMAC(b []byte, device string) (m macMessage, err error) {
	o, err := parseObject(b)
	if err != nil {
		return m, err
	}
	m = macMessage{Keys: o.bytes("keys", sha256.Size), Transaction: o.transaction()}
	id := keyIDPrefix + device
	mac := o.object("mac")
	m.MAC = map[string]Bytes{id: mac.bytes(id, sha256.Size)}
	o.join(mac)
	return m, o.done()
}

func parseDone(b []byte) (m doneMessage, err error) {
	o, err := parseObject(b)
	if err != nil {
		return m, err
	}
	m = doneMessage{Transaction: o.transaction()}
	return m, o.done()
}

func parseCancel(b []byte) (m cancelMessage, err error) {
	o, err := parseObject(b)
	if err != nil {
		return m, err
	}
	m = cancelMessage{Code: cancelCode(o.token("code", maxToken)), Transaction: o.transaction()}
	if o.has("reason") {
		if m.Reason = o.string("reason"); len(m.Reason) > maxReason {
			o.fail("reason")
		}
	}
	return m, o.done()
}

// transactionOf reads which run a message belongs to, and nothing else of it.
func transactionOf(b []byte) (string, error) {
	o, err := parseObject(b)
	if err != nil {
		return "", err
	}
	id := o.transaction()
	return id, o.err
}

func isVerification(kind string) bool { return strings.HasPrefix(kind, typeVerify) }

var errNoRun = fmt.Errorf("%w: verification", ErrOtherCall)
