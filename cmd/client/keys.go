package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/grotto-meet/grotto/internal/keystore"
	"github.com/grotto-meet/grotto/olmkeys"
)

// keysCommand is about identities.
type keysCommand struct {
	Show   keysShow      `cmd:"" help:"Print the fingerprint of this machine's identity."`
	List   keysList      `cmd:"" help:"List the people whom this machine remembers."`
	Verify verifyCommand `cmd:"" help:"Compare emoji with a participant, to know that nobody stands in between."`
	Forget keysForget    `cmd:"" help:"Forget somebody, which also takes a block back; or this machine's identity and everybody."`
}

type keysShow struct {
	JSON bool `name:"json" help:"Print it as one JSON object."`
}

// shownKey is what a program reads of it.
type shownKey struct {
	Fingerprint string `json:"fingerprint"`
	Directory   string `json:"directory"`
	Keyring     bool   `json:"keyring"` // holds the key to it; else a file beside it does
}

// Run prints what others know us by, and where the secret of it lies.
func (k *keysShow) Run(c console) error {
	place, device, err := kept()
	if err != nil {
		return err
	}
	if k.JSON {
		return json.NewEncoder(c.out).Encode(shownKey{olmkeys.Fingerprint(device.Identity().Public()), place.Dir, device.InKeyring()})
	}
	fmt.Fprintln(c.out, olmkeys.Fingerprint(device.Identity().Public()))
	where := "in a file beside it"
	if device.InKeyring() {
		where = "in the system's keyring"
	}
	fmt.Fprintf(c.err, "Kept in %s; the key to it is %s.\n", place.Dir, where)
	return nil
}

type keysList struct {
	JSON bool `name:"json" help:"Print them as one JSON array."`
}

// Run lists the people.
func (l *keysList) Run(c console) error {
	_, device, err := kept()
	if err != nil {
		return err
	}
	pins := device.Pins()
	if l.JSON {
		return json.NewEncoder(c.out).Encode(append([]olmkeys.Pin{}, pins...))
	}
	if len(pins) == 0 {
		fmt.Fprintln(c.err, "Nobody yet.")
	}
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, pin := range pins {
		fmt.Fprintf(table, "%s\t%s\t%s\n", called(pin), standing(pin), olmkeys.Fingerprint(pin.Identity))
	}
	return table.Flush()
}

type keysForget struct {
	Who string `arg:"" optional:"" help:"A name, or a fingerprint or the beginning of one."`
	All bool   `help:"Forget this machine's identity and everybody, and its Matrix sessions: the next time, to all, one is somebody new."`
}

// leastPrefix is how much of a fingerprint names one: 48 bits.
const leastPrefix = 8

// Run forgets.
func (f *keysForget) Run(c console) error {
	if f.All == (f.Who != "") {
		return &keystore.Error{Class: keystore.ErrNone, What: "name somebody, or say --all", Hint: "grotto keys list"}
	}
	place, err := keystore.Default()
	if err != nil {
		return err
	}
	if f.All {
		if err := keystore.Erase(place); err != nil {
			return err
		}
		fmt.Fprintln(c.err, "This machine's identity and the people it knew are forgotten.")
		return nil
	}
	if _, err := keystore.Read(place); err != nil {
		return err // before one is made
	}
	device, err := keystore.Keep(place)
	if err != nil {
		return err
	}
	defer func() { _ = device.Close() }()
	pin, err := find(device.Pins(), f.Who)
	if err != nil {
		return err
	}
	if _, err := device.Forget(pin.Identity); err != nil {
		return err
	}
	fmt.Fprintf(c.err, "%s is forgotten.\n", called(pin))
	return nil
}

// find is the one person of this name or fingerprint.
func find(pins []olmkeys.Pin, who string) (olmkeys.Pin, error) {
	digits := strings.ReplaceAll(who, " ", "")
	var found []olmkeys.Pin
	for _, pin := range pins {
		whole := strings.ReplaceAll(olmkeys.Fingerprint(pin.Identity), " ", "")
		if strings.EqualFold(pin.Name, who) || len(digits) >= leastPrefix && strings.HasPrefix(whole, digits) {
			found = append(found, pin)
		}
	}
	switch len(found) {
	case 0:
		return olmkeys.Pin{}, &keystore.Error{Class: keystore.ErrNone, What: "nobody known is called that", Hint: "grotto keys list"}
	case 1:
		return found[0], nil
	}
	return olmkeys.Pin{}, &keystore.Error{Class: keystore.ErrNone, What: fmt.Sprintf("%d people go by that", len(found)),
		Hint: "name one by the fingerprint: grotto keys list"}
}

func kept() (keystore.Place, *keystore.Device, error) {
	place, err := keystore.Default()
	if err != nil {
		return place, nil, err
	}
	device, err := keystore.Read(place)
	return place, device, err
}

func called(pin olmkeys.Pin) string {
	if pin.Name == "" {
		return "(no name)"
	}
	return shown(pin.Name)
}

// standing is how far somebody is trusted. A block outdoes all else.
func standing(pin olmkeys.Pin) string {
	switch {
	case pin.Blocked:
		return "blocked"
	case pin.Verified:
		return "verified"
	}
	return "known"
}
