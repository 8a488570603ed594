package olmkeys

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/grotto-meet/grotto/mediacrypt"
)

const (
	maxDataBody  = 32 << 10 // bytes of what is said
	maxDataKind  = 64
	maxDataFrame = maxDataBody + 512 // sealed; the rest is signature, names, header and tag
	maxHeldData  = 64                // frames of one sender that wait for its key ...
	maxHeldBytes = 256 << 10         // ... of so many bytes together ...
	heldDataLife = 10 * time.Second  // ... for so long
	maxUnsaid    = 64
	againAfter   = 200 * time.Millisecond // once for all who ask at the same time ...
	againEvery   = 2 * time.Second        // ... and at most so often
	unsaidLife   = time.Second            // how long what we say waits for newcomers to have our key

	dataLabel = "grotto v1 data"
)

// dataContent is the plaintext of a data frame: sig || u64 seq || lp(kind) || body.
type dataContent struct {
	sig  []byte
	seq  uint64
	kind string
	body []byte
}

func (c *dataContent) encode() []byte {
	b := binary.BigEndian.AppendUint64(bytes.Clone(c.sig), c.seq)
	return append(lp(b, c.kind), c.body...)
}

func parseData(b []byte) (dataContent, error) {
	r := byteReader{rest: b}
	c := dataContent{sig: r.take(signatureSize)}
	if seq := r.take(8); !r.short {
		c.seq = binary.BigEndian.Uint64(seq)
	}
	c.kind = string(r.lp())
	c.body = r.rest
	if r.short || !validData(c.kind, c.body) {
		return dataContent{}, fmt.Errorf("%w: content", ErrData)
	}
	return c, nil
}

// validData: a kind like "grotto.profile", and JSON.
func validData(kind string, body []byte) bool {
	return kind != "" && len(kind) <= maxDataKind && only(kind, "._", false) &&
		len(body) <= maxDataBody && utf8.Valid(body) && json.Valid(body)
}

// dataMessage is what is signed. The join id makes it of one device, call and join; room and call are in it so that it
// stands by itself.
func dataMessage(room string, call CallID, join JoinID, c *dataContent) []byte {
	b := lp(nil, room)
	b = lp(b, call[:])
	b = append(b, join[:]...)
	b = binary.BigEndian.AppendUint64(b, c.seq)
	b = lp(b, c.kind)
	b = append(b, c.body...)
	sum := sha256.Sum256(b)
	return append([]byte(dataLabel), sum[:]...)
}

// dataState is what is known of one sender's data frames.
type dataState struct {
	held []heldData
	any  bool
	last mediacrypt.Header // of the last one accepted
	seq  uint64
}

type heldData struct {
	body  []byte
	until time.Time
}

func (d *dataState) expire(now time.Time) {
	d.held = slices.DeleteFunc(d.held, func(h heldData) bool { return due(h.until, now) })
}

func (d *dataState) next() time.Time {
	if len(d.held) == 0 {
		return time.Time{}
	}
	return d.held[0].until
}

// sayToAll seals now, or in a moment, when those who have just joined can open it.
func (a *Agent) sayToAll(s SayToAll) {
	if !validData(s.Kind, s.Body) || s.Kind == kindState || s.Kind == kindLeave || a.watch.left {
		a.fault(ErrData)
		return
	}
	s.Body, s.Relay = bytes.Clone(s.Body), slices.Clone(s.Relay)
	if s.Kind == kindProfile {
		a.profile, a.againAt = s, time.Time{}
	}
	if s.Kind == kindRemove {
		if err := a.removeDevices(s.Body, a.self); err != nil {
			a.fault(err)
			if !errors.Is(err, ErrTooMany) { // else who is here is removed all the same
				return
			}
		}
	}
	if a.everybodyReads() && len(a.unsaid) == 0 {
		a.say(s)
		return
	}
	if len(a.unsaid) >= maxUnsaid && s.Kind != kindRemove {
		a.fault(ErrTooMany)
		return
	}
	if len(a.unsaid) >= maxUnsaid { // a removal that we have acted on is not lost to the others
		a.unsaidAt = a.now
		a.sayWaiting()
	}
	if len(a.unsaid) == 0 && a.sealer != nil {
		a.unsaidAt = a.now.Add(unsaidLife)
	}
	a.unsaid = append(a.unsaid, s)
}

// missed: a member lacked our key, perhaps for longer than it holds what it cannot open. Who we are is said once more.
func (a *Agent) missed() {
	if a.profile.Kind == "" || !a.againAt.IsZero() {
		return
	}
	a.againAt = a.now.Add(againAfter)
	if next := a.lastAgain.Add(againEvery); next.After(a.againAt) {
		a.againAt = next
	}
}

func (a *Agent) sayAgain() {
	if due(a.againAt, a.now) && !a.watch.left {
		a.lastAgain = a.now
		a.sayToAll(a.profile)
	}
}

// everybodyReads says whether all members were addressed with what we seal with.
func (a *Agent) everybodyReads() bool {
	if a.outside != nil {
		return a.sealer != nil // who does not is not ours to help
	}
	holders := a.sender.sealing().holders
	for _, p := range a.order {
		if _, holds := holders[p.ref]; p.valid() && !holds {
			return false
		}
	}
	return true
}

// sayWaiting says what waited, once it can be read, or once it has waited long enough.
func (a *Agent) sayWaiting() {
	if len(a.unsaid) == 0 || a.sealer == nil || !due(a.unsaidAt, a.now) && !a.everybodyReads() {
		return
	}
	unsaid := a.unsaid
	a.unsaid, a.unsaidAt = nil, time.Time{}
	for _, s := range unsaid {
		a.say(s)
	}
}

func (a *Agent) say(s SayToAll) {
	if a.sealer == nil {
		return // no key was set, so there is nobody who could read it
	}
	if a.sealer.Count() >= a.maxFrames {
		if a.outside != nil {
			a.fault(ErrTooMany) // until a key of a higher generation is set
			return
		}
		a.advance()
	}
	a.seq++
	c := dataContent{seq: a.seq, kind: s.Kind, body: s.Body}
	c.sig = a.account.sign(dataMessage(a.config.Room, a.config.Call, a.self.JoinID, &c))
	sealed, err := a.sealer.Seal(nil, mediacrypt.SourceData, mediacrypt.CodecData, c.encode())
	if err != nil {
		a.fault(err)
		return
	}
	a.emit(SendData{Body: sealed, To: s.Relay})
}

func (a *Agent) dataReceived(from Ref, body []byte) {
	p := a.admitted(from)
	if p == nil {
		return
	}
	if len(body) > maxDataFrame {
		a.fault(ErrData)
		return
	}
	if missing := a.openData(p, body); missing {
		size := len(body)
		for _, h := range p.data.held {
			size += len(h.body)
		}
		if len(p.data.held) >= maxHeldData || size > maxHeldBytes {
			a.fault(ErrTooMany)
			return
		}
		p.data.held = append(p.data.held, heldData{body: bytes.Clone(body), until: a.now.Add(heldDataLife)})
	}
}

// retryData opens what waited for keys, in the order it came.
func (a *Agent) retryData(p *peer) {
	held := p.data.held
	p.data.held = nil
	var rest []heldData
	for _, h := range held {
		if a.openData(p, h.body) {
			rest = append(rest, h)
		}
	}
	p.data.held = append(rest, p.data.held...)
}

// openData opens one frame, and says whether only its key is missing.
func (a *Agent) openData(p *peer, body []byte) (missing bool) {
	if p.departed {
		return false
	}
	h, _, err := mediacrypt.ParseHeader(body)
	if err != nil {
		a.fault(fmt.Errorf("%w: %w", ErrData, err))
		return false
	}
	if !p.opener.Has(h.KID) {
		told := p.ask.troubleAt
		result := a.want(p, h.KID)
		p.dataTrouble(told)
		if result == wantedNever {
			a.fault(ErrDataOrder)
			return false
		}
	}
	content, h, err := p.opener.Open(nil, mediacrypt.SourceData, mediacrypt.CodecData, body)
	switch {
	case errors.Is(err, mediacrypt.ErrKeyDropped):
		a.fault(ErrDataOrder)
		return false
	case errors.Is(err, mediacrypt.ErrUnknownKey):
		return true
	case errors.Is(err, mediacrypt.ErrReplay):
		a.fault(ErrDataOrder)
		return false
	case err != nil:
		a.fault(fmt.Errorf("%w: %w", ErrData, err))
		told := p.ask.troubleAt
		p.ask.fail(a.now)
		p.dataTrouble(told)
		return false
	}
	a.opened(p, h.KID)
	c, err := parseData(content)
	if err == nil {
		err = p.acceptData(a, h, &c)
	}
	ours := false
	if err == nil {
		ours, err = a.internal(p, c.kind, c.body)
	}
	if err != nil {
		a.fault(err)
		return false
	}
	if ours {
		return false
	}
	if err := a.hear(p, Heard{From: p.ref, Kind: c.kind, Body: bytes.Clone(c.body)}); err != nil {
		a.fault(err)
	}
	return false
}

// acceptData checks order and signature. Whoever holds the sender's key could seal a frame in its name; the signature
// is the sender's own.
func (p *peer) acceptData(a *Agent, h mediacrypt.Header, c *dataContent) error {
	if p.data.any && (h.KID < p.data.last.KID || h.KID == p.data.last.KID && h.CTR <= p.data.last.CTR || c.seq <= p.data.seq) {
		return ErrDataOrder
	}
	if !verify(p.dev.ed25519[:], dataMessage(a.config.Room, a.config.Call, p.ref.JoinID, c), c.sig) {
		return ErrDataSignature
	}
	p.data.any, p.data.last, p.data.seq = true, h, c.seq
	return nil
}
