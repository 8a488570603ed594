package olmdevice

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
)

// custom tells whether messages of a type are the caller's, and so may only come encrypted. Matrix's own, of which some
// come in the clear, are mautrix's.
func custom(t event.Type) bool {
	return !strings.HasPrefix(t.Type, "m.") && !strings.HasPrefix(t.Type, "org.matrix.")
}

// Send encrypts one content for each of the devices. See [Device.SendEach].
func (d *Device) Send(ctx context.Context, t event.Type, content any, to ...Address) []Unsent {
	each := make([]Outgoing, len(to))
	for i, a := range to {
		each[i] = Outgoing{a, content}
	}
	return d.SendEach(ctx, t, each)
}

// SendEach encrypts a content for each device, at most one a device, and hands them to the homeserver in one request,
// which it repeats until the context ends while the homeserver is away. It gives the devices that nothing went to, with
// the reason.
func (d *Device) SendEach(ctx context.Context, t event.Type, each []Outgoing) (unsent []Unsent) {
	d.sending.Lock()
	defer d.sending.Unlock()
	t.Class = event.ToDeviceEventType
	var ready []Outgoing
	for _, out := range each {
		if err := persist(ctx, func() error { return d.speakable(ctx, out.To) }); err != nil {
			unsent = append(unsent, Unsent{out.To, err})
			continue
		}
		ready = append(ready, out)
	}
	if len(ready) == 0 {
		return unsent
	}
	var encrypted *mautrix.ReqSendToDevice
	err := persist(ctx, func() (err error) {
		encrypted, err = d.olm.encrypt(ctx, t, ready)
		return err
	})
	if err == nil {
		some := false
		for _, out := range ready {
			if encrypted.Messages[out.To.User][out.To.Device] == nil {
				unsent = append(unsent, Unsent{out.To, ErrNoSession}) // mautrix leaves it out and says nothing
				continue
			}
			some = true
		}
		if !some {
			return unsent
		}
		err = persist(ctx, func() error {
			_, err := d.client.SendToDevice(ctx, event.ToDeviceEncrypted, encrypted)
			return err
		})
		if err == nil {
			return unsent
		}
	}
	told := make(map[Address]bool, len(unsent))
	for _, u := range unsent {
		told[u.To] = true
	}
	for _, out := range ready {
		if !told[out.To] {
			unsent = append(unsent, Unsent{out.To, err})
		}
	}
	return unsent
}

// persist repeats a request through the homeserver's absences, until the context ends. What arrives twice is dropped by
// its receiver.
func persist(ctx context.Context, request func() error) error {
	for pause := firstRetry / 4; ; pause = min(2*pause, lastRetry) {
		err := request()
		if err == nil || !away(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("olmdevice: the homeserver does not answer: %w", err)
		case <-time.After(pause):
		}
	}
}

// away tells the homeserver's absence from its refusal.
func away(err error) bool {
	answer, ok := errors.AsType[mautrix.HTTPError](err)
	return ok && (answer.Response == nil || answer.Response.StatusCode >= 500 || answer.Response.StatusCode == http.StatusTooManyRequests)
}

// speakable holds a device against the policy.
func (d *Device) speakable(ctx context.Context, to Address) error {
	trust, err := d.Trust(ctx, to)
	if err != nil {
		return err
	}
	if !d.config.Policy.Allows(trust) {
		return fmt.Errorf("%w: %s", ErrUntrusted, trust)
	}
	return nil
}
