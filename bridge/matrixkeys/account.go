package matrixkeys

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/olmdevice"
)

// Account is somebody's, with a device of its own for this program.
type Account struct {
	User       string // @ada:example.org
	Homeserver string // its address; found by the user's server name where it is empty
	Password   string // the first time; later the session is kept
	Recovery   string // recovery key or passphrase, which signs the device where the account has an identity
	Dir        string // where the device is kept, sealed with
	Key        [olmdevice.PickleKeySize]byte
	Policy     olmdevice.Policy
}

// Walk logs in and enters the room, by its id or alias, joining it where the account is invited or it is public. End
// lets go of the device once the room is closed; it is never nil.
func Walk(ctx context.Context, a Account, room string, guests bool, notice func(string)) (r *Room, end func(), err error) {
	end = func() {}
	db, err := olmdevice.OpenDB(filepath.Join(a.Dir, "matrix.db"))
	if err != nil {
		return nil, end, err
	}
	end = func() { _ = db.Close() }
	refused := newRefusals(notice)
	device, err := olmdevice.Open(ctx, olmdevice.Config{Homeserver: a.Homeserver, User: id.UserID(a.User), Password: a.Password, Recovery: a.Recovery,
		DeviceName: "Grotto on the command line", DB: db, PickleKey: a.Key[:], Policy: a.Policy, Refused: refused.tell,
		Down: func(err error) {
			if err != nil {
				notice("The homeserver does not answer. The call goes on; nobody new gets keys until it is back.")
			} else {
				notice("The homeserver is back.")
			}
		}})
	if err != nil {
		return nil, end, err
	}
	if device.RecoveryKey != "" {
		notice("The account has an identity now. Write down its recovery key, which is shown only this once: " + device.RecoveryKey)
	}
	if device.Unsigned != "" {
		notice("Others will not trust this device: " + device.Unsigned + ".")
	}
	if !strings.HasPrefix(room, "!") && !strings.HasPrefix(room, "#") {
		return nil, end, &olmdevice.Error{Class: ErrRoom, What: fmt.Sprintf("%q is no room of Matrix", room), Hint: "its id begins with !, an alias with #"}
	}
	joined, err := device.Client().JoinRoom(ctx, room, nil)
	if err != nil {
		return nil, end, &olmdevice.Error{Class: ErrRoom, What: room + " cannot be joined", Hint: "ask somebody in it for an invitation", Err: err}
	}
	device.Follow(joined.RoomID)
	r, err = Enter(ctx, Config{Device: device, Room: joined.RoomID, Guests: guests, Notice: notice})
	return r, end, err
}

// Join is everything that comes before the call itself: it gives the meeting's whole link and a join token. On an error
// the membership is taken back by [Room.Close].
func (r *Room) Join(ctx context.Context) (link, token string, err error) {
	if token, err = r.Token(ctx); err != nil {
		return "", "", err
	}
	if err = r.Appear(ctx); err != nil {
		return "", "", err
	}
	is, err := r.Secret(ctx)
	if err != nil {
		return "", "", err
	}
	return r.Link().URL + "#" + is, token, nil
}
