package room

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// call is an occupied room.
type call struct {
	server  *Server
	slug    string
	id      string // !<slug>:<server_name>
	callID  [16]byte
	logName string

	mu       sync.Mutex
	sessions map[*session]struct{}
	members  []*member // in the order of joining
	version  uint64
	order    order
	length   time.Duration // that it may take; 0: any
	terms    Terms
	end      *time.Timer // of that time; nil before the first joins, and where there is none
	timeOver bool
	tally    Tally
	gone     []goneMember
}

// member is a session that has joined.
type member struct {
	sess     *session
	id       string // see [Participant]
	since    time.Time
	is       wire.Member
	keys     keyStore
	peerName string
	peer     MediaPeer // nil until the SFU has it
}

func newCall(s *Server, slug string, terms Terms) *call {
	c := &call{server: s, slug: slug, id: "!" + slug + ":" + s.cfg.ServerName, sessions: map[*session]struct{}{}}
	s.fill(c.callID[:])
	// Slugs are guessable, so the log has them under a key that is gone with the process.
	mac := hmac.New(sha256.New, s.logKey[:])
	mac.Write([]byte(slug))
	c.logName = hex.EncodeToString(mac.Sum(nil)[:4])
	c.terms, c.length = terms, terms.Length
	c.order.locked, c.order.waiting = c.begins()
	return c
}

// sameDevice compares all three: a device that joined anew is another one.
func sameDevice(a, b *wire.Device) bool {
	return a.Device == b.Device && a.User == b.User && string(a.JoinID) == string(b.JoinID)
}

// find gives the member with this name, or nil. The lock is held, as in all that follows.
func (c *call) find(d *wire.Device) *member {
	for _, m := range c.members {
		if sameDevice(&m.is.Device, d) {
			return m
		}
	}
	return nil
}

// join adds a member, answers it and tells the others.
func (c *call) join(m *member, id uint64) {
	c.version++
	c.tell(&wire.Roster{Version: c.version, Joined: []wire.Member{m.is}}, nil)
	c.members = append(c.members, m)
	c.came(m)
	c.count()
	joined := &wire.Joined{ID: id, Version: c.version, Members: make([]wire.Member, 0, len(c.members)),
		Locked: c.order.locked, WaitingRoom: c.order.waiting, EndsIn: c.left()}
	for _, other := range c.members {
		joined.Members = append(joined.Members, other.is)
	}
	m.sess.push(joined)
	c.tellOfStop(m)
	if moderates(m.is.Role) {
		c.order.keep()
		c.tellKnocks(m)
	}
	c.succeed()
}

// leave removes a member and tells the others.
func (c *call) leave(m *member, why Leaving) {
	for i, other := range c.members {
		if other == m {
			c.members = append(c.members[:i:i], c.members[i+1:]...)
			break
		}
	}
	c.went(m, why)
	c.version++
	c.tell(&wire.Roster{Version: c.version, Left: []wire.Device{m.is.Device}}, nil)
	c.succeed()
}

// tell sends a message to every member but one.
func (c *call) tell(message wire.ServerMessage, except *member) {
	text := share(message)
	for _, m := range c.members {
		if m != except {
			m.sess.pushShared(text)
		}
	}
}

// subscriptions names the publishers of an offer's tracks. Tracks of those who have left meanwhile are not named: the
// next offer ends them.
func (c *call) subscriptions(tracks []MediaTrack) []wire.Subscription {
	byName := make(map[string]*member, len(c.members))
	for _, m := range c.members {
		byName[m.peerName] = m
	}
	list := make([]wire.Subscription, 0, len(tracks))
	for _, t := range tracks {
		if from := byName[t.Peer]; from != nil {
			list = append(list, wire.Subscription{MID: t.MID, From: from.is.Device, Source: t.Source, Codec: t.Codec})
		}
	}
	return list
}

// named gives the devices of peers. The lock is held.
func (c *call) named(peers []string) []wire.Device {
	list := make([]wire.Device, 0, len(peers))
	for _, name := range peers {
		for _, m := range c.members {
			if m.peerName == name {
				list = append(list, m.is.Device)
			}
		}
	}
	return list
}

// tell sends a message of the SFU to this member.
func (m *member) tell(message wire.ServerMessage) {
	m.sess.call.mu.Lock()
	defer m.sess.call.mu.Unlock()
	if !m.sess.ended {
		m.sess.push(message)
	}
}

// connect brings a new member to the SFU. The lock is not held.
func (c *call) connect(m *member) {
	peer := c.server.cfg.Media.Join(hex.EncodeToString(c.callID[:]), m.peerName, MediaCallbacks{
		NoLevels: slices.Contains(c.server.cfg.NoLevels, mainRoom(c.slug)),
		Offer: func(offer uint64, sdp string, tracks []MediaTrack) {
			c.mu.Lock()
			defer c.mu.Unlock()
			if !m.sess.ended {
				m.sess.push(&wire.SubscribeOffer{Offer: offer, SDP: sdp, Tracks: c.subscriptions(tracks)})
			}
		},
		Wanted:  func(tracks []wire.WantedTrack) { m.tell(&wire.Wanted{Tracks: tracks}) },
		Streams: func(tracks []wire.Stream) { m.tell(&wire.Streams{Tracks: tracks}) },
		Speakers: func(peers []string) {
			c.mu.Lock()
			defer c.mu.Unlock()
			if !m.sess.ended {
				m.sess.push(&wire.Speakers{Devices: c.named(peers)})
			}
		},
		Failed: func(error) {
			// The peer is of no use any more, and everybody should see that now rather than a frozen picture. The error is
			// not logged: its text may hold addresses.
			m.sess.end(wire.CodeMediaLost, "the media connection was lost")
		},
	})
	c.mu.Lock()
	ended := m.sess.ended
	m.peer = peer
	c.mu.Unlock()
	if ended {
		peer.Close()
	}
}

func (s *Server) peerName() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peers++
	return strconv.FormatUint(s.peers, 10)
}
