package sfu

import "errors"

// Errors to compare with [errors.Is]. What a peer did wrong comes wrapped in one of them.
var (
	ErrClosed      = errors.New("sfu: closed")
	ErrReplaced    = errors.New("sfu: replaced by another join with the same id")
	ErrConnection  = errors.New("sfu: media connection lost")
	ErrDescription = errors.New("sfu: session description refused")
	ErrTracks      = errors.New("sfu: track list refused")
	ErrNoOffer     = errors.New("sfu: answer to an offer that is not outstanding")
)

// reason is what may be logged of an error: its text may hold addresses.
func reason(err error) string {
	for _, known := range []error{ErrClosed, ErrReplaced, ErrConnection, ErrDescription, ErrTracks, ErrNoOffer} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "sfu: other"
}
