package mediacrypt

import (
	"errors"
	"fmt"
)

// What can go wrong. A frame that does not open is its sender's or the server's fault and an everyday event: drop it,
// count it, and keep the key.
var (
	ErrEmpty          = errors.New("mediacrypt: empty frame")
	ErrMalformed      = errors.New("mediacrypt: malformed frame")
	ErrAuthentication = errors.New("mediacrypt: authentication failed")
	ErrReplay         = errors.New("mediacrypt: frame replayed or too old")
	ErrOrder          = errors.New("mediacrypt: frame out of order")
	ErrUnknownKey     = errors.New("mediacrypt: unknown key")
	ErrKeyConflict    = errors.New("mediacrypt: another base key under a KID in use")
	ErrKeyDropped     = errors.New("mediacrypt: key was dropped")
	ErrKeyID          = errors.New("mediacrypt: KID wider than 48 bits")
	ErrExhausted      = errors.New("mediacrypt: key has sealed its last frame")
	ErrCodec          = errors.New("mediacrypt: codec not supported")
	ErrSource         = errors.New("mediacrypt: unknown source")
)

// UnknownKeyError says that no key is installed for the KID of a frame. It is [ErrUnknownKey], and also
// [ErrKeyDropped] when there was one: then there is no sense in asking for it.
type UnknownKeyError struct {
	KID     KeyID
	Dropped bool
}

func (e *UnknownKeyError) Error() string {
	if e.Dropped {
		return fmt.Sprintf("mediacrypt: key %v was dropped", e.KID)
	}
	return fmt.Sprintf("mediacrypt: unknown key %v", e.KID)
}

// Is makes errors.Is work with the two plain errors.
func (e *UnknownKeyError) Is(target error) bool {
	return target == ErrUnknownKey || (e.Dropped && target == ErrKeyDropped)
}
