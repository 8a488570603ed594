package room

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// named admits everybody under the token as external id.
type named struct{}

func (named) Admit(_ context.Context, token, _ string) (Identity, error) {
	return Identity{ExternalID: token}, nil
}

// Who controls the server sees who is there by ids, has switched off, removes and ends; and what is not there is said to be so.
func TestControl(t *testing.T) {
	within(t, Config{Auth: named{}}, func(b *bench) {
		if live := b.server.Live(); len(live) > 0 || b.server.Participants("blue-harbour") != nil {
			b.Error(live)
		}
		if err := b.server.End("blue-harbour"); !errors.Is(err, ErrNoCall) {
			b.Error(err)
		}
		ada, ben := b.connect(), b.connect()
		for i, c := range []*client{ada, ben} {
			c.send(&wire.Hello{Version: wire.Version, Room: "blue-harbour", Token: []string{"staff-7", ""}[i]})
			c.welcome = want[*wire.Welcome](c)
			c.join(byte(i + 1))
		}
		want[*wire.Roster](ada)
		waits := b.connect()
		waits.send(&wire.Hello{Version: wire.Version, Room: "red-harbour"}) // looks in, and does not join
		want[*wire.Welcome](waits)
		live := b.server.Live()
		if len(live) != 1 || live[0].Slug != "blue-harbour" || live[0].Participants != 2 || len(live[0].Call) != 32 || live[0].Began.IsZero() {
			b.Fatalf("%+v", live)
		}
		there := b.server.Participants("blue-harbour")
		if len(there) != 2 || there[0].ExternalID != "staff-7" || there[0].Role != wire.RoleModerator || there[1].User != ben.welcome.User || there[0].ID == there[1].ID {
			b.Fatalf("%+v", there)
		}
		if err := b.server.AskMute("blue-harbour", there[1].ID, wire.SourceCamera); err != nil {
			b.Error(err)
		}
		if off := want[*wire.SwitchOff](ben); off.Source != wire.SourceCamera {
			b.Error(off)
		}
		ada.quiet()
		for _, err := range []error{b.server.Expel("blue-harbour", "nobody"), b.server.AskMute("blue-harbour", "", wire.SourceMic)} {
			if !errors.Is(err, ErrNoParticipant) {
				b.Error(err)
			}
		}
		if err := b.server.Expel("blue-harbour", there[1].ID); err != nil {
			b.Error(err)
		}
		if bye := want[*wire.Bye](ben); bye.Code != wire.CodeRemoved {
			b.Error(bye)
		}
		if r := want[*wire.Roster](ada); len(r.Left) != 1 {
			b.Error(r)
		}
		closed := true
		if err := b.server.SetRoom("blue-harbour", &closed, nil); err != nil {
			b.Error(err)
		}
		if is := want[*wire.RoomState](ada); !is.Locked || is.WaitingRoom {
			b.Error(is)
		}
		if err := b.server.SetRoom("red-harbour", nil, &closed); err != nil { // there is a call, though nobody has joined
			b.Error(err)
		}
		if err := b.server.End("blue-harbour"); err != nil {
			b.Error(err)
		}
		if bye := want[*wire.Bye](ada); bye.Code != wire.CodeCallEnded {
			b.Error(bye)
		}
	})
}

// A call is told from the first who joins to the end of the last session, with how many there were and for how long.
func TestNotice(t *testing.T) {
	var heard []Event
	within(t, Config{Notice: func(e Event) { heard = append(heard, e) }}, func(b *bench) {
		all := b.call(2)
		time.Sleep(time.Minute)
		all[1].ok(&wire.Leave{})
		late := b.connect()
		late.hello("blue-harbour")
		late.join(3)
		all[0].sock.Abort()
		synctest.Wait()
		if there := b.server.Participants("blue-harbour"); !there[0].Away || there[1].Away {
			b.Errorf("%+v", there)
		}
		time.Sleep(time.Minute) // longer than a dropped socket is waited for
		want[*wire.Roster](late)
		want[*wire.RoleChanged](late)
		late.ok(&wire.Leave{})
		synctest.Wait()
	})
	var kinds []EventKind
	for _, e := range heard {
		kinds = append(kinds, e.Kind)
	}
	if !slices.Equal(kinds, []EventKind{CallBegan, ParticipantJoined, ParticipantJoined, ParticipantLeft, ParticipantJoined,
		ParticipantLeft, ParticipantLeft, CallEnded}) {
		t.Fatal(kinds)
	}
	end := heard[7]
	spent := time.Minute + (time.Minute + resumeWindow) + time.Minute
	if end.Tally.Total != 3 || end.Tally.Peak != 2 || end.Tally.Spent != spent || end.At.Sub(end.Tally.Began) != 2*time.Minute {
		t.Errorf("%+v", end)
	}
	if end.Call != heard[0].Call || end.Slug != "blue-harbour" || heard[3].Participant.ID != heard[2].Participant.ID {
		t.Errorf("%+v", heard)
	}
}
