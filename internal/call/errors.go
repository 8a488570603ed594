package call

import "errors"

// The classes of [Error], for errors.Is.
var (
	ErrLink       = errors.New("call: bad link")              // the link cannot be used as it is
	ErrKeyFile    = errors.New("call: bad key")               // a key, passphrase or salt that was given cannot be used
	ErrMedia      = errors.New("call: bad media file")        // a file to publish cannot be
	ErrConnect    = errors.New("call: cannot connect")        // no server answers there
	ErrRefused    = errors.New("call: refused by the server") // the server said no, and trying again would not help
	ErrEnded      = errors.New("call: ended by the server")   // the session was taken over elsewhere
	ErrRemoved    = errors.New("call: removed by a member")   // they give us no keys any more
	ErrUnsaid     = errors.New("call: not said")              // a line or a reaction did not go out
	ErrNobody     = errors.New("call: nobody of that name")   // the cause of an ErrUnsaid of Find
	ErrNothing    = errors.New("call: nothing opened")        // the call was joined, and no frame of anybody opened
	ErrUnverified = errors.New("call: not verified")          // comparing emoji did not come to a good end
)

// Error is a failure that a person can do something about: What happened, and a Hint at what to do.
type Error struct {
	Class error // one of the errors above
	What  string
	Hint  string // may be empty
	Code  string // the server's code, where it came from there
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
