package matrixkeys

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/olmkeys"
)

const (
	mostWaiting  = 256         // messages for people whose membership has not come yet
	sendPatience = time.Minute // for the homeserver: after that the agents have asked again
	mostTold     = 256         // devices that a person is told of
)

// callState is what a Room knows as a [call.KeyTransport].
type callState struct {
	id      olmkeys.CallID
	self    olmkeys.Ref
	in      call.Inbox // empty before Begin
	bound   map[grottoDevice]peer
	refused map[olmdevice.Address]error
	waiting []olmkeys.OutgoingMessage
}

// grottoDevice is a device of the call, whatever its join.
type grottoDevice struct{ user, device string }

type peer struct {
	olmdevice.Address
	trust olmdevice.Trust
}

var _ call.KeyTransport = (*Room)(nil)

// Peer implements [call.KeyTransport].
func (r *Room) Peer(ref olmkeys.Ref) call.Peer {
	if !ofMatrix(ref.User) {
		if r.config.Guests {
			return call.Peer{Route: call.RouteSignalling}
		}
		return call.Peer{Route: call.RouteNowhere}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	found := call.Peer{Route: call.RouteTransport}
	if p, ok := r.call.bound[grottoDevice{ref.User, ref.Device}]; ok {
		found.ID, found.Trust = string(p.User), p.trust.String()
		return found
	}
	for a := range r.call.refused {
		if rtc.Localpart(a.User) == localpart(ref.User) {
			found.ID, found.Trust = string(a.User), olmdevice.Unverified.String()
		}
	}
	return found
}

// Begin implements [call.KeyTransport].
func (r *Room) Begin(id olmkeys.CallID, self olmkeys.Ref, in call.Inbox) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.call.id != id || r.call.bound == nil {
		r.call = callState{id: id, bound: map[grottoDevice]peer{}, refused: map[olmdevice.Address]error{}}
	}
	r.call.self, r.call.in, r.call.waiting = self, in, nil
}

// expel takes the keys away from somebody who is not in the room any more, whatever the Grotto server says. mu is held.
func (r *Room) expel(user id.UserID) {
	if gone := r.call.in.Gone; gone != nil {
		r.tasks.Go(func() {
			gone(func(ref olmkeys.Ref) bool { return ofMatrix(ref.User) && localpart(ref.User) == rtc.Localpart(user) })
		})
	}
}

// Send implements [call.KeyTransport]. Where too much waits it is dropped: the agents ask again by their own clock.
func (r *Room) Send(messages []olmkeys.OutgoingMessage) {
	select {
	case r.outgoing <- messages:
	default:
	}
}

func (r *Room) sendQueued() {
	for {
		select {
		case messages := <-r.outgoing:
			r.post(messages)
		case <-r.ctx.Done():
			return
		}
	}
}

// wakeWaiting sends what waited for somebody's membership.
func (r *Room) wakeWaiting() {
	r.mu.Lock()
	waiting := r.call.waiting
	r.call.waiting = nil
	r.mu.Unlock()
	if len(waiting) > 0 {
		r.Send(waiting)
	}
}

// post sends messages: to the Matrix device that each Grotto device was heard from, or, before that, to all with which
// its user is in the call. Only the right one can open what is inside.
func (r *Room) post(messages []olmkeys.OutgoingMessage) {
	letters := map[olmkeys.Ref][]olmkeys.Envelope{}
	var order []olmkeys.Ref
	for _, m := range messages {
		if letters[m.To] == nil {
			order = append(order, m.To)
		}
		letters[m.To] = append(letters[m.To], m.Envelope)
	}
	var rounds []map[olmdevice.Address]message // of each device at most one message
	r.mu.Lock()
	if r.call.in.Hear == nil {
		r.mu.Unlock()
		return
	}
	for _, to := range order {
		targets := r.targets(to)
		if len(targets) == 0 {
			for _, e := range letters[to] {
				r.call.waiting = append(r.call.waiting, olmkeys.OutgoingMessage{To: to, Envelope: e})
			}
			continue
		}
		for part := range slices.Chunk(letters[to], mostEnvelopes) {
			content := message{place: r.here(), Call: r.call.id, From: r.call.self, To: to, Messages: part}
			for _, a := range targets {
				round := slices.IndexFunc(rounds, func(m map[olmdevice.Address]message) bool { _, taken := m[a]; return !taken })
				if round < 0 {
					rounds, round = append(rounds, map[olmdevice.Address]message{}), len(rounds)
				}
				rounds[round][a] = content
			}
		}
	}
	if over := len(r.call.waiting) - mostWaiting; over > 0 {
		r.call.waiting = r.call.waiting[over:]
	}
	r.mu.Unlock()
	for _, round := range rounds {
		each := make([]olmdevice.Outgoing, 0, len(round))
		for a, content := range maps.All(round) {
			each = append(each, olmdevice.Outgoing{To: a, Content: content})
		}
		ctx, cancel := context.WithTimeout(r.ctx, sendPatience)
		r.unsent(r.device.SendEach(ctx, rtc.MessageType, each))
		cancel()
	}
}

// here is what every message of ours names. mu is held.
func (r *Room) here() place { return place{version, r.config.Room, r.link.Slug, r.self.Device} }

// targets of a message for a Grotto device: none that is not in the call any more. mu is held.
func (r *Room) targets(to olmkeys.Ref) (all []olmdevice.Address) {
	p, bound := r.call.bound[grottoDevice{to.User, to.Device}]
	for _, m := range r.standing() {
		a := olmdevice.Address{User: m.User, Device: m.Device}
		if bound && a != p.Address {
			continue
		}
		if a != r.self && rtc.Localpart(m.User) == localpart(to.User) {
			all = append(all, a)
		}
	}
	return all
}

// unsent tells a person, once a device, who gets no keys.
func (r *Room) unsent(all []olmdevice.Unsent) {
	for _, u := range all {
		if !errors.Is(u.Err, olmdevice.ErrUntrusted) && !errors.Is(u.Err, olmdevice.ErrNoDevice) {
			continue // the homeserver is away, or the device has used up its one-time keys: it comes later
		}
		r.mu.Lock()
		known := r.call.refused[u.To] != nil || len(r.call.refused) >= mostTold
		if !known && r.call.refused != nil {
			r.call.refused[u.To] = u.Err
		}
		r.mu.Unlock()
		if !known {
			r.notice(fmt.Sprintf("%s gets no keys on %s: the device is not trusted. It has to be verified there, in the account's settings.", u.To.User, u.To.Device))
		}
	}
}

// carried takes in messages for us, of this call, from the Matrix device that has been theirs in it from the first.
func (r *Room) carried(m olmdevice.Received, is message) {
	r.mu.Lock()
	c := &r.call
	if c.in.Hear == nil || is.Call != c.id || is.To != c.self {
		r.mu.Unlock()
		return
	}
	name := grottoDevice{is.From.User, is.From.Device}
	if before, bound := c.bound[name]; bound && before.Address != m.From {
		r.mu.Unlock()
		r.notice(fmt.Sprintf("%s sent keys from another device than before, %s. They were not taken.", m.From.User, m.From.Device))
		return
	}
	c.bound[name] = peer{m.From, m.Trust}
	hear := c.in.Hear
	r.mu.Unlock()
	for _, e := range is.Messages {
		hear(olmkeys.MessageReceived{From: is.From, Envelope: e})
	}
}
