package room

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// handle answers one text of a client. An error is about the socket, which is then closed.
func (s *session) handle(sock socket, text []byte) *wire.Error {
	s.handling.take()
	defer s.handling.give()
	if !s.out.attached(sock) {
		return nil // replaced or ended: what still comes from it is not heard
	}
	m, err := wire.DecodeClient(text)
	bad, _ := errors.AsType[*wire.Error](err)
	id := uint64(0)
	switch {
	case bad != nil && bad.ID == 0:
		return bad
	case bad != nil:
		id = bad.ID
	default:
		id = wire.ID(m)
	}
	now := time.Now()
	affordable := s.budget.messages.Take(now, ofMessages, 1) && s.budget.bytes.Take(now, ofBytes, len(text))
	ping, isPing := m.(*wire.Ping)
	if id <= s.lastID && !isPing {
		return nil // sent again after a resume; its answer was, too
	}
	s.lastID = max(s.lastID, id)
	if s.expired(now) {
		return nil
	}
	switch {
	case !affordable:
		return s.refuse(now, id)
	case bad != nil:
		s.push(bad)
	case isPing:
		s.out.confirm(ping.Seq)
		s.out.say(sock, &wire.Pong{ID: id})
	default:
		if answer := s.answer(now, m); answer != nil {
			if e, ok := answer.(*wire.Error); ok && e.Code == wire.CodeRateLimited {
				return s.refuse(now, id)
			}
			s.push(answer)
		}
	}
	return nil
}

var errRate = &wire.Error{Code: wire.CodeRateLimited}

// refuse answers what came too fast, and ends a session that goes on.
func (s *session) refuse(now time.Time, id uint64) *wire.Error {
	s.server.endings.noteRefused(wire.CodeRateLimited)
	if !s.budget.refusals.Take(now, ofRefusals, 1) {
		s.end(wire.CodeRateLimited, "too many messages")
		return nil
	}
	s.push(&wire.Error{ID: id, Code: wire.CodeRateLimited, Message: "too many messages",
		Hint: fmt.Sprintf("at most %d a second and %d kB a second", messagesPerSecond, bytesPerSecond>>10)})
	return nil
}

type failure func(code wire.Code, message, hint string) wire.ServerMessage

// answer does what a request asks. A nil answer was queued already.
func (s *session) answer(now time.Time, m wire.ClientMessage) wire.ServerMessage {
	fail := func(code wire.Code, message, hint string) wire.ServerMessage {
		return &wire.Error{ID: wire.ID(m), Code: code, Message: message, Hint: hint}
	}
	switch m := m.(type) {
	case *wire.Hello, *wire.Resume:
		return fail(wire.CodeBadMessage, "this socket has said hello already", "open another socket for another session")
	case *wire.Leave:
		s.leave(m)
		return nil
	case *wire.Join:
		return s.join(m, fail)
	case *wire.Knock:
		return s.knock(now, m, fail)
	case *wire.Admit, *wire.SetRoom, *wire.SetRole, *wire.Expel, *wire.EndCall, *wire.TellBreakout:
		return s.moderate(now, m, fail)
	}
	peer, refused := s.relay(now, m, fail)
	switch m := m.(type) {
	case *wire.Publish:
		if peer != nil {
			return s.publish(peer, m, fail)
		}
	case *wire.SubscribeAnswer:
		if peer != nil {
			return subscribeAnswer(peer, m, fail)
		}
	case *wire.Show:
		if peer != nil {
			peer.Show(m.Videos, m.Silent)
			return &wire.OK{ID: m.ID}
		}
	case *wire.Restart:
		if peer != nil {
			peer.Restart()
			return &wire.OK{ID: m.ID}
		}
	}
	return refused
}

// relay does what is done under the call's lock, and gives the media peer for what is not. A session that has ended
// meanwhile is not heard: nothing may come from a device that has left the roster.
func (s *session) relay(now time.Time, m wire.ClientMessage, fail failure) (MediaPeer, wire.ServerMessage) {
	s.call.mu.Lock()
	defer s.call.mu.Unlock()
	if s.ended {
		return nil, nil
	}
	if s.member == nil {
		return nil, fail(wire.CodeNotJoined, "this needs a join first", "send join after welcome")
	}
	switch m := m.(type) {
	case *wire.UploadKeys:
		return nil, s.uploadKeys(m, fail)
	case *wire.ClaimKeys:
		if !s.budget.claims.Take(now, ofClaims, len(m.Devices)) {
			return nil, errRate
		}
		return nil, s.claimKeys(m)
	case *wire.ToDevice:
		return nil, s.toDevice(m, fail)
	case *wire.SendData:
		if !s.budget.data.Take(now, ofData, len(m.Body)) {
			return nil, errRate
		}
		return nil, s.sendData(m)
	case *wire.Prove:
		if !s.budget.proves.Take(now, ofProves, 1) {
			return nil, errRate
		}
		return nil, s.prove(m)
	case *wire.Publish:
		if s.member.is.Role == wire.RoleViewer && len(m.Tracks) > 0 {
			return nil, fail(wire.CodeNotAllowed, "who only views does not publish", "ask a moderator")
		}
		if refused := s.call.mayPublish(m.Tracks, fail); refused != nil {
			return nil, refused
		}
		return s.member.peer, nil
	case *wire.SubscribeAnswer, *wire.Show, *wire.Restart:
		return s.member.peer, nil
	}
	return nil, fail(wire.CodeUnsupported, "this server does not do that", "")
}

func (s *session) join(m *wire.Join, fail failure) wire.ServerMessage {
	c := s.call
	joining := &member{sess: s, id: s.server.letters("abcdefghijklmnopqrstuvwxyz0123456789", 12), peerName: s.server.peerName(),
		is: wire.Member{Device: wire.Device{User: s.user, Device: s.device, JoinID: m.JoinID},
			CallKeys: m.CallKeys, Sig: m.Sig, Proof: m.Proof},
		keys: keyStore{fallback: m.FallbackKey}}
	joining.keys.add(m.OneTimeKeys)
	c.mu.Lock()
	if s.member != nil {
		c.mu.Unlock()
		return fail(wire.CodeAlreadyJoined, "this session has joined already", "open another socket for another device")
	}
	if s.ended {
		c.mu.Unlock()
		return nil
	}
	if refused := c.mayJoin(s, fail); refused != nil {
		c.mu.Unlock()
		return refused
	}
	joining.is.Role = c.roleOf(s)
	s.admitted = true
	s.member = joining
	c.join(joining, m.ID)
	there := len(c.members)
	c.mu.Unlock()
	s.server.cfg.Log.Info("joined", "room", c.logName, "participants", there)
	c.connect(joining)
	return nil
}

func (s *session) leave(m *wire.Leave) {
	s.push(&wire.OK{ID: m.ID})
	if s.remove(nil, Left) {
		s.out.finish(nil, "", false)
		s.server.cfg.Log.Info("left", "room", s.call.logName)
	}
}

func (s *session) uploadKeys(m *wire.UploadKeys, fail failure) wire.ServerMessage {
	keys := &s.member.keys
	if !keys.add(m.OneTimeKeys) {
		return fail(wire.CodeTooLarge, "too many one-time keys", fmt.Sprintf("%d are here, at most %d", len(keys.oneTime), wire.MaxOneTimeKeys))
	}
	if m.FallbackKey != nil {
		keys.fallback = *m.FallbackKey
	}
	return &wire.OK{ID: m.ID}
}

func (s *session) claimKeys(m *wire.ClaimKeys) wire.ServerMessage {
	answer := &wire.ClaimedKeys{ID: m.ID}
	for i := range m.Devices {
		owner := s.call.find(&m.Devices[i])
		if owner == nil {
			continue
		}
		answer.Keys = append(answer.Keys, wire.ClaimedKey{Device: owner.is.Device, Key: owner.keys.claim()})
		owner.sess.push(&wire.KeyCount{OneTimeKeys: len(owner.keys.oneTime)})
	}
	return answer
}

func (s *session) toDevice(m *wire.ToDevice, fail failure) wire.ServerMessage {
	missing := 0
	for _, envelope := range m.Messages {
		to := s.call.find(&envelope.To)
		if to == nil {
			missing++
			continue
		}
		to.sess.push(&wire.DeviceMessage{From: s.member.is.Device, Envelope: envelope})
	}
	if missing > 0 {
		return fail(wire.CodeUnknownDevice, fmt.Sprintf("%d of %d recipients have left", missing, len(m.Messages)),
			"the others have got theirs; wait for the roster")
	}
	return &wire.OK{ID: m.ID}
}

func (s *session) sendData(m *wire.SendData) wire.ServerMessage {
	data := &wire.Data{From: s.member.is.Device, Body: m.Body}
	if len(m.To) == 0 {
		s.call.tell(data, s.member)
		return &wire.OK{ID: m.ID}
	}
	text := share(data)
	for _, other := range s.call.members { // each once, however often it is named; who has left needs it no more
		named := func(d wire.Device) bool { return sameDevice(&d, &other.is.Device) }
		if other != s.member && slices.ContainsFunc(m.To, named) {
			other.sess.pushShared(text)
		}
	}
	return &wire.OK{ID: m.ID}
}

// prove lists the member with its new proof from now on.
func (s *session) prove(m *wire.Prove) wire.ServerMessage {
	s.member.is.Proof = m.Proof
	s.call.tell(&wire.Proof{Device: s.member.is.Device, Proof: m.Proof}, s.member)
	return &wire.OK{ID: m.ID}
}

func (s *session) publish(peer MediaPeer, m *wire.Publish, fail failure) wire.ServerMessage {
	answer, err := peer.Publish(m.SDP, m.Tracks)
	if err != nil {
		return badSDP(err, fail)
	}
	if s.views() { // only since a moment ago
		peer.Unpublish()
	}
	return &wire.Published{ID: m.ID, SDP: answer}
}

func subscribeAnswer(peer MediaPeer, m *wire.SubscribeAnswer, fail failure) wire.ServerMessage {
	if err := peer.Answer(m.Offer, m.SDP); err != nil {
		return badSDP(err, fail)
	}
	return &wire.OK{ID: m.ID}
}

// maxReason bounds how much of the SFU's reason goes to the client, whose own description it is about.
const maxReason = 300

func badSDP(err error, fail failure) wire.ServerMessage {
	if errors.Is(err, ErrNoMedia) {
		return fail(wire.CodeUnsupported, "this server carries no media", "")
	}
	reason := err.Error()
	if len(reason) > maxReason {
		reason = reason[:maxReason]
	}
	return fail(wire.CodeBadSDP, strings.ToValidUTF8("the description was refused: "+reason, "?"), "offer again, or leave and join anew")
}
