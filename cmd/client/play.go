package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/signal"
	"syscall"

	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/wire"
)

type playCommand struct {
	place
	From   string        `placeholder:"NAME" help:"The participant, by name or device id. Without it, whoever comes first."`
	Source []wire.Source `enum:"camera,mic,screen,screen_audio" default:"camera,mic" placeholder:"SOURCE,..." help:"Which of camera, mic, screen and screen_audio. Default: ${default}."`
	JSON   bool          `name:"json" help:"Print what happened as one JSON object at the end, to standard error, since the output is the film."`
}

// Help is printed with --help.
func (*playCommand) Help() string {
	return `Writes what a participant sends to standard output, as WebM (Matroska where it is H.264), each frame as it comes:

  grotto play URL --from Ann | ffplay -fflags nobuffer -
  grotto play URL --source screen | ffplay -

Nothing of the others is received, and nobody is told: who only looks does not record. Whoever keeps what comes out should
use grotto record, which tells everybody. What is not sent within a second and a half after the first of the sources is not played.
It ends when nobody reads the pipe any more.`
}

// Run plays until nobody looks.
func (p *playCommand) Run(ctx context.Context, c console) error {
	signal.Ignore(syscall.SIGPIPE) // a closed pipe is an error of the write then, after which the meeting is left
	player := call.NewPlayer(c.out, p.From, p.Source)
	joined, err := p.enter(ctx, c, call.Config{Player: player})
	if err != nil {
		return err
	}
	p.stay(ctx, joined, player.Over())
	joined.Leave()
	if err := joined.Err(); err != nil {
		return err
	}
	if err := player.Err(); err != nil {
		return err
	}
	report := joined.Report()
	if p.JSON {
		if err := json.NewEncoder(c.err).Encode(report); err != nil {
			return fmt.Errorf("standard error: %w", err)
		}
	}
	return report.Opened()
}
