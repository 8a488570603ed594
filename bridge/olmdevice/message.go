package olmdevice

import (
	"encoding/json"
	"errors"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// Address is a device.
type Address struct {
	User   id.UserID
	Device id.DeviceID
}

func (a Address) String() string { return string(a.User) + " " + string(a.Device) }

// Trust is what is known of a device by cross-signing. The zero value is never allowed to do anything.
type Trust uint8

const (
	Unknown     Trust = iota // no such device, or it is blocked
	Unverified               // listed, but not signed by its account's identity
	Changed                  // signed by an identity that is another one than was first seen
	CrossSigned              // signed by the identity that was first seen
	Verified                 // and that identity is verified by this account's person
)

var trusts = [...]string{"unknown", "unverified", "changed", "cross-signed", "verified"}

func (t Trust) String() string { return trusts[t] }

// MarshalText gives the name, for JSON.
func (t Trust) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// Received is a message that was encrypted for this device, by a device that the policy allows.
type Received struct {
	Type    event.Type // of class ToDeviceEventType
	Content json.RawMessage
	From    Address
	Trust   Trust
}

// Refusal is a message that was not let through.
type Refusal struct {
	Type string
	From Address // Device is empty where it is not known for certain
	Err  error   // one of the errors below
}

// Outgoing is a message for one device.
type Outgoing struct {
	To      Address
	Content any // becomes JSON
}

// Unsent is a device that a message did not go to.
type Unsent struct {
	To  Address
	Err error
}

// Why a message was refused, or not sent.
var (
	ErrPlaintext = errors.New("olmdevice: not encrypted")
	ErrNoDevice  = errors.New("olmdevice: the account lists no such device")
	ErrKeys      = errors.New("olmdevice: encrypted with other keys than the device's")
	ErrUntrusted = errors.New("olmdevice: the device is not trusted")
	ErrNoSession = errors.New("olmdevice: the device has no one-time key left")
	ErrCrowded   = errors.New("olmdevice: too many messages wait")
)

// The classes of [Error].
var (
	ErrNoOlm      = errors.New("olmdevice: no Olm")
	ErrLogin      = errors.New("olmdevice: cannot log in")
	ErrNoPassword = errors.New("olmdevice: nothing to log in with") // the cause of an ErrLogin
	ErrLoggedOut  = errors.New("olmdevice: logged out")
	ErrStore      = errors.New("olmdevice: the store cannot be used")
)

// Error is a failure that a person can do something about: What happened, and a Hint at what to do.
type Error struct {
	Class error
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
