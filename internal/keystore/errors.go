package keystore

import "errors"

// The classes of [Error], for errors.Is.
var (
	ErrNone       = errors.New("keystore: no identity is kept here")
	ErrInUse      = errors.New("keystore: another process is this device")
	ErrExposed    = errors.New("keystore: open to others")
	ErrUnreadable = errors.New("keystore: cannot be read")
	ErrUnwritable = errors.New("keystore: cannot be written")
)

// Error is a failure that a person can do something about: What happened, and a Hint at what to do.
type Error struct {
	Class error // one of the errors above
	What  string
	Hint  string // may be empty
	Err   error  // the cause, may be nil
}

func (e *Error) Error() string { return e.Class.Error() + ": " + e.What }

// Unwrap gives the class and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Class}
	}
	return []error{e.Class, e.Err}
}
