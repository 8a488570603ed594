package bridge

import "errors"

// Member is what somebody is in a Matrix room.
type Member struct {
	Joined bool
	Power  int
}

// ErrAway says that the homeserver cannot be asked.
var ErrAway = errors.New("bridge: the homeserver does not answer")
