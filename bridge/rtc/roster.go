package rtc

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// Kind is what became of a membership.
type Kind int

// Kinds of changes. A device that left and came back between two events left and joined.
const (
	Joined Kind = iota + 1
	Updated
	Left
	// Overwritten: another user wrote over it. It stands as it was.
	Overwritten
)

func (k Kind) String() string {
	switch k {
	case Joined:
		return "joined"
	case Updated:
		return "updated"
	case Left:
		return "left"
	case Overwritten:
		return "overwritten"
	}
	return fmt.Sprintf("kind %d", int(k))
}

// Change is what an event did to a membership.
type Change struct {
	Kind       Kind
	Membership Membership
	By         id.UserID // who wrote over it; else the owner
}

// maxMemberships of one user are kept: it has devices, not thousands.
const maxMemberships = 32

// Roster is who is in a room's call, by the events that it was given in the room's order. The zero value is a room without a call. It is not
// for several goroutines at a time.
type Roster struct {
	standing map[string]Membership
}

// Apply takes an event and says what it changed. Events of other types change nothing.
func (r *Roster) Apply(evt *event.Event) []Change {
	switch evt.Type.Type {
	case MemberType.Type:
		if evt.StateKey == nil {
			return nil
		}
		m, err := ParseState(evt)
		if errors.Is(err, ErrForeign) {
			return r.overwritten(*evt.StateKey, evt.Sender)
		}
		return r.put(m, err)
	case StickyType.Type:
		return r.put(ParseSticky(evt))
	}
	return nil
}

// overwritten leaves the owner's last word standing.
func (r *Roster) overwritten(key string, by id.UserID) []Change {
	if m, ok := r.standing[key]; ok {
		return []Change{{Overwritten, m, by}}
	}
	return nil
}

// put takes what a key's owner wrote. What is no membership ends the one there was, as in other clients.
func (r *Roster) put(m Membership, err error) []Change {
	if m.key == "" {
		return nil
	}
	old, had := r.standing[m.key]
	if err != nil {
		return r.drop(m.key)
	}
	if !had && r.count(m.User) >= maxMemberships {
		return nil
	}
	if r.standing == nil {
		r.standing = map[string]Membership{}
	}
	r.standing[m.key] = m
	switch {
	case !had:
		return []Change{{Joined, m, m.User}}
	case !sameStay(old, m):
		return []Change{{Left, old, m.User}, {Joined, m, m.User}}
	}
	if m.Sticky { // an event that renews another does not say when the first was
		m.Created = old.Created
		r.standing[m.key] = m
	}
	return []Change{{Updated, m, m.User}}
}

func sameStay(old, m Membership) bool {
	if m.Sticky {
		return old.ID == m.ID && old.Device == m.Device
	}
	return old.Created.Equal(m.Created)
}

func (r *Roster) count(user id.UserID) (n int) {
	for _, m := range r.standing {
		if m.User == user {
			n++
		}
	}
	return n
}

func (r *Roster) drop(key string) []Change {
	m, had := r.standing[key]
	if !had {
		return nil
	}
	delete(r.standing, key)
	return []Change{{Left, m, m.User}}
}

// Forget is for a user who left the room, or was made to: nothing of theirs stands any more.
func (r *Roster) Forget(user id.UserID) []Change {
	return r.dropAll(func(m Membership) bool { return m.User == user })
}

// Expire ends what nobody renewed.
func (r *Roster) Expire(now time.Time) []Change {
	return r.dropAll(func(m Membership) bool { return !m.Expires.After(now) })
}

func (r *Roster) dropAll(which func(Membership) bool) (changes []Change) {
	for _, m := range r.sorted() {
		if which(m) {
			changes = append(changes, r.drop(m.key)...)
		}
	}
	return changes
}

// Members are the memberships that have not expired, the oldest first: by Created, then user, then device. A device is in it once.
func (r *Roster) Members(now time.Time) (members []Membership) {
	for _, m := range r.sorted() {
		again := slices.ContainsFunc(members, func(other Membership) bool { return other.User == m.User && other.Device == m.Device })
		if m.Expires.After(now) && !again {
			members = append(members, m)
		}
	}
	return members
}

func (r *Roster) sorted() []Membership {
	all := make([]Membership, 0, len(r.standing))
	for _, m := range r.standing {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b Membership) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.User, b.User), cmp.Compare(a.Device, b.Device), cmp.Compare(a.key, b.key))
	})
	return all
}
