package bridge

import (
	"context"

	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/internal/wire"
)

// Links say which room of Matrix a meeting belongs to, and who is in it.
type Links interface {
	Linked(room id.RoomID) (slug string, ok bool)
	RoomOf(slug string) (room id.RoomID, ok bool)
	// Member says what somebody is in a linked room. The error says that nobody knows at the moment.
	Member(ctx context.Context, room id.RoomID, user id.UserID) (Member, error)
}

// Member is what somebody is in a room of Matrix. The zero value is somebody who is not in it.
type Member struct {
	Joined bool
	Power  int
}

// Powers from which on somebody has a role in the call, as Matrix clients name them: Admin, Moderator, Default, and below that Muted.
const (
	ownerPower       = 100
	moderatorPower   = 50
	participantPower = 0
)

// RoleOf is what a power level of Matrix means in a call.
func RoleOf(power int) wire.Role {
	switch {
	case power >= ownerPower:
		return wire.RoleOwner
	case power >= moderatorPower:
		return wire.RoleModerator
	case power >= participantPower:
		return wire.RoleParticipant
	}
	return wire.RoleViewer
}
