package elementcall

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/elementcall/lkframe"
	"github.com/grotto-meet/grotto/bridge/olmdevice"
)

// keysType is of the messages by which Element Call's participants tell each other their media keys. They are always
// Olm-encrypted here, though Element Call itself would take one that is not.
var keysType = event.Type{Type: "io.element.call.encryption_keys", Class: event.ToDeviceEventType}

// keysContent is what such a message says: the key of the device that sent it, from now on.
type keysContent struct {
	Keys struct {
		Index int    `json:"index"`
		Key   string `json:"key"`
	} `json:"keys"`
	Room   id.RoomID `json:"room_id"`
	Member struct {
		ID     string      `json:"id"`
		Device id.DeviceID `json:"claimed_device_id"`
	} `json:"member"`
	Session session `json:"session"`
	Sent    int64   `json:"sent_ts"`
}

type session struct {
	Application string `json:"application"`
	Call        string `json:"call_id"`
	Scope       string `json:"scope"`
}

var roomCall = session{Application: "m.call", Scope: "m.room"}

// maxIndex is the highest index of a key.
const maxIndex = 255

var (
	errForeignRoom  = errors.New("elementcall: for another room")
	errOtherDevice  = errors.New("elementcall: claims to be of another device than it is")
	errMalformedKey = errors.New("elementcall: not a key")
)

func keysOf(room id.RoomID, from olmdevice.Address, index byte, key []byte, now time.Time) keysContent {
	c := keysContent{Room: room, Session: roomCall, Sent: now.UnixMilli()}
	c.Keys.Index, c.Keys.Key = int(index), base64.StdEncoding.EncodeToString(key)
	c.Member.ID, c.Member.Device = string(from.User)+":"+string(from.Device), from.Device
	return c
}

// readKey takes a key out of a message that olmdevice let through: Olm-encrypted, by a device that is listed and trusted.
// It has to be about this room, and about the very device that sent it.
func readKey(room id.RoomID, r olmdevice.Received) (index byte, key []byte, err error) {
	var c keysContent
	if json.Unmarshal(r.Content, &c) != nil {
		return 0, nil, errMalformedKey
	}
	switch {
	case c.Room != room || c.Session.Application != roomCall.Application || c.Session.Call != "":
		return 0, nil, errForeignRoom
	case c.Member.Device != r.From.Device:
		return 0, nil, errOtherDevice
	case c.Keys.Index < 0 || c.Keys.Index > maxIndex:
		return 0, nil, errMalformedKey
	}
	// Some write the URL's alphabet, or no padding.
	text := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(c.Keys.Key, "="))
	key, err = base64.RawStdEncoding.DecodeString(text)
	if err != nil || len(key) != lkframe.KeySize {
		return 0, nil, errMalformedKey
	}
	return byte(c.Keys.Index), key, nil
}

// rings are the keys of Element Call's devices. Keys may come before the membership that they belong to.
type rings struct {
	mu sync.Mutex
	by map[olmdevice.Address]*lkframe.Ring
}

// maxRings bounds the devices that may give us keys.
const maxRings = 512

func (r *rings) of(at olmdevice.Address) *lkframe.Ring {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = map[olmdevice.Address]*lkframe.Ring{}
	}
	if r.by[at] == nil {
		if len(r.by) >= maxRings {
			return &lkframe.Ring{}
		}
		r.by[at] = &lkframe.Ring{}
	}
	return r.by[at]
}

// forget is for a user who has left the room. Who leaves the call may come back with a key that is here already.
func (r *rings) forget(user id.UserID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.by, func(at olmdevice.Address, _ *lkframe.Ring) bool { return at.User == user })
}

// takeKeys puts keys that come to the gateway's device where they belong.
func (g *gateway) takeKeys() {
	for {
		select {
		case <-g.ctx.Done():
			return
		case r := <-g.device.Received():
			if err := g.takeKey(g.ctx, r); err != nil {
				g.notice("A media key of %s was refused: %v", r.From, err)
			}
		}
	}
}

func (g *gateway) takeKey(ctx context.Context, r olmdevice.Received) error {
	if r.Type.Type != keysType.Type || g.isOwn(r.From) {
		return nil
	}
	index, key, err := readKey(g.config.Room, r)
	if err != nil {
		return err
	}
	if joined, err := g.device.Joined(ctx, g.config.Room, r.From.User); err != nil || !joined {
		return errors.Join(errForeignRoom, err)
	}
	return g.rings.of(r.From).Set(index, key)
}
