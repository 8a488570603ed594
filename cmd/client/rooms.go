package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/rest"
)

// roomsCommand is what an operator does, over the API of a server.
type roomsCommand struct {
	List     roomsList     `cmd:"" help:"List the rooms of a server."`
	Show     roomsShow     `cmd:"" help:"Show a room and its settings."`
	Create   roomsCreate   `cmd:"" help:"Make a room and print its link, with a secret that is drawn here."`
	Change   roomsChange   `cmd:"" help:"Change settings of a room."`
	Delete   roomsDelete   `cmd:"" help:"Forget a room."`
	Token    roomsToken    `cmd:"" help:"Make a join token for somebody."`
	People   roomsPeople   `cmd:"" help:"List who is in a room, by numbers: the server knows no names."`
	Kick     roomsKick     `cmd:"" help:"Take somebody out of a room."`
	Mute     roomsMute     `cmd:"" help:"Ask somebody's client to switch its microphone, camera or screen off."`
	Sessions roomsSessions `cmd:"" help:"List the meetings there were."`
	End      roomsEnd      `cmd:"" help:"End a meeting for everybody."`
}

// apiFlags say which server, and by which key.
type apiFlags struct {
	Server  string `required:"" env:"GROTTO_SERVER" placeholder:"URL" help:"The server's address, like https://meet.example."`
	Key     string `env:"GROTTO_API_KEY" placeholder:"KEY" help:"Key of the API: grotto-server api-key create. Other users of this machine can see it in the list of processes: a file or the variable is better."`
	KeyFile string `type:"path" placeholder:"FILE" help:"The file that the key is in; it wins over --key."`
	JSON    bool   `name:"json" help:"Print the answer as one JSON object."`
}

func (a *apiFlags) client() (*rest.Client, error) {
	key := a.Key
	if a.KeyFile != "" {
		text, err := os.ReadFile(a.KeyFile)
		if err != nil {
			return nil, err
		}
		key = strings.TrimSpace(string(text))
	}
	if key == "" {
		return nil, hinted{errors.New("there is no key for the API"), "--key-file FILE or GROTTO_API_KEY; on the server, grotto-server api-key create makes one"}
	}
	return &rest.Client{Server: a.Server, Key: key}, nil
}

// refused says what the server said.
func refused(err error) error {
	e, ok := errors.AsType[*rest.Error](err)
	if !ok {
		return err
	}
	what := e.Detail
	for _, r := range e.Reasons {
		what += "; " + strings.TrimSpace(strings.TrimPrefix(r.Location, "body.")+" "+r.Message)
	}
	hint := ""
	switch e.Status {
	case 401:
		hint = "the key is that of another server, or was revoked: grotto-server api-key list"
	case 403:
		hint = "the key has not the scope for it: grotto-server api-key create --scope"
	}
	return &call.Error{Class: call.ErrRefused, What: fmt.Sprintf("the server refuses (%d): %s", e.Status, what), Hint: hint, Err: err}
}

// ask is one question to the API: the answer goes to programs, or in words to people.
func ask[T any](c console, a apiFlags, question func(*rest.Client) (T, error), words func(T)) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	answer, err := question(client)
	if err != nil {
		return refused(err)
	}
	if a.JSON {
		return json.NewEncoder(c.out).Encode(answer)
	}
	words(answer)
	return nil
}

// done is the answer to what gives none.
type done struct {
	Done bool `json:"done"`
}

func table[T any](c console, list []T, nothing string, row func(T) []string) {
	if len(list) == 0 {
		fmt.Fprintln(c.err, nothing)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, item := range list {
		fmt.Fprintln(w, strings.Join(row(item), "\t"))
	}
	_ = w.Flush() // as for all output: a closed pipe is nobody's loss
}

type roomsList struct {
	apiFlags
	Live bool `help:"Only those that somebody is in, also those that nobody made."`
}

// Run lists all pages as one.
func (r *roomsList) Run(ctx context.Context, c console) error {
	if r.Live {
		return ask(c, r.apiFlags, func(a *rest.Client) (rest.Page[rest.LiveRoom], error) { return a.LiveRooms(ctx) }, func(p rest.Page[rest.LiveRoom]) {
			table(c, p.Data, "Nobody is in a room.", func(l rest.LiveRoom) []string {
				return []string{l.FriendlyURL, fmt.Sprintf("%d there", l.Participants), "since " + l.StartedAt.Local().Format(time.DateTime), l.SessionID}
			})
		})
	}
	all := func(a *rest.Client) (page rest.Page[rest.Room], err error) {
		page.Data = []rest.Room{}
		for after := ""; ; {
			next, err := a.Rooms(ctx, rest.Listing{After: after})
			if err != nil || len(next.Data) == 0 {
				page.TotalCount = len(page.Data)
				return page, err
			}
			page.Data = append(page.Data, next.Data...)
			after = next.Data[len(next.Data)-1].ID
		}
	}
	return ask(c, r.apiFlags, all, func(p rest.Page[rest.Room]) {
		table(c, p.Data, "There are no rooms.", func(room rest.Room) []string { return []string{room.FriendlyURL, room.Privacy, room.ID, room.Topic} })
	})
}

type roomsShow struct {
	Room string `arg:"" help:"The room, by its name in the link or its id."`
	apiFlags
}

// Run shows one.
func (r *roomsShow) Run(ctx context.Context, c console) error {
	return ask(c, r.apiFlags, func(a *rest.Client) (rest.Room, error) { return a.Room(ctx, r.Room) }, func(room rest.Room) { settings(c, room) })
}

// settings prints what the API says, a line a setting, under the names by which they are set.
func settings(c console, room rest.Room) {
	text, err := json.Marshal(room)
	if err != nil {
		panic(err) // it came as JSON
	}
	in := json.NewDecoder(bytes.NewReader(text))
	_, _ = in.Token()
	for in.More() {
		name, _ := in.Token()
		var value json.RawMessage
		if in.Decode(&value) != nil {
			return
		}
		fmt.Fprintf(c.out, "%s: %s\n", name, value)
	}
}

// roomFlags are settings. All others have --set.
type roomFlags struct {
	Topic *string           `placeholder:"TEXT" help:"What the room is called in lists of the operator. The server knows it."`
	Set   map[string]string `placeholder:"NAME=VALUE" help:"A setting by its name in the API: --set chat_enabled=false --set max_participants=12. docs/api.md lists them."`
}

func (f *roomFlags) settings() (s rest.RoomSettings, err error) {
	fields := map[string]json.RawMessage{}
	for name, value := range f.Set {
		if fields[name] = json.RawMessage(value); !json.Valid(fields[name]) || name == "topic" || name == "friendly_url" || name == "external_id" || name == "description" {
			quoted, err := json.Marshal(value)
			if err != nil {
				return s, err
			}
			fields[name] = quoted
		}
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return s, err
	}
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	if err := in.Decode(&s); err != nil {
		return s, hinted{fmt.Errorf("--set: %s", strings.TrimPrefix(err.Error(), "json: ")), "names and values are those of grotto rooms show"}
	}
	if f.Topic != nil {
		s.Topic = f.Topic
	}
	return s, nil
}

type roomsCreate struct {
	Room string `arg:"" optional:"" help:"Its name in the link: 3 to 64 of a-z, 0-9 and -. Drawn if it is missing."`
	apiFlags
	roomFlags
}

// Help is printed with --help.
func (*roomsCreate) Help() string {
	return `The link has the meeting's secret behind its #. It is drawn here, and the server never has it: keep the link, for nobody can
tell it again.`
}

// madeRoom is a room with the link that its maker alone has.
type madeRoom struct {
	rest.Room
	Whole string `json:"whole_link"`
}

// Run makes one.
func (r *roomsCreate) Run(ctx context.Context, c console) error {
	s, err := r.settings()
	if err != nil {
		return err
	}
	if r.Room != "" {
		s.FriendlyURL = &r.Room
	}
	return ask(c, r.apiFlags, func(a *rest.Client) (made madeRoom, err error) {
		if made.Room, err = a.CreateRoom(ctx, s); err == nil {
			made.Whole, err = rest.WithSecret(made.Link)
		}
		return made, err
	}, func(made madeRoom) { fmt.Fprintln(c.out, made.Whole) })
}

type roomsChange struct {
	Room string `arg:"" help:"The room, by its name in the link or its id."`
	apiFlags
	roomFlags
}

// Run changes what is named, and nothing else.
func (r *roomsChange) Run(ctx context.Context, c console) error {
	s, err := r.settings()
	if err != nil {
		return err
	}
	return ask(c, r.apiFlags, func(a *rest.Client) (rest.Room, error) { return a.UpdateRoom(ctx, r.Room, s) }, func(room rest.Room) { settings(c, room) })
}

type roomsDelete struct {
	Room string `arg:"" help:"The room, by its name in the link or its id."`
	apiFlags
}

// Run forgets one.
func (r *roomsDelete) Run(ctx context.Context, c console) error {
	return ask(c, r.apiFlags, func(a *rest.Client) (done, error) { return done{true}, a.DeleteRoom(ctx, r.Room) },
		func(done) { fmt.Fprintf(c.err, "%s is forgotten.\n", r.Room) })
}

type roomsToken struct {
	Room     string `arg:"" help:"The room, by its name in the link or its id."`
	Role     string `enum:",owner,moderator,participant,viewer" default:"" placeholder:"ROLE" help:"owner, moderator, participant or viewer. Default: the room's."`
	External string `name:"external-id" placeholder:"ID" help:"What you call the person. Nobody in the meeting is told."`
	apiFlags
	For time.Duration `default:"1h" help:"How long it is good. Default: ${default}."`
}

// Run makes one and prints it.
func (r *roomsToken) Run(ctx context.Context, c console) error {
	s := rest.TokenSettings{Role: r.Role, ExternalID: r.External, ExpiresIn: int(r.For.Seconds())}
	return ask(c, r.apiFlags, func(a *rest.Client) (rest.Token, error) { return a.CreateToken(ctx, r.Room, s) }, func(t rest.Token) {
		fmt.Fprintln(c.out, t.Token)
		fmt.Fprintf(c.err, "Good until %s. Its id, to revoke it by: %s\n", t.ExpiresAt.Local().Format(time.DateTime), t.ID)
	})
}

type roomsPeople struct {
	Room string `arg:"" help:"The room, by its name in the link or its id."`
	apiFlags
}

// Run lists them.
func (r *roomsPeople) Run(ctx context.Context, c console) error {
	return ask(c, r.apiFlags, func(a *rest.Client) (rest.Page[rest.Participant], error) { return a.Participants(ctx, r.Room) }, func(p rest.Page[rest.Participant]) {
		table(c, p.Data, "Nobody is there.", func(who rest.Participant) []string {
			return []string{who.ID, who.Role, "since " + who.JoinedAt.Local().Format(time.DateTime), strings.TrimSpace(who.ExternalID + " " + who.ExternalDevice)}
		})
	})
}

type roomsKick struct {
	Room string `arg:"" help:"The room, by its name in the link or its id."`
	Who  string `arg:"" help:"The participant, as grotto rooms people names them."`
	apiFlags
}

// Run takes somebody out.
func (r *roomsKick) Run(ctx context.Context, c console) error {
	return ask(c, r.apiFlags, func(a *rest.Client) (done, error) { return done{true}, a.Remove(ctx, r.Room, r.Who) }, func(done) { fmt.Fprintln(c.err, "Done.") })
}

type roomsMute struct {
	Room   string `arg:"" help:"The room, by its name in the link or its id."`
	Who    string `arg:"" help:"The participant, as grotto rooms people names them."`
	Source string `enum:"mic,camera,screen" default:"mic" placeholder:"mic|camera|screen" help:"What is to be off. Default: ${default}."`
	apiFlags
}

// Run asks.
func (r *roomsMute) Run(ctx context.Context, c console) error {
	return ask(c, r.apiFlags, func(a *rest.Client) (done, error) { return done{true}, a.Mute(ctx, r.Room, r.Who, r.Source) },
		func(done) { fmt.Fprintln(c.err, "Asked.") })
}

type roomsSessions struct {
	Room string `arg:"" optional:"" help:"The room, by its name in the link or its id; without it, all."`
	apiFlags
}

// Run lists the newest.
func (r *roomsSessions) Run(ctx context.Context, c console) error {
	return ask(c, r.apiFlags, func(a *rest.Client) (rest.Page[rest.Session], error) {
		return a.Sessions(ctx, r.Room, rest.Listing{Newest: true})
	}, func(p rest.Page[rest.Session]) {
		table(c, p.Data, "There were none.", func(s rest.Session) []string {
			end := "goes on"
			if s.EndedAt != nil {
				end = s.EndedAt.Sub(s.StartedAt).Round(time.Second).String()
			}
			return []string{s.FriendlyURL, s.StartedAt.Local().Format(time.DateTime), end, fmt.Sprintf("%d at most", s.PeakParticipants), s.ID}
		})
	})
}

type roomsEnd struct {
	Session string `arg:"" help:"The meeting, as grotto rooms list --live and grotto rooms sessions name it."`
	apiFlags
}

// Run ends it.
func (r *roomsEnd) Run(ctx context.Context, c console) error {
	return ask(c, r.apiFlags, func(a *rest.Client) (done, error) { return done{true}, a.EndSession(ctx, r.Session) }, func(done) { fmt.Fprintln(c.err, "Ended.") })
}
