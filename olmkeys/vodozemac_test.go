package olmkeys

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// oracle is vodozemac inside the Matrix SDK, run by Node (web/test/oracle/vodozemac.mjs).
type oracle struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Scanner
}

func startOracle(t *testing.T) *oracle {
	t.Helper()
	web, err := filepath.Abs("../web")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(web, "node_modules/@matrix-org/matrix-sdk-crypto-wasm")); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("vodozemac is not installed; hint: make test installs it")
		}
		t.Skip("vodozemac is not installed (cd web && npm ci), so the oracle cannot be asked")
	}
	cmd := exec.Command("node", "test/oracle/vodozemac.mjs")
	cmd.Dir = web
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	return &oracle{t: t, in: in, out: lines}
}

// ask sends a command with its argument and reads the answer into result.
func (o *oracle) ask(command string, argument map[string]any, result any) {
	o.t.Helper()
	if argument == nil {
		argument = map[string]any{}
	}
	argument["command"] = command
	line, err := json.Marshal(argument)
	if err != nil {
		o.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(o.in, "%s\n", line); err != nil {
		o.t.Fatal(err)
	}
	if !o.out.Scan() {
		o.t.Fatalf("oracle: %s: no answer", command)
	}
	var answer struct {
		OK    json.RawMessage `json:"ok"`
		Error string          `json:"error"`
	}
	if err := json.Unmarshal(o.out.Bytes(), &answer); err != nil || answer.Error != "" {
		o.t.Fatalf("oracle: %s: %v %s", command, err, answer.Error)
	}
	if err := json.Unmarshal(answer.OK, result); err != nil {
		o.t.Fatalf("oracle: %s: %v", command, err)
	}
}

// matrixEnvelope is the content of an m.room.encrypted to-device event.
type matrixEnvelope struct {
	Algorithm  string                     `json:"algorithm"`
	SenderKey  string                     `json:"sender_key"`
	Ciphertext map[string]matrixOlmOfType `json:"ciphertext"`
}

type matrixOlmOfType struct {
	Type int    `json:"type"`
	Body string `json:"body"`
}

// matrixPair is our account and the oracle's device, introduced to each other as a homeserver would.
type matrixPair struct {
	*oracle
	own    *ownAccount
	self   Ref
	peer   *device
	claim  SignedKey // a one-time key of the oracle
	dialed pairSessions
}

func introduce(t *testing.T) *matrixPair {
	t.Helper()
	own, err := newOwnAccount()
	if err != nil {
		t.Fatal(err)
	}
	return introduceAs(t, own, Ref{User: "@grotto:call.example", Device: "GROTTODEV0"})
}

func introduceAs(t *testing.T, own *ownAccount, self Ref) *matrixPair {
	t.Helper()
	p := &matrixPair{oracle: startOracle(t), self: self, own: own}
	p.readKeys()

	keys, err := own.newOneTimeKeys(3)
	if err != nil {
		t.Fatal(err)
	}
	oneTime := map[string]any{}
	for _, k := range keys {
		oneTime["signed_curve25519:"+k.KeyID] = map[string]any{
			"key": encoding.EncodeToString(k.Key),
			// The account's own signature, not one made for the test: ours is valid in Matrix as it stands.
			"signatures": p.signatures(k.Sig),
		}
	}
	var answer struct{ Believed bool }
	p.ask("introduce", map[string]any{
		"user": p.self.User, "device": p.self.Device, "device_keys": p.deviceKeys(), "one_time_keys": oneTime,
	}, &answer)
	if !answer.Believed {
		t.Fatal("the SDK does not believe our device keys")
	}
	return p
}

func (p *matrixPair) signatures(sig []byte) map[string]any {
	return map[string]any{p.self.User: map[string]string{"ed25519:" + p.self.Device: encoding.EncodeToString(sig)}}
}

// deviceKeys wraps the account's keys in Matrix's device_keys, signed over their canonical JSON. encoding/json sorts
// the names of maps, which is all that canonical JSON asks for here.
func (p *matrixPair) deviceKeys() map[string]any {
	keys := map[string]any{
		"user_id":    p.self.User,
		"device_id":  p.self.Device,
		"algorithms": []string{"m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"},
		"keys": map[string]string{
			"curve25519:" + p.self.Device: encoding.EncodeToString(p.own.curve25519[:]),
			"ed25519:" + p.self.Device:    encoding.EncodeToString(p.own.ed25519[:]),
		},
	}
	canonical, err := json.Marshal(keys)
	if err != nil {
		p.t.Fatal(err)
	}
	keys["signatures"] = p.signatures(p.own.sign(canonical))
	return keys
}

// readKeys takes the oracle's identity and one of its one-time keys.
func (p *matrixPair) readKeys() {
	p.t.Helper()
	type signed struct {
		Key        string                       `json:"key"`
		Signatures map[string]map[string]string `json:"signatures"`
	}
	var uploaded struct {
		DeviceKeys struct {
			User   string            `json:"user_id"`
			Device string            `json:"device_id"`
			Keys   map[string]string `json:"keys"`
		} `json:"device_keys"`
		OneTimeKeys map[string]signed `json:"one_time_keys"`
	}
	p.ask("keys", nil, &uploaded)
	d := uploaded.DeviceKeys
	p.peer = &device{}
	p.peer.ref = Ref{User: d.User, Device: d.Device}
	copy(p.peer.ed25519[:], p.decode(d.Keys["ed25519:"+d.Device]))
	copy(p.peer.curve25519[:], p.decode(d.Keys["curve25519:"+d.Device]))
	for id, k := range uploaded.OneTimeKeys {
		_, keyID, _ := strings.Cut(id, ":")
		sig := p.decode(k.Signatures[d.User]["ed25519:"+d.Device])
		p.claim = SignedKey{KeyID: keyID, Key: p.decode(k.Key), Sig: sig}
	}
}

func (p *matrixPair) decode(s string) []byte {
	p.t.Helper()
	b, err := decodeBase64(s)
	if err != nil {
		p.t.Fatal(err)
	}
	return b
}

// encrypt makes a to-device event of ours.
func (p *matrixPair) encrypt(s *pairSession, number int) matrixEnvelope {
	p.t.Helper()
	content := fmt.Appendf(nil, `{"number":%d}`, number)
	plaintext, err := sealPayload(p.own, p.self.User, p.peer, "org.example.test", content)
	if err != nil {
		p.t.Fatal(err)
	}
	kind, body, err := s.encrypt(plaintext)
	if err != nil {
		p.t.Fatal(err)
	}
	return matrixEnvelope{
		Algorithm:  "m.olm.v1.curve25519-aes-sha2",
		SenderKey:  encoding.EncodeToString(p.own.curve25519[:]),
		Ciphertext: map[string]matrixOlmOfType{encoding.EncodeToString(p.peer.curve25519[:]): {kind, body}},
	}
}

// deliver gives an event of ours to the oracle and says whether it decrypted to this number.
func (p *matrixPair) deliver(e matrixEnvelope, number int) bool {
	p.t.Helper()
	var got struct {
		Decrypted bool
		Type      string
		Content   struct{ Number int }
	}
	p.ask("decrypt", map[string]any{"sender": p.self.User, "content": e}, &got)
	if got.Decrypted && (got.Type != "org.example.test" || got.Content.Number != number) {
		p.t.Fatalf("the oracle read %+v", got)
	}
	return got.Decrypted
}

// receive has the oracle write a message and returns it undecrypted.
func (p *matrixPair) receive(number int) Envelope {
	p.t.Helper()
	var e matrixEnvelope
	p.ask("encrypt", map[string]any{
		"user": p.self.User, "device": p.self.Device, "type": "org.example.test", "content": map[string]int{"number": number},
	}, &e)
	m, ok := e.Ciphertext[encoding.EncodeToString(p.own.curve25519[:])]
	if !ok || e.SenderKey != encoding.EncodeToString(p.peer.curve25519[:]) {
		p.t.Fatalf("the oracle wrote %+v", e)
	}
	return Envelope{Olm: m.Type, Body: m.Body, SenderKey: e.SenderKey}
}

// read decrypts a message of the oracle through every check of ours.
func (p *matrixPair) read(e Envelope) (number int, err error) {
	p.t.Helper()
	plaintext, err := p.dialed.decrypt(p.own, p.peer.curve25519[:], e)
	if err != nil {
		return 0, err
	}
	got, err := parsePayload(plaintext)
	if err != nil {
		return 0, err
	}
	if err := got.check(p.own, p.self, p.peer); err != nil {
		return 0, err
	}
	var content struct{ Number int }
	err = json.Unmarshal(got.content, &content)
	return content.Number, err
}

func tampered(body string) string {
	raw := []byte(body)
	i := len(raw) - 12 // inside the MAC
	raw[i] = map[bool]byte{true: 'B', false: 'A'}[raw[i] == 'A']
	return string(raw)
}

// TestVodozemacReadsUs: a session that we dial, in order, out of order, tampered with and replayed.
func TestVodozemacReadsUs(t *testing.T) {
	p := introduce(t)
	s, err := p.own.dial(p.peer, p.claim)
	if err != nil {
		t.Fatal(err)
	}
	var events []matrixEnvelope
	for i := range 6 {
		events = append(events, p.encrypt(s, i))
	}
	key := encoding.EncodeToString(p.peer.curve25519[:])
	bad := matrixEnvelope{events[0].Algorithm, events[0].SenderKey, map[string]matrixOlmOfType{key: {0, tampered(events[0].Ciphertext[key].Body)}}}
	if p.deliver(bad, 0) {
		t.Error("vodozemac accepted a tampered message")
	}
	for _, i := range []int{0, 5, 3, 4, 1, 2} {
		if !p.deliver(events[i], i) {
			t.Errorf("vodozemac did not decrypt message %d", i)
		}
	}
	if p.deliver(events[3], 3) {
		t.Error("vodozemac accepted a replay")
	}
	p.dialed.add(s)
	for i := range 3 { // the answer turns the ratchet
		if n, err := p.read(p.receive(100 + i)); err != nil || n != 100+i {
			t.Fatalf("answer %d: %d, %v", i, n, err)
		}
		if !p.deliver(p.encrypt(s, 200+i), 200+i) {
			t.Errorf("vodozemac did not decrypt message %d after the ratchet turned", i)
		}
	}
}

// TestWeReadVodozemac: a session that vodozemac dials with one of our signed one-time keys.
func TestWeReadVodozemac(t *testing.T) {
	p := introduce(t)
	before := len(p.own.olm.OTKeys)
	var messages []Envelope
	for i := range 6 {
		messages = append(messages, p.receive(i))
	}
	bad := messages[0]
	bad.Body = tampered(bad.Body)
	if _, err := p.read(bad); err == nil {
		t.Error("a tampered message was accepted")
	}
	if len(p.own.olm.OTKeys) != before {
		t.Error("a message that did not decrypt used up a one-time key")
	}
	for _, i := range []int{0, 5, 3, 4, 1, 2} {
		if n, err := p.read(messages[i]); err != nil || n != i {
			t.Errorf("message %d: %d, %v", i, n, err)
		}
	}
	if len(p.own.olm.OTKeys) != before-1 {
		t.Errorf("%d one-time keys are left of %d", len(p.own.olm.OTKeys), before)
	}
	for _, i := range []int{0, 3} {
		if _, err := p.read(messages[i]); err == nil {
			t.Errorf("a replay of message %d was accepted", i)
		}
	}
	if !p.deliver(p.encrypt(p.dialed.usable(), 7), 7) {
		t.Error("vodozemac did not decrypt our answer")
	}
	if n, err := p.read(p.receive(8)); err != nil || n != 8 {
		t.Errorf("after the ratchet turned: %d, %v", n, err)
	}
}

// TestVodozemacRefusesAStrangersEnvelope: our checks are the SDK's; what it refuses, we must.
func TestVodozemacRefusesAStrangersEnvelope(t *testing.T) {
	p := introduce(t)
	s, err := p.own.dial(p.peer, p.claim)
	if err != nil {
		t.Fatal(err)
	}
	good, err := sealPayload(p.own, p.self.User, p.peer, "org.example.test", []byte(`{"number":1}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"sender":    {p.self.User, "@mallory:call.example"},
		"recipient": {p.peer.ref.User, "@carol:call.example"},
	} {
		kind, body, err := s.encrypt(bytes.ReplaceAll(good, []byte(change[0]), []byte(change[1])))
		if err != nil {
			t.Fatal(err)
		}
		key := encoding.EncodeToString(p.peer.curve25519[:])
		e := matrixEnvelope{"m.olm.v1.curve25519-aes-sha2", encoding.EncodeToString(p.own.curve25519[:]), map[string]matrixOlmOfType{key: {kind, body}}}
		if p.deliver(e, 1) {
			t.Errorf("vodozemac accepted another %s", name)
		}
	}
}

// TestVodozemacPrivate: a private message, the longest there is, both ways.
func TestVodozemacPrivate(t *testing.T) {
	p := introduce(t)
	s, err := p.own.dial(p.peer, p.claim)
	if err != nil {
		t.Fatal(err)
	}
	said := privateMessage{V: messageVersion, Call: make(Bytes, 16), SenderJoinID: make(Bytes, 16), RecipientJoinID: make(Bytes, 16),
		Kind: "grotto.chat", Body: Bytes(`{"text":"` + strings.Repeat("é", MaxPrivateBody/2-10) + `"}`)}
	plaintext, err := sealPayload(p.own, p.self.User, p.peer, typeData, mustEncode(t, said))
	if err != nil {
		t.Fatal(err)
	}
	kind, body, err := s.encrypt(plaintext)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Decrypted bool
		Type      string
		Content   json.RawMessage
	}
	p.ask("decrypt", map[string]any{"sender": p.self.User, "content": matrixEnvelope{
		Algorithm: "m.olm.v1.curve25519-aes-sha2", SenderKey: encoding.EncodeToString(p.own.curve25519[:]),
		Ciphertext: map[string]matrixOlmOfType{encoding.EncodeToString(p.peer.curve25519[:]): {kind, body}},
	}}, &got)
	heard, err := parsePrivate(got.Content)
	if err != nil || !got.Decrypted || got.Type != typeData || !bytes.Equal(heard.Body, said.Body) {
		t.Fatalf("vodozemac read %v %s, %v", got.Decrypted, got.Type, err)
	}
	var e matrixEnvelope
	p.ask("encrypt", map[string]any{"user": p.self.User, "device": p.self.Device, "type": typeData, "content": said}, &e)
	m := e.Ciphertext[encoding.EncodeToString(p.own.curve25519[:])]
	p.dialed.add(s)
	plaintext, err = p.dialed.decrypt(p.own, p.peer.curve25519[:], Envelope{Olm: m.Type, Body: m.Body, SenderKey: e.SenderKey})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := parsePayload(plaintext)
	if err == nil {
		err = answer.check(p.own, p.self, p.peer)
	}
	if err == nil {
		heard, err = parsePrivate(answer.content)
	}
	if err != nil || answer.kind != typeData || !bytes.Equal(heard.Body, said.Body) {
		t.Errorf("vodozemac wrote %s, %v", answer.kind, err)
	}
}
