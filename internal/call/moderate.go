package call

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// askKind is of what moderators say, sealed, to one participant.
const askKind = "grotto.ask"

// Role is what the server lets a participant do. It is the server's word; keys know no roles.
type Role = wire.Role

// What AskOff switches off.
const (
	Microphone = wire.SourceMic
	Camera     = wire.SourceCamera
	Screen     = wire.SourceScreen
)

// ask wants somebody to switch a source off. There is none that switches on.
type ask struct {
	Off wire.Source `json:"off"`
}

// moderation is what moderators have set, as the server tells it.
type moderation struct {
	roles           map[olmkeys.Ref]Role
	locked, waiting bool
	knocking        []wire.Knocker
	names           map[uint64]string // of those who knock
}

func newModeration() moderation {
	return moderation{roles: map[olmkeys.Ref]Role{}, names: map[uint64]string{}}
}

func (m *moderation) moderates(ref olmkeys.Ref) bool {
	return m.roles[ref] == wire.RoleOwner || m.roles[ref] == wire.RoleModerator
}

// requestJoin asks to be let in, with the keys that were announced.
func (s *session) requestJoin() error {
	a := s.agent.Announcement()
	return s.signalling.request(&wire.Join{
		JoinID: wire.Base64(a.JoinID[:]), CallKeys: wire.Base64(a.CallKeys), Sig: wire.Base64(a.Sig), Proof: wire.Base64(a.Proof),
		OneTimeKeys: signedKeysOf(a.OneTimeKeys), FallbackKey: signedKeyOf(a.FallbackKey),
	}, nil)
}

// knock waits for a moderator, and joins then.
func (s *session) knock() {
	sealed, err := s.agent.SealKnock(cleanName(s.call.config.Name))
	if err != nil {
		s.end = err
		return
	}
	s.call.notice("Waiting to be let in.")
	err = s.signalling.request(&wire.Knock{Body: wire.Base64(sealed)}, func(m wire.ServerMessage) {
		if _, ok := m.(*wire.OK); !ok {
			return // refused ends the session
		}
		if err := s.requestJoin(); err != nil {
			s.end = err
		}
	})
	if err != nil {
		s.end = err
	}
}

// moderated takes in what the server says of roles and the room; true if the message was about that only.
func (s *session) moderated(m wire.ServerMessage) bool {
	switch m := m.(type) {
	case *wire.Joined:
		s.order.locked, s.order.waiting = m.Locked, m.WaitingRoom
		s.order.take(m.Members)
		return false
	case *wire.Roster:
		for _, d := range m.Left {
			delete(s.order.roles, refOf(d))
		}
		s.order.take(m.Joined)
		return false
	case *wire.RoomState:
		s.roomChanged(m)
	case *wire.Knocks:
		s.knocked(m.Waiting)
	case *wire.FromMain:
		s.fromMain(m.Body)
	case *wire.SwitchOff:
		if s.switchOff(m.Source, "Who runs this server") {
			s.introduce()
		}
	case *wire.Stopping:
		s.call.notice(fmt.Sprintf("This server restarts within %v. The meeting goes on by itself after that.", time.Duration(m.Seconds)*time.Second))
	case *wire.RoleChanged:
		s.roleChanged(refOf(m.Device), m.Role)
	default:
		return false
	}
	return true
}

func (m *moderation) take(members []wire.Member) {
	for _, member := range members {
		m.roles[refOf(member.Device)] = member.Role
	}
}

func (s *session) roomChanged(m *wire.RoomState) {
	if m.Locked != s.order.locked {
		s.call.notice(map[bool]string{true: "The meeting was locked: nobody new comes in.", false: "The meeting is open again."}[m.Locked])
	}
	if m.WaitingRoom != s.order.waiting {
		s.call.notice(map[bool]string{true: "Who comes now has to be let in.", false: "Nobody has to be let in any more."}[m.WaitingRoom])
	}
	s.order.locked, s.order.waiting = m.Locked, m.WaitingRoom
}

// knocked tells of those who are new at the door.
func (s *session) knocked(waiting []wire.Knocker) {
	before := s.order.names
	s.order.knocking, s.order.names = waiting, map[uint64]string{}
	for _, k := range waiting {
		name, known := before[k.Knock]
		if !known {
			sealed, _ := s.agent.OpenKnock(k.User, k.Device, k.Body)
			if name = cleanName(sealed); name == "" {
				name = stranger
			}
		}
		s.order.names[k.Knock] = name
		if f := s.call.config.OnPerson; f != nil && !known {
			f(PersonEvent{From: olmkeys.Ref{User: k.User, Device: k.Device}, Name: name, What: Knocks})
		}
	}
}

func (s *session) roleChanged(who olmkeys.Ref, role Role) {
	s.order.roles[who] = role
	if who != s.agent.Ref() {
		if f := s.call.config.OnPerson; f != nil {
			f(PersonEvent{From: who, Name: s.nameOf(who), What: RoleChanged, Role: role})
		}
		return
	}
	s.call.notice("Your role is now: " + string(role) + ".")
	switch {
	case role == wire.RoleViewer || len(s.call.publishing()) == 0:
	case s.publisher.pc == nil:
		s.publisher.begin()
	default:
		s.publisher.publish(nil, func() {})
	}
	s.introduce()
}

// views says whether we only view: what is published is refused then.
func (s *session) views() bool { return s.order.roles[s.agent.Ref()] == wire.RoleViewer }

// asked obeys a moderator who wants something of ours switched off, and says who it was.
func (s *session) asked(from olmkeys.Ref, body []byte) {
	var a ask
	if !s.order.moderates(from) || json.Unmarshal(body, &a) != nil || !s.switchOff(a.Off, s.nameOf(from)) {
		return
	}
	s.changed = true // carryOut says so, when it is done with what we are in the middle of
}

// switchOff stops a source, and says whose wish it was; false if it was off.
func (s *session) switchOff(source wire.Source, by string) bool {
	if !s.call.switchOff(source) {
		return false
	}
	s.call.notice(fmt.Sprintf("%s switched your %s off.", by, map[wire.Source]string{
		wire.SourceMic: "microphone", wire.SourceCamera: "camera", wire.SourceScreen: "screen"}[source]))
	return true
}

// switchOff stops a source for good; false if it was off.
func (c *Call) switchOff(source wire.Source) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	published := func(m Media) bool { return m.Source == source }
	if !slices.Contains([]wire.Source{wire.SourceMic, wire.SourceCamera, wire.SourceScreen}, source) || c.off[source] ||
		!slices.ContainsFunc(c.config.Publish, published) {
		return false
	}
	c.off[source] = true
	if source == wire.SourceScreen {
		c.off[wire.SourceScreenAudio] = true
	}
	return true
}

// isOff says whether a source is off, by a moderator or ourselves.
func (c *Call) isOff(source wire.Source) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.off[source] || c.muted[source]
}

// Role is our own.
func (c *Call) Role() (role Role) {
	_ = c.inSession(func(s *session) error {
		role = s.order.roles[s.agent.Ref()]
		return nil
	})
	return role
}

// asModerator runs f in the session's goroutine if we may do what it does.
func (c *Call) asModerator(f func(*session) error) error {
	return c.inSession(func(s *session) error {
		if !s.order.moderates(s.agent.Ref()) {
			return unsaid("you are not a moderator here", "ask one")
		}
		return f(s)
	})
}

// Admit lets somebody in who waits, or does not, by the name or device that Knocks told.
func (c *Call) Admit(name string, in bool) error {
	return c.asModerator(func(s *session) error {
		var found []uint64
		for _, k := range s.order.knocking {
			if s.order.names[k.Knock] == name || k.Device == name {
				found = append(found, k.Knock)
			}
		}
		switch len(found) {
		case 0:
			return unsaid(fmt.Sprintf("nobody called %q waits", name), "")
		case 1:
			s.request(&wire.Admit{Knock: found[0], Admit: in})
			return nil
		}
		return unsaid(fmt.Sprintf("%d people called %q wait", len(found), name), "write the device's id")
	})
}

// Lock keeps everybody new out, or lets them in again.
func (c *Call) Lock(on bool) error {
	return c.asModerator(func(s *session) error {
		s.request(&wire.SetRoom{Locked: on, WaitingRoom: s.order.waiting})
		return nil
	})
}

// WaitingRoom has everybody new wait until a moderator admits them.
func (c *Call) WaitingRoom(on bool) error {
	return c.asModerator(func(s *session) error {
		s.request(&wire.SetRoom{Locked: s.order.locked, WaitingRoom: on})
		return nil
	})
}

// SetRole gives somebody another role.
func (c *Call) SetRole(who olmkeys.Ref, role Role) error {
	return c.asModerator(func(s *session) error {
		s.request(&wire.SetRole{Device: deviceOf(who), Role: role})
		return nil
	})
}

// AskOff has somebody's client switch a microphone, camera or screen off. Nobody can switch one on.
func (c *Call) AskOff(who olmkeys.Ref, source wire.Source) error {
	return c.asModerator(func(s *session) error {
		s.handle(olmkeys.SayTo{To: []olmkeys.Ref{who}, Kind: askKind, Body: bodyOf(ask{source})})
		return nil
	})
}

// End ends the meeting for everyone.
func (c *Call) End() error {
	return c.asModerator(func(s *session) error {
		s.request(&wire.EndCall{})
		return nil
	})
}
