package main

import (
	"cmp"
	"context"
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
	if r.ChangeLink {
		patience, cancel := context.WithTimeout(ctx, cmp.Or(r.For, removalPatience))
		defer cancel()
		joined.Settle(patience)
		fmt.Fprintln(c.out, joined.Link())
	}
	return nil
}
