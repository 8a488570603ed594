//go:build !goolm

package olmdevice

import (
	"context"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// machine is nothing: [Open] gives no device.
type machine struct{}

func hasOlm() error {
	return &Error{Class: ErrNoOlm, What: "built without Matrix encryption", Hint: "go build -tags goolm"}
}

func newMachine(context.Context, *Device) (*machine, error) { return nil, hasOlm() }

func (*machine) decrypt(context.Context, *event.Event) (*Received, *Refusal) { return nil, nil }

func (*machine) encrypt(context.Context, event.Type, []Outgoing) (*mautrix.ReqSendToDevice, error) {
	return nil, hasOlm()
}

func (*machine) sign(context.Context) error { return hasOlm() }

// Trust says how far a device is trusted.
func (*Device) Trust(context.Context, Address) (Trust, error) { return Unknown, hasOlm() }

// Identity is the public key of an account's identity, which a verification compares. Empty where it has none.
func (*Device) Identity(context.Context, id.UserID) (string, error) { return "", hasOlm() }

// SignUser marks an account's identity as verified by this account's person, who has compared it.
func (*Device) SignUser(context.Context, id.UserID) error { return hasOlm() }
