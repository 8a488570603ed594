package main

import (
	"context"
	"fmt"
	"time"

	"github.com/grotto-meet/grotto/internal/call"
)

// removalPatience is for the others to say who they are, and to take up a changed link.
const removalPatience = 12 * time.Second

type removeCommand struct {
	URL        string `arg:"" help:"The meeting's whole link, in quotes: it ends in #..."`
	Who        string `arg:"" help:"The participant's name or device id."`
	ChangeLink bool   `help:"Give the meeting another link, too, and print it. Who is there now keeps on; who was removed cannot come back by the old one."`
	Name       string `default:"grotto" help:"The name that the others see. Default: ${default}."`
}

// Run joins, removes somebody and leaves.
func (r *removeCommand) Run(ctx context.Context, c console) error {
	link, err := call.ParseLink(r.URL)
	if err != nil {
		return err
	}
	joined, err := call.Join(ctx, call.Config{
		Link: link, Name: r.Name, OnNotice: func(text string) { fmt.Fprintln(c.err, text) },
	})
	if err != nil {
		return err
	}
	defer joined.Leave()
	patience, cancel := context.WithTimeout(ctx, removalPatience)
	defer cancel()
	joined.Meet(patience)
	who, err := joined.Find(r.Who)
	if err != nil {
		return err
	}
	if _, err := joined.Remove(who, r.ChangeLink); err != nil {
		return err
	}
	fmt.Fprintf(c.err, "Removed %s.\n", r.Who)
	if r.ChangeLink {
		joined.Settle(patience)
		fmt.Fprintln(c.out, joined.Link())
	}
	return nil
}
