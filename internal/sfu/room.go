package sfu

import (
	"slices"
	"sync"
)

// Room is a handle on a named room. The room itself exists while somebody is in it.
type Room struct {
	sfu      *SFU
	id       string
	noLevels bool
}

// Room returns the room with that id.
func (s *SFU) Room(id string) *Room { return &Room{sfu: s, id: id} }

// WithoutLevels makes the room one where audio levels are neither asked for nor read, if it does not exist yet: then nobody is
// told who speaks, and everybody's sound is forwarded.
func (r *Room) WithoutLevels() *Room {
	r.noLevels = true
	return r
}

// Join adds a peer. One that is in the room under the same id is closed, and told so by [Callbacks].Failed with
// [ErrReplaced]. Joining a closed SFU returns a closed peer.
func (r *Room) Join(id string, callbacks Callbacks) *Peer {
	s := r.sfu
	p := newPeer(s, id, callbacks)
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		p.Close()
		return p
	}
	state := s.rooms[r.id]
	if state == nil {
		state = &room{id: r.id, peers: map[string]*Peer{}, noLevels: r.noLevels || s.config.NoLevels}
		state.speakers = newSpeakers(state, s.config.Voices)
		s.rooms[r.id] = state
	}
	p.room = state
	old := state.add(p)
	s.running.Add(1)
	s.mu.Unlock()
	go func() {
		defer s.running.Done()
		p.run()
	}()
	if old != nil {
		old.fail(ErrReplaced)
		old.Close()
	}
	p.sub.changed() // for the tracks that are here already
	return p
}

// leave removes a peer, and its room when it was the last one.
func (s *SFU) leave(p *Peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.room.remove(p) {
		delete(s.rooms, p.room.id)
	}
}

// room is who is in it and what they publish.
type room struct {
	id       string
	noLevels bool
	speakers *speakers

	mu     sync.Mutex
	peers  map[string]*Peer
	tracks []*upTrack // in the order of their publication
}

func (r *room) add(p *Peer) (old *Peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	old = r.peers[p.id]
	r.peers[p.id] = p
	return old
}

// remove reports whether the room is empty now.
func (r *room) remove(p *Peer) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.peers[p.id] == p { // not when another one took its id
		delete(r.peers, p.id)
	}
	return len(r.peers) == 0
}

func (r *room) members() []*Peer {
	r.mu.Lock()
	defer r.mu.Unlock()
	members := make([]*Peer, 0, len(r.peers))
	for _, p := range r.peers {
		members = append(members, p)
	}
	return members
}

// update ends tracks and adds others, then tells everybody once.
func (r *room) update(ended, added []*upTrack) {
	if len(ended)+len(added) == 0 {
		return
	}
	r.mu.Lock()
	r.tracks = slices.DeleteFunc(r.tracks, func(t *upTrack) bool { return slices.Contains(ended, t) })
	r.tracks = append(r.tracks, added...)
	r.mu.Unlock()
	for _, t := range ended {
		t.end()
	}
	for _, p := range r.members() {
		p.sub.changed()
	}
}

// wanted is what a peer subscribes to: everything of the others.
func (r *room) wanted(p *Peer) []*upTrack {
	r.mu.Lock()
	defer r.mu.Unlock()
	var wanted []*upTrack
	for _, t := range r.tracks {
		if t.owner != p {
			wanted = append(wanted, t)
		}
	}
	return wanted
}
