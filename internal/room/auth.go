package room

import (
	"context"
	"errors"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// Authenticator decides who may enter a room; of a breakout room that is the room it belongs to. The error may be a *[wire.Error], which the
// client gets as it is; any other becomes bad_token without its text.
type Authenticator interface {
	Admit(ctx context.Context, token, slug string) (Identity, error)
}

// Identity is who someone is to this server. The server's word counts for nothing in the key layer.
type Identity struct {
	Localpart      string    // of the user id; a guest with a made-up one if empty
	Role           wire.Role // in this room; by order of arrival if empty
	ExternalID     string    // what those who vouch for them call them: told to whoever controls the server, to nobody else
	ExternalDevice string    // likewise of their device
	Vouched        bool      // walks past a waiting room, and has Role whatever they were in this call before. Locked stays locked
	TokenID        string    // of the token they came with; empty if with none
	Expires        time.Time // when the session ends; it does not if zero
}

// Open admits everybody as a guest. A token is refused, since it shows that the link was made for another server.
type Open struct{}

// Admit implements [Authenticator].
func (Open) Admit(_ context.Context, token, _ string) (Identity, error) {
	if token != "" {
		return Identity{}, &wire.Error{Code: wire.CodeBadToken, Message: "this server has no join tokens",
			Hint: "leave the token out of the link"}
	}
	return Identity{}, nil
}

// TokenNeeded refuses those without a token.
func TokenNeeded() *wire.Error {
	return &wire.Error{Code: wire.CodeTokenNeeded, Message: "this meeting is for those with a join token", Hint: "sign in, or ask for a link of your own"}
}

func refusal(err error) *wire.Error {
	if e, ok := errors.AsType[*wire.Error](err); ok {
		copied := *e
		return &copied
	}
	return &wire.Error{Code: wire.CodeBadToken, Message: "the join token is not one of this server's", Hint: "ask for a new link"}
}
