package bridge

import (
	"context"
	"fmt"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/rtc"
)

const (
	// maxGhosts of a room: each is a member of it, and a line in its history.
	maxGhosts = 20
	// ghostDevice is what a ghost's membership names. There is no such device: nothing can be sent to it.
	ghostDevice = id.DeviceID("GROTTO")
	// ghostRest is how long a room that does not take ghosts is left alone.
	ghostRest = 10 * time.Minute
)

// ghost is a user of the application service who stands for a guest of a call.
type ghost struct {
	number      int
	participant string // empty: free
	since       time.Time
	delay       string // id of the delayed event that ends its membership; empty: none
}

func (d database) ghosts(ctx context.Context) (map[id.RoomID][]ghost, error) {
	rows, err := d.QueryContext(ctx, "SELECT room, number, participant, since, delay FROM grotto_ghost ORDER BY number")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[id.RoomID][]ghost{}
	for rows.Next() {
		var room id.RoomID
		var g ghost
		var since int64
		if err := rows.Scan(&room, &g.number, &g.participant, &since, &g.delay); err != nil {
			return nil, err
		}
		g.since = time.UnixMilli(since)
		all[room] = append(all[room], g)
	}
	return all, rows.Err()
}

func (d database) keepGhost(ctx context.Context, room id.RoomID, g ghost) error {
	_, err := d.ExecContext(ctx, "INSERT INTO grotto_ghost VALUES (?, ?, ?, ?, ?) ON CONFLICT (room, number) DO UPDATE SET participant = excluded.participant, since = excluded.since, delay = excluded.delay",
		room, g.number, g.participant, millis(g.since), g.delay)
	return err
}

// ghosts shows guests of calls in their Matrix rooms, and takes back who has left. What fails is tried again at the next round.
func (b *Bridge) ghosts(ctx context.Context, client *mautrix.Client) error {
	if b.cfg.Registration == nil {
		return nil
	}
	rooms, err := b.db.ghosts(ctx)
	if err != nil {
		return err
	}
	people := b.everybody()
	for _, l := range b.allLinks() {
		if rooms[l.room] == nil {
			rooms[l.room] = nil // so that it is looked at
		}
	}
	for room, had := range rooms {
		var guests []present
		if slug, ok := b.Linked(room); ok && b.cfg.Ghosts {
			for _, p := range people[slug] {
				if !p.fromMatrix() {
					guests = append(guests, p)
				}
			}
		}
		if len(guests)+len(had) == 0 || b.lasts.since(room.String()+"ghosts") < ghostRest {
			continue
		}
		switch err := b.ghostsOf(ctx, client, room, had, guests); {
		case ctx.Err() != nil:
			return ctx.Err()
		case refused(err):
			b.lasts.first(room.String()+"ghosts", 0)
			b.counters.refused.Add(1)
			b.cfg.Log.Warn("guests of a call cannot be shown in a room", "why", why(err), "hint", "members may need the power to write memberships, see docs/matrix.md")
		case err != nil:
			b.counters.failed(err)
		}
	}
	return nil
}

func (b *Bridge) ghostsOf(ctx context.Context, client *mautrix.Client, room id.RoomID, had []ghost, guests []present) error {
	here := map[string]bool{}
	for _, p := range guests {
		here[p.ID] = true
	}
	shown, taken := map[string]bool{}, map[int]bool{}
	for _, g := range had {
		switch {
		case g.participant != "" && !here[g.participant]:
			if err := b.letStay(ctx, g); err != nil {
				return err
			}
			if err := b.writeStay(ctx, room, g.number, nil); err != nil {
				return err
			}
			g.participant, g.delay = "", ""
			if err := b.db.keepGhost(ctx, room, g); err != nil {
				return err
			}
		case g.participant != "":
			shown[g.participant], taken[g.number] = true, true
			ended, err := b.beat(ctx, room, g)
			if err != nil {
				return err
			}
			if ended {
				g.delay = ""
			} else if time.Since(g.since) < rtc.DefaultExpiry/2 {
				continue
			}
			if err := b.show(ctx, client, room, g); err != nil {
				return err
			}
		}
		if len(guests) == 0 { // the call is over: they go, so that they are in nobody's list
			if err := b.dismiss(ctx, room, g.number); err != nil {
				return err
			}
		}
	}
	for _, p := range guests {
		if shown[p.ID] {
			continue
		}
		number := 1
		for taken[number] {
			number++
		}
		if number > maxGhosts {
			b.counters.ghostsLimited.Add(1)
			return nil
		}
		taken[number] = true
		if err := b.show(ctx, client, room, ghost{number: number, participant: p.ID}); err != nil {
			return err
		}
		b.counters.ghostsIn.Add(1)
	}
	return nil
}

func (b *Bridge) ghostID(number int) id.UserID {
	_, server, _ := b.client.Load().UserID.Parse()
	return id.NewUserID(fmt.Sprintf("%s%s%d", b.cfg.Registration.SenderLocalpart, ghostMark, number), server)
}

// show has a ghost in the room and in its call. It is written down first: what was half done is undone or done again.
func (b *Bridge) show(ctx context.Context, client *mautrix.Client, room id.RoomID, g ghost) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	g.since = time.Now()
	if err := b.db.keepGhost(ctx, room, g); err != nil {
		return err
	}
	user := b.ghostID(g.number)
	b.mu.RLock()
	is, open := event.Membership(""), false
	if s := b.states[room]; s != nil {
		is, open = s.members[user], s.rule == event.JoinRulePublic
	}
	b.mu.RUnlock()
	if is != event.MembershipJoin {
		as, err := b.as(user)
		if err != nil {
			return err
		}
		plain, err := b.newClient()
		if err != nil {
			return err
		}
		plain.AccessToken = b.cfg.Registration.AppToken
		if err := register(ctx, plain, user.Localpart()); err != nil {
			return err
		}
		if err := as.SetDisplayName(ctx, fmt.Sprintf("Guest %d (Grotto)", g.number)); err != nil && !refused(err) {
			return err
		}
		if !open && is != event.MembershipInvite {
			if _, err := client.InviteUser(ctx, room, &mautrix.ReqInviteUser{UserID: user}); err != nil && !refused(err) {
				return err
			}
		}
		if _, err := as.JoinRoomByID(ctx, room); err != nil {
			return err
		}
	}
	if g.delay == "" { // first, so that there is never a membership without an end
		var err error
		if g.delay, err = b.willLeave(ctx, room, g.number); err != nil {
			return err
		}
		if err := b.db.keepGhost(ctx, room, g); err != nil {
			return err
		}
	}
	return b.writeStay(ctx, room, g.number, &g)
}

// writeStay writes a ghost's membership of the call; nil: it is not in it.
func (b *Bridge) writeStay(ctx context.Context, room id.RoomID, number int, g *ghost) error {
	user := b.ghostID(number)
	as, err := b.as(user)
	if err != nil {
		return err
	}
	var content any = map[string]any{}
	if slug, ok := b.Linked(room); ok && g != nil {
		stays := rtc.Membership{User: user, Device: ghostDevice, ID: g.participant, Intent: "video", Expires: g.since.Add(rtc.DefaultExpiry),
			Transports: []rtc.Transport{{Type: rtc.TransportType, URL: b.url(slug)}}}
		content = stays.Content(g.since)
	}
	_, err = as.SendStateEvent(ctx, room, rtc.MemberType, rtc.StateKey(user, ghostDevice), content)
	if g == nil && refused(err) { // it is not in the room any more
		return nil
	}
	return err
}

func (b *Bridge) dismiss(ctx context.Context, room id.RoomID, number int) error {
	as, err := b.as(b.ghostID(number))
	if err != nil {
		return err
	}
	if _, err := as.LeaveRoom(ctx, room); err != nil && !refused(err) {
		return err
	}
	_, err = b.db.ExecContext(ctx, "DELETE FROM grotto_ghost WHERE room = ? AND number = ?", room, number)
	return err
}
