package bridge

import (
	"strings"

	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/wire"
)

// Rooms are what is controlled: a *[room.Server].
type Rooms interface {
	Live() []room.LiveRoom
	Participants(slug string) []room.Participant
	Expel(slug, participant string) error
	SetRole(slug, participant string, role wire.Role) error
}

// breakoutMark stands between the name of a room and that of a breakout room of it.
const breakoutMark = "--"

func mainRoom(slug string) string {
	main, _, _ := strings.Cut(slug, breakoutMark)
	return main
}

// present is somebody who is in a call, or in a breakout room of it.
type present struct {
	slug string // where they are
	room.Participant
}

// everybody is who is in calls, by the main room.
func (b *Bridge) everybody() map[string][]present {
	all := map[string][]present{}
	rooms := b.rooms()
	if rooms == nil {
		return all
	}
	for _, live := range rooms.Live() {
		main := mainRoom(live.Slug)
		if _, ok := b.RoomOf(main); !ok {
			continue
		}
		for _, p := range rooms.Participants(live.Slug) {
			all[main] = append(all[main], present{live.Slug, p})
		}
	}
	return all
}

// localpart of a user id of this server.
func localpart(user string) string {
	local, _, _ := strings.Cut(strings.TrimPrefix(user, "@"), ":")
	return local
}

// fromMatrix says whether somebody came with a token of the bridge: no other user of this server is called so.
func (p present) fromMatrix() bool { return strings.HasPrefix(localpart(p.User), "mx") }

func (p present) is(user id.UserID) bool { return localpart(p.User) == rtc.Localpart(user) }
