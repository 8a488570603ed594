package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/grotto-meet/grotto/internal/call"
)

// removalPatience is for the others to take up a changed link; who does not within ten seconds is out of the meeting.
const removalPatience = 12 * time.Second

type removeCommand struct {
	place
	Who        string `arg:"" help:"The participant's name or device id."`
	ChangeLink bool   `help:"Give the meeting another link, too, and print it. Who is there now keeps on; who was removed cannot come back by the old one."`
	JSON       bool   `name:"json" help:"Print what was done as one JSON object."`
}

// removal is what a program reads of it.
type removal struct {
	Removed string `json:"removed"`
	Device  string `json:"device"`
	Link    string `json:"link,omitempty"` // the meeting's new one
}

// Run joins, removes somebody and leaves.
func (r *removeCommand) Run(ctx context.Context, c console) error {
	joined, err := r.enter(ctx, c, call.Config{Watch: call.WatchNothing})
	if err != nil {
		return err
	}
	defer joined.Leave()
	meet, met := context.WithTimeout(ctx, acquaintance)
	joined.Meet(meet)
	met()
	who, err := joined.Find(r.Who)
	if err != nil {
		return err
	}
	if _, err := joined.Remove(who, r.ChangeLink); err != nil {
		return err
	}
	fmt.Fprintf(c.err, "Removed %s.\n", r.Who)
	done := removal{Removed: r.Who, Device: who.Device}
	if r.ChangeLink {
		patience, cancel := context.WithTimeout(ctx, cmp.Or(r.For, removalPatience))
		defer cancel()
		joined.Settle(patience)
		done.Link = joined.Link()
	}
	switch {
	case r.JSON:
		return json.NewEncoder(c.out).Encode(done)
	case done.Link != "":
		fmt.Fprintln(c.out, done.Link)
	}
	return nil
}
