package main

import (
	"errors"
	"fmt"

	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/keystore"
	"github.com/grotto-meet/grotto/olmkeys"
)

// rememberFlag is for those who want to be known again.
type rememberFlag struct {
	Remember bool `group:"meeting" env:"GROTTO_REMEMBER" help:"Take part under this machine's own identity, made the first time, and remember whom one meets. Without it, as a guest whom nobody knows again."`
}

// memory is what the call is to remember with, and how to let go of it afterwards. A second process on this machine is
// another device: a guest, who knows the same people.
func (r rememberFlag) memory(c console) (call.Memory, func(), error) {
	if !r.Remember {
		return nil, func() {}, nil
	}
	place, err := keystore.Default()
	if err != nil {
		return nil, nil, err
	}
	device, err := keystore.Keep(place)
	if errors.Is(err, keystore.ErrInUse) {
		if device, err = keystore.Read(place); err == nil {
			fmt.Fprintln(c.err, "Another grotto on this machine is taking part under its identity. This one is a guest.")
			return guest{device}, func() {}, nil
		}
	}
	if err != nil {
		return nil, nil, err
	}
	return device, func() { _ = device.Close() }, nil
}

// guest knows people, and is not known.
type guest struct{ device *keystore.Device }

func (guest) Identity() *olmkeys.Identity { return nil }
func (g guest) Pins() []olmkeys.Pin       { return g.device.Pins() }
func (guest) Remember(olmkeys.Pin) error  { return nil }
