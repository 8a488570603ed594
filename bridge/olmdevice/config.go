package olmdevice

import (
	"database/sql"
	"io"

	"maunium.net/go/mautrix/id"
)

// Config says who the device is and how it gets in. The kept session is used where it still works; else one of Token,
// AppserviceToken and Password makes a new one.
type Config struct {
	Homeserver string // its base URL; found by the account's server name where it is empty
	User       id.UserID

	Password        string
	Token           string // an access token of a session that exists
	AppserviceToken string // as_token: logs in as User with a device of its own
	DeviceName      string // as others see it in the account's list of sessions

	// Recovery is the account's recovery key or passphrase. It signs this device where the account has an identity already.
	Recovery string
	// NoIdentity leaves an account without cross-signing as it is, instead of making it an identity.
	NoIdentity bool

	DB        *sql.DB // opened by [OpenDB]; a file may be shared with tables of others, not with another device
	PickleKey []byte  // 32 bytes; seals the keys and the session in DB

	Policy Policy
	// Rooms keeps /sync to these rooms. Empty: all that the account is in.
	Rooms []id.RoomID

	Refused func(Refusal) // what was not let through; runs in the loop, may be nil
	// Down is told when the homeserver cannot be reached, and with nil when it can again. May be nil.
	Down  func(error)
	Trace io.Writer // everything that mautrix does, as JSON lines; nil for nothing
}

// Policy is the least trust that another device needs to be spoken with.
type Policy uint8

// The zero value is what people should have.
const (
	PolicyCrossSigned Policy = iota // signed by the identity that its account had when it was first seen
	PolicyVerified                  // and that identity verified by this account's person
	PolicyAny                       // listed by the homeserver; it can add devices of its own
)

var policies = map[Policy]string{PolicyCrossSigned: "cross-signed", PolicyVerified: "verified", PolicyAny: "any"}

// String is the policy's name on the command line.
func (p Policy) String() string { return policies[p] }

// ParsePolicy is the inverse of String.
func ParsePolicy(name string) (Policy, bool) {
	for p, n := range policies {
		if n == name {
			return p, true
		}
	}
	return 0, false
}

// Allows tells whether a device that is trusted so far may be spoken with.
func (p Policy) Allows(t Trust) bool {
	switch p {
	case PolicyAny:
		return t == Unverified || t == Changed || t == CrossSigned || t == Verified
	case PolicyVerified:
		return t == Verified
	default:
		return t == CrossSigned || t == Verified
	}
}
