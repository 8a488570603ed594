package olmkeys

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/mediacrypt"
)

// The corpora in testdata/fuzz run in every go test; `go test -run Corpora -update` writes them anew.

func FuzzCallKeys(f *testing.F) {
	w := newWorld(f)
	a := w.node("alice")
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := parseCallKeys(b)
		if err != nil {
			return
		}
		if !bytes.Equal(k.encode(), b) {
			t.Errorf("%x is written as %x", b, k.encode())
		}
		announced := a.announced.Announced
		announced.CallKeys = b
		if _, err := checkAnnouncement(w.room, w.call, &a.agent.link, announced); err == nil && !bytes.Equal(b, a.announced.CallKeys) {
			t.Error("other bytes under the same signature")
		}
	})
}

func FuzzShare(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseShare(b)
		if err != nil {
			return
		}
		again, err := encodeMessage(m)
		if err != nil {
			t.Fatal(err)
		}
		n, err := parseShare(again)
		if err != nil || fmt.Sprint(m) != fmt.Sprint(n) {
			t.Errorf("%s becomes %s: %v", b, again, err)
		}
	})
}

func FuzzRequest(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseRequest(b)
		if err != nil {
			return
		}
		again, err := encodeMessage(m)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := parseRequest(again); err != nil || (n.Index == nil) != (m.Index == nil) || !bytes.Equal(n.KEMID, m.KEMID) {
			t.Errorf("%s becomes %s: %v", b, again, err)
		}
	})
}

// FuzzSecret gives an agent a member's changes of the link. Whatever they say, it has the link that it says it has.
func FuzzSecret(f *testing.F) {
	_, a, b := pair(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parseSecret(text)
		if err != nil {
			return
		}
		again, err := encodeMessage(m)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := parseSecret(again); err != nil || !reflect.DeepEqual(m, n) {
			t.Errorf("%s becomes another: %v", text, err)
		}
		before := a.agent.relink.change
		_ = a.agent.takeSecret(heardSecret{b.ref, m})
		a.agent.flush()
		if r := &a.agent.relink; r.change < before || r.change > before+maxChangeAhead || len(r.old) > maxOldLinks || len(r.expelled) > maxExpelled {
			t.Errorf("%d changes after %d, %d old links, %d expelled", r.change, before, len(r.old), len(r.expelled))
		}
		if !a.agent.link.proves(a.announced.CallKeys, a.agent.Announcement().Proof) {
			t.Error("proves another link")
		}
	})
}

// FuzzState gives an agent what a member says of its list.
func FuzzState(f *testing.F) {
	_, a, b := pair(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		change := a.agent.relink.change
		_ = a.agent.stateReceived(a.agent.peers[b.ref], body)
		if a.agent.relink.change > change+maxChangeAhead {
			t.Errorf("%d changes after %d", a.agent.relink.change, change)
		}
		a.agent.flush()
	})
}

func FuzzPayload(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := parsePayload(b)
		if err == nil && (len(p.senderEd25519) != ed25519Size || len(p.recipientEd25519) != ed25519Size || len(p.content) == 0) {
			t.Errorf("%+v", p)
		}
	})
}

func FuzzDataContent(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := parseData(b); err == nil && !bytes.Equal(c.encode(), b) {
			t.Errorf("%x is written as %x", b, c.encode())
		}
	})
}

// verifyParsers are the parsers of verification messages, each with what writes the message again.
var verifyParsers = []struct {
	kind  string
	parse func(b []byte) (any, error)
}{
	{typeVerifyRequest, func(b []byte) (any, error) { return parseVerifyRequest(b) }},
	{typeVerifyReady, func(b []byte) (any, error) { return parseVerifyReady(b) }},
	{typeVerifyStart, func(b []byte) (any, error) { return parseStart(b) }},
	{typeVerifyAccept, func(b []byte) (any, error) { return parseAccept(b) }},
	{typeVerifyKey, func(b []byte) (any, error) { return parseKey(b) }},
	{typeVerifyMAC, func(b []byte) (any, error) { return parseMAC(b, "BOBXXXXXXX") }},
	{typeVerifyDone, func(b []byte) (any, error) { return parseDone(b) }},
	{typeVerifyCancel, func(b []byte) (any, error) { return parseCancel(b) }},
	{typeScanned, func(b []byte) (any, error) { return parseScanned(b) }},
}

// FuzzVerification reads a message of each kind, the first byte says which, and gives it to an agent in each state;
// nothing of it may make the other verified.
func FuzzVerification(f *testing.F) {
	c := newCouple(f)
	key, err := newSASKey(reader(nil))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 {
			return
		}
		p := verifyParsers[int(b[0])%len(verifyParsers)]
		if m, err := p.parse(b[1:]); err == nil {
			again, err := encodeMessage(m)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := p.parse(again); err != nil || !reflect.DeepEqual(m, n) {
				t.Errorf("%s becomes %s: %v", b[1:], again, err)
			}
		}
		for state := sasAsking; state < sasSettled; state++ {
			r := &sasRun{state: state, until: c.now.Add(verifyLife), private: key, starter: len(b)%2 == 0, commitment: make([]byte, 32)}
			r.exchange = sasExchange{starter: sideOf(c.a.self), accepter: sideOf(c.b.self), transaction: "tx", shared: make([]byte, 32)}
			c.a.peer.sas = r
			c.give(c.a, said{p.kind, string(b[1:])})
			c.a.peer.untold = nil
		}
		c.a.told, c.a.fails, c.a.sent = nil, nil, nil
		if c.a.state != StateNew {
			t.Errorf("shown as %s", c.a.state)
		}
	})
}

func FuzzQR(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := parseQR(string(b)); err == nil && c.String() != string(b) {
			t.Errorf("%q is written as %q", b, c.String())
		}
	})
}

// FuzzDataFrame gives an agent sealed frames as the server might.
func FuzzDataFrame(f *testing.F) {
	w, a, b := pair(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		w.t = t
		a.heard = nil
		a.handle(DataReceived{From: b.ref, Body: body})
		if len(a.heard) != 0 {
			t.Error("an invented frame was heard")
		}
		w.run(time.Millisecond)
	})
}

// FuzzOlm gives an agent Olm messages as the server might; goolm must not stop it.
func FuzzOlm(f *testing.F) {
	w, a, b := pair(f)
	key := string(curveID(b.agent.account.curve25519[:]))
	f.Fuzz(func(t *testing.T, kind int, raw []byte) {
		w.t = t
		body := encoding.EncodeToString(raw)
		sessions, keys := len(a.agent.peers[b.ref].sessions.list), len(a.agent.account.olm.OTKeys)
		a.handle(MessageReceived{From: b.ref, Envelope: Envelope{Olm: kind, Body: body, SenderKey: key}})
		if len(a.agent.account.olm.OTKeys) < keys || len(a.agent.peers[b.ref].sessions.list) > sessions {
			t.Error("an invented message used a one-time key or began a session")
		}
		w.run(time.Millisecond)
	})
}

// FuzzEvent gives an agent whatever events JSON can say.
func FuzzEvent(f *testing.F) {
	_, a, _ := pair(f)
	agents := []*Agent{a.agent, a.w.outsideNode("oscar", KeysShared).agent, a.w.outsideNode("olga", KeysPerParticipant).agent}
	f.Fuzz(func(_ *testing.T, b []byte) {
		ev, err := DecodeEvent(b)
		if err != nil {
			return
		}
		for _, agent := range agents {
			if _, err := EncodeEffects(agent.Handle(a.w.now, ev)); err != nil {
				panic(err)
			}
		}
	})
}

// TestCorpora writes the corpora: good inputs of each format, cut and changed.
func TestCorpora(t *testing.T) {
	if !*update {
		for _, target := range []string{"CallKeys", "Share", "Request", "Secret", "State", "Private", "Payload", "DataContent", "DataFrame", "Verification", "QR", "Olm", "Event"} {
			if files, err := os.ReadDir(filepath.Join("testdata", "fuzz", "Fuzz"+target)); err != nil || len(files) < 3 {
				t.Errorf("the corpus of Fuzz%s: %d files, %v", target, len(files), err)
			}
		}
		return
	}
	v := slowKeys()
	share := shareMessage{
		V: 1, Room: v.Room, Call: Bytes(v.Call), SenderJoinID: Bytes(v.Sender.JoinID), RecipientJoinID: Bytes(v.Recipient.JoinID),
		LinkID: Bytes("12345678"), Generation: v.Wrap.Generation, Index: v.Wrap.Index, R: Bytes(v.Wrap.R), KEMID: Bytes(v.Wrap.KEMID), CT: Bytes(v.Wrap.CT), State: Bytes(v.Wrap.Sealed),
	}
	full := mustEncode(t, share)
	share.CT, share.SeenKEMID = nil, share.KEMID
	short := mustEncode(t, share)
	zero := uint32(0)
	request := mustEncode(t, requestMessage{V: 1, Call: share.Call, SenderJoinID: share.SenderJoinID, RecipientJoinID: share.RecipientJoinID})
	repeat := mustEncode(t, requestMessage{V: 1, Call: share.Call, SenderJoinID: share.SenderJoinID, RecipientJoinID: share.RecipientJoinID, Generation: &zero, Index: &zero, KEMID: share.KEMID})
	payload := fmt.Appendf(nil, `{"content":%s,"keys":{"ed25519":%q},"recipient":%q,"recipient_keys":{"ed25519":%q},"sender":%q,"type":%q}`,
		request, encoding.EncodeToString(v.Sender.Ed25519), v.Recipient.User, encoding.EncodeToString(v.Recipient.Ed25519), v.Sender.User, typeRequest)
	header := mediacrypt.Header{KID: 1, CTR: 0}.Append(nil)

	writeCorpus(t, "CallKeys", v.Sender.CallKeys, v.Recipient.CallKeys)
	writeCorpus(t, "Share", full, short)
	writeCorpus(t, "Request", request, repeat)
	change := secretMessage{
		V: 1, Call: share.Call, SenderJoinID: share.SenderJoinID, RecipientJoinID: share.RecipientJoinID, LinkID: share.LinkID,
		Change: 1, Secret: Bytes(secondSecret),
	}
	first := mustEncode(t, change)
	change.Change, change.Secret = 3, Bytes("one-two-three-four-five-six-seven-eight")
	change.Removed = append(change.Removed, share.SenderJoinID...)
	writeCorpus(t, "Secret", first, mustEncode(t, change))
	state := stateBody{RosterHash: make(Bytes, 32), KID: "65537"}
	plain := mustEncode(t, state)
	state.Kept, state.Change, state.LinkID = true, 2, share.LinkID
	writeCorpus(t, "State", plain, mustEncode(t, state))
	writeCorpus(t, "Private", mustEncode(t, privateMessage{V: 1, Call: share.Call, SenderJoinID: share.SenderJoinID, RecipientJoinID: share.RecipientJoinID,
		Seq: 1, Kind: "grotto.chat", Body: Bytes(`{"text":"hello"}`)}))
	writeCorpus(t, "Payload", payload)
	writeCorpus(t, "DataContent", v.Data.Content)
	writeCorpus(t, "DataFrame", append(header, v.Data.Content...), append(mediacrypt.Header{KID: 1 << 20, CTR: 1 << 33}.Append(nil), 1, 2, 3))
	writeVerificationCorpus(t)
	writeOlmCorpus(t)
	var events [][]byte
	for _, ev := range []Event{
		RosterChanged{Left: []Ref{jsonRef}, Joined: []Announced{{Ref: jsonRef, CallKeys: Bytes(v.Sender.CallKeys), Sig: Bytes(v.Sender.Sig), Proof: Bytes(v.Sender.Proof)}}},
		KeysClaimed{Keys: []ClaimedKey{{Device: jsonRef, Key: jsonKey}}}, KeyCount{OneTimeKeys: 3},
		MessageReceived{From: jsonRef, Envelope: Envelope{Body: "AAAA"}}, SayToAll{Kind: "grotto.chat", Body: Bytes(`{}`)}, KeyWanted{From: jsonRef, KID: 1},
		SetKey{Generation: 3, Key: outsideKey(1)}, SetKey{User: jsonRef.User, Generation: 3, Key: outsideKey(1)},
	} {
		b, err := EncodeEvent(ev)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, b)
	}
	writeCorpus(t, "Event", events...)
}

func writeVerificationCorpus(t *testing.T) {
	t.Helper()
	v := slowSAS()
	of := func(kind string, m any) []byte {
		for i, p := range verifyParsers {
			if p.kind == kind {
				return append([]byte{byte(i)}, mustEncode(t, m)...)
			}
		}
		t.Fatal(kind)
		return nil
	}
	start, err := parseStart([]byte(v.Start))
	if err != nil {
		t.Fatal(err)
	}
	start.Transaction = "tx"
	methods := []string{methodSAS}
	writeCorpus(t, "Verification",
		of(typeVerifyRequest, verifyRequestMessage{FromDevice: "BOBXXXXXXX", Methods: methods, Timestamp: 1_800_000_000_000, Transaction: "tx"}),
		of(typeVerifyReady, verifyReadyMessage{FromDevice: "BOBXXXXXXX", Methods: methods, Transaction: "tx"}),
		of(typeVerifyStart, start),
		of(typeVerifyAccept, acceptMessage{Commitment: Bytes(v.Commitment), Hash: sasHash, KeyAgreement: sasAgreement, MAC: sasMAC, SAS: []string{sasDecimal, sasEmoji}, Transaction: "tx"}),
		of(typeVerifyKey, keyMessage{Key: Bytes(v.Accepter.Public), Transaction: "tx"}),
		of(typeVerifyMAC, macMessage{Keys: Bytes(v.Shared), MAC: map[string]Bytes{"ed25519:BOBXXXXXXX": Bytes(v.Shared)}, Transaction: "tx"}),
		of(typeVerifyDone, doneMessage{Transaction: "tx"}),
		of(typeVerifyCancel, cancelMessage{Code: cancelSAS, Reason: cancelReasons[cancelSAS], Transaction: "tx"}),
		of(typeScanned, scannedMessage{V: 1, Call: make(Bytes, 16), SenderJoinID: make(Bytes, 16), RecipientJoinID: make(Bytes, 16), Secret: make(Bytes, 16)}),
	)
	writeCorpus(t, "QR", []byte(v.QR.Text))
}

func mustEncode(t *testing.T, m any) []byte {
	t.Helper()
	b, err := encodeMessage(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func writeOlmCorpus(t *testing.T) {
	t.Helper()
	bob, err := newOwnAccount()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := bob.newOneTimeKeys(1)
	if err != nil {
		t.Fatal(err)
	}
	s, err := bob.dial(&device{callKeys: callKeys{ed25519: bob.ed25519, curve25519: bob.curve25519}}, keys[0])
	if err != nil {
		t.Fatal(err)
	}
	_, body, err := s.encrypt([]byte("hello"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := encoding.DecodeString(body)
	if err != nil {
		t.Fatal(err)
	}
	var inputs []string
	for kind := range 3 {
		for _, b := range variants(raw) {
			inputs = append(inputs, fmt.Sprintf("go test fuzz v1\nint(%d)\n[]byte(%q)\n", kind, b))
		}
	}
	writeInputs(t, "Olm", inputs)
}

// variants are an input, and the input cut short, with a byte changed, and doubled.
func variants(b []byte) [][]byte {
	changed := bytes.Clone(b)
	changed[len(b)/2] ^= 0x20
	return [][]byte{b, b[:len(b)-1], b[:len(b)/2], changed, append(bytes.Clone(b), b...), b[:0]}
}

func writeCorpus(t *testing.T, target string, good ...[]byte) {
	t.Helper()
	var inputs []string
	for _, b := range good {
		for _, v := range variants(b) {
			inputs = append(inputs, fmt.Sprintf("go test fuzz v1\n[]byte(%q)\n", v))
		}
	}
	writeInputs(t, target, inputs)
}

func writeInputs(t *testing.T, target string, inputs []string) {
	t.Helper()
	dir := filepath.Join("testdata", "fuzz", "Fuzz"+target)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for i, input := range inputs {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("seed-%02d", i)), []byte(input), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
