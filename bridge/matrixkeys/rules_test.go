package matrixkeys

import (
	"context"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/olmkeys"
)

type vector struct {
	Name    string          `json:"name"`
	Type    string          `json:"type"`
	Content json.RawMessage `json:"content"`
	Refused bool            `json:"refused,omitempty"`
}

func vectors(t testing.TB) (all []vector) {
	raw, err := os.ReadFile("testdata/messages.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestMessages: the page's tests read the same file.
func TestMessages(t *testing.T) {
	for _, v := range vectors(t) {
		what, _, err := parse(event.Type{Type: v.Type}, v.Content)
		if (err != nil) != v.Refused {
			t.Errorf("%s: %v", v.Name, err)
			continue
		}
		if err != nil {
			continue
		}
		again, err := json.Marshal(what)
		if err != nil {
			t.Fatal(err)
		}
		var is, want map[string]any
		if json.Unmarshal(again, &is) != nil || json.Unmarshal(v.Content, &want) != nil {
			t.Fatal(v.Name)
		}
		delete(want, "org.matrix.msgid") // a client's own
		if !reflect.DeepEqual(is, want) {
			t.Errorf("%s: written as %s", v.Name, again)
		}
	}
}

// FuzzParse: what is taken can be written and is taken again as the same.
func FuzzParse(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Type, []byte(v.Content))
	}
	f.Fuzz(func(t *testing.T, kind string, raw []byte) {
		what, where, err := parse(event.Type{Type: kind}, raw)
		if err != nil {
			return
		}
		text, err := json.Marshal(what)
		if err != nil {
			t.Fatal(err)
		}
		again, there, err := parse(event.Type{Type: kind}, text)
		if err != nil || where != there || !reflect.DeepEqual(what, again) {
			t.Fatalf("%s: %v", text, err)
		}
	})
}

const hs = "localhost"

var (
	ada   = olmdevice.Address{User: "@ada:" + hs, Device: "ADA"}
	bob   = olmdevice.Address{User: "@bob:" + hs, Device: "BOB"}
	bob2  = olmdevice.Address{User: "@bob:" + hs, Device: "BOBS2ND"}
	carol = olmdevice.Address{User: "@carol:" + hs, Device: "CAROL"}
	bot   = olmdevice.Address{User: "@grotto:" + hs, Device: "BOT"}
)

func ref(a olmdevice.Address, join byte) olmkeys.Ref {
	return olmkeys.Ref{User: "@" + rtc.Localpart(a.User) + ":meet.example", Device: string(a.Device) + "GROTTO", JoinID: olmkeys.JoinID{join}}
}

// quiet is a room without a homeserver, in whose call these are; it hears what passes.
func quiet(t *testing.T, members ...olmdevice.Address) (r *Room, heard *[]olmkeys.MessageReceived) {
	t.Helper()
	r = &Room{config: Config{Room: "!room:" + hs}, self: ada, ctx: t.Context(), changed: make(chan struct{}), link: rtc.Call{Slug: "weekly"}, linkedBy: bot.User,
		joined: func(_ context.Context, _ id.RoomID, user id.UserID) (bool, error) {
			return strings.HasSuffix(string(user), ":"+hs), nil
		}}
	for _, a := range members {
		key := rtc.StateKey(a.User, a.Device)
		m := rtc.Membership{User: a.User, Device: a.Device, Expires: time.Now().Add(time.Hour), Transports: []rtc.Transport{{Type: rtc.TransportType, URL: "https://meet.example/r/weekly"}}}
		raw, err := json.Marshal(m.Content(time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		r.apply(&event.Event{Type: rtc.MemberType, Sender: a.User, StateKey: &key, RoomID: r.config.Room, Timestamp: time.Now().UnixMilli(), Content: event.Content{VeryRaw: raw}})
	}
	heard = new([]olmkeys.MessageReceived)
	r.Begin(olmkeys.CallID{1}, ref(ada, 1), call.Inbox{Hear: func(m olmkeys.MessageReceived) { *heard = append(*heard, m) }})
	return r, heard
}

func letter(from, claims olmdevice.Address, as olmkeys.Ref) (olmdevice.Address, message) {
	return from, message{place: place{version, "!room:" + hs, "weekly", claims.Device}, Call: olmkeys.CallID{1}, From: as, To: ref(ada, 1),
		Messages: []olmkeys.Envelope{{Olm: 1, Body: "c2VhbGVk", SenderKey: "a2V5"}}}
}

func (r *Room) comes(t *testing.T, from olmdevice.Address, m message) {
	t.Helper()
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	r.take(olmdevice.Received{Type: rtc.MessageType, Content: raw, From: from, Trust: olmdevice.CrossSigned}, time.Now().Add(time.Minute))
}

// TestM2_WrongDevice: trusted members of the room, in the call, send what is not theirs to send. Each message is one that
// is taken but for what the attack changes.
func TestM2_WrongDevice(t *testing.T) {
	attacks := map[string]func() (olmdevice.Address, message){
		"another member speaks as Bob": func() (olmdevice.Address, message) { return letter(carol, carol, ref(bob, 2)) },
		"... and claims his device":    func() (olmdevice.Address, message) { return letter(carol, bob, ref(bob, 2)) },
		"Bob claims a device that it was not sent from": func() (olmdevice.Address, message) {
			return letter(bob, bob2, ref(bob, 2))
		},
		"a device that is not in the call": func() (olmdevice.Address, message) { return letter(bob2, bob2, ref(bob, 2)) },
		"a user who is not in the room": func() (olmdevice.Address, message) {
			out := olmdevice.Address{User: "@mallory:elsewhere", Device: "MALLORY"}
			return letter(out, out, ref(out, 2))
		},
		"the bot": func() (olmdevice.Address, message) { return letter(bot, bot, ref(bot, 2)) },
		"a guest's name": func() (olmdevice.Address, message) {
			as := ref(bob, 2)
			as.User = "@guest7:meet.example"
			return letter(bob, bob, as)
		},
		"another room": func() (olmdevice.Address, message) {
			from, m := letter(bob, bob, ref(bob, 2))
			m.Room = "!other:" + hs
			return from, m
		},
		"another meeting": func() (olmdevice.Address, message) {
			from, m := letter(bob, bob, ref(bob, 2))
			m.Slug = "other"
			return from, m
		},
		"a call of before": func() (olmdevice.Address, message) {
			from, m := letter(bob, bob, ref(bob, 2))
			m.Call = olmkeys.CallID{9}
			return from, m
		},
		"for a join of before": func() (olmdevice.Address, message) {
			from, m := letter(bob, bob, ref(bob, 2))
			m.To.JoinID = olmkeys.JoinID{9}
			return from, m
		},
	}
	for name, attack := range attacks {
		r, heard := quiet(t, ada, bob, carol, bot, olmdevice.Address{User: "@mallory:elsewhere", Device: "MALLORY"})
		from, m := attack()
		r.comes(t, from, m)
		if len(*heard) > 0 {
			t.Errorf("%s: taken", name)
		}
		from, m = letter(bob, bob, ref(bob, 2))
		if r.comes(t, from, m); len(*heard) != 1 {
			t.Errorf("%s: Bob's own was not taken", name)
		}
	}
}

// TestM2_SecondDevice: another trusted device of Bob's takes over his device of the call.
func TestM2_SecondDevice(t *testing.T) {
	r, heard := quiet(t, ada, bob, bob2)
	from, m := letter(bob, bob, ref(bob, 2))
	r.comes(t, from, m)
	from, m = letter(bob2, bob2, ref(bob, 2))
	if r.comes(t, from, m); len(*heard) != 1 {
		t.Fatal("taken")
	}
	if to := r.targets(ref(bob, 3)); len(to) != 1 || to[0] != bob {
		t.Errorf("sent to %v", to)
	}
	clear(r.call.bound) // without the memory of who he was it is
	if r.comes(t, from, m); len(*heard) != 2 {
		t.Error("not taken without the rule")
	}
}

// TestEarlyMessage: to-device messages and the room's events come by different ways.
func TestEarlyMessage(t *testing.T) {
	r, heard := quiet(t, ada)
	from, m := letter(bob, bob, ref(bob, 2))
	r.comes(t, from, m)
	if len(*heard) > 0 || len(r.early) != 1 {
		t.Fatalf("heard %d, waiting %d", len(*heard), len(r.early))
	}
	waiting := r.early[0]
	there, heard := quiet(t, ada, bob)
	if there.take(waiting.Received, waiting.until); len(*heard) != 1 {
		t.Error("not taken when the membership was there")
	}
}

func TestRoutes(t *testing.T) {
	r, _ := quiet(t, ada, bob)
	guest := olmkeys.Ref{User: "@guest7:meet.example", Device: "X"}
	if r.Peer(guest).Route != call.RouteNowhere || r.Peer(ref(bob, 2)).Route != call.RouteTransport {
		t.Error("without guests")
	}
	r.config.Guests = true
	if r.Peer(guest).Route != call.RouteSignalling || r.Peer(ref(bob, 2)).Route != call.RouteTransport {
		t.Error("with guests")
	}
}

// TestM1_Withheld: the bot and its ghosts are nobody to give a secret to; who merely has a similar name is.
func TestM1_Withheld(t *testing.T) {
	r, _ := quiet(t, ada)
	for user, want := range map[id.UserID]bool{"@grotto:localhost": true, "@grotto_guest_3:localhost": true, "@grotto_guest_3:elsewhere": false, "@grotto_guest_ada:localhost": false,
		"@grottofan:localhost": false, "@ada:localhost": false} {
		if r.withheld(user) != want {
			t.Errorf("%s: %v", user, !want)
		}
	}
}

// TestM7_KickedFromTheRoom: nothing is sent any more to who is not in the room, though the Grotto server lists them.
func TestM7_KickedFromTheRoom(t *testing.T) {
	r, _ := quiet(t, ada, bob, carol)
	from, m := letter(bob, bob, ref(bob, 2))
	r.comes(t, from, m)
	gone := make(chan func(olmkeys.Ref) bool, 1)
	r.call.in.Gone = func(which func(olmkeys.Ref) bool) { gone <- which }
	if len(r.targets(ref(bob, 2))) != 1 {
		t.Fatal("he is not reached")
	}
	key := string(bob.User)
	r.apply(&event.Event{Type: event.StateMember, Sender: carol.User, StateKey: &key, Content: event.Content{Parsed: &event.MemberEventContent{Membership: event.MembershipBan}}})
	if to := r.targets(ref(bob, 2)); len(to) > 0 {
		t.Errorf("sent to %v", to)
	}
	which := <-gone
	if !which(ref(bob, 2)) || !which(ref(bob2, 5)) || which(ref(carol, 3)) {
		t.Error("somebody else has left")
	}
	r.tasks.Wait()
}
