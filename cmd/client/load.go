package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/load"
)

// mostParticipants is more than a room lets in, and what one process can play.
const mostParticipants = 1000

type loadCommand struct {
	URL         string        `arg:"" help:"The server's address, like https://meet.example, for a new meeting; or a meeting's whole link, in quotes."`
	Publishers  int           `default:"1" placeholder:"P" help:"Participants who send a camera and a microphone, and receive each other. Default: ${default}."`
	Subscribers int           `default:"1" placeholder:"S" help:"Participants who only receive. Default: ${default}."`
	For         time.Duration `default:"30s" help:"How long to measure. Default: ${default}."`
	Video       int           `default:"1500" placeholder:"KBIT" help:"Bit rate of each camera, in kbit/s; 0 for sound alone. Default: ${default}."`
	PID         int           `name:"pid" placeholder:"PID" help:"Process of the server on this machine, to tell its processor time and memory."`
	JSON        bool          `name:"json" help:"Print what was measured as one JSON object."`
}

// Run plays a meeting and measures.
func (l *loadCommand) Run(ctx context.Context, c console) error {
	switch {
	case l.Publishers < 1 || l.Subscribers < 0 || l.Publishers+l.Subscribers < 2 || l.Publishers+l.Subscribers > mostParticipants:
		return &call.Error{Class: call.ErrLink, What: fmt.Sprintf("%d publishers and %d subscribers cannot be played", l.Publishers, l.Subscribers),
			Hint: fmt.Sprintf("at least one who publishes and one more, and no more than %d", mostParticipants)}
	case l.For < time.Second || l.Video < 0:
		return &call.Error{Class: call.ErrLink, What: "nothing can be measured like that", Hint: "--for takes a second or more, --video none or more"}
	}
	link, err := l.link()
	if err != nil {
		return err
	}
	result, err := load.Run(ctx, load.Config{Link: link, Publishers: l.Publishers, Subscribers: l.Subscribers, For: l.For,
		Video: l.Video * 1000, PID: l.PID, Progress: progress(c.err)})
	if errors.Is(err, load.ErrProcess) {
		return &call.Error{Class: call.ErrLink, What: fmt.Sprintf("there is no process %d to look into", l.PID),
			Hint: "--pid is for a server on this machine, on Linux: pgrep grotto-server", Err: err}
	}
	if err != nil {
		return err
	}
	if l.JSON {
		return json.NewEncoder(c.out).Encode(result)
	}
	tell(c.out, result)
	return nil
}

// link is the one given, or that of a new meeting.
func (l *loadCommand) link() (call.Link, error) {
	raw := l.URL
	if u, err := url.Parse(raw); err == nil && strings.Trim(u.Path, "/") == "" && u.Fragment == "" {
		if raw, err = call.NewLink(raw, false); err != nil {
			return call.Link{}, err
		}
	}
	return call.ParseLink(raw)
}

func tell(w io.Writer, r load.Result) {
	fmt.Fprintf(w, "%d publishers, %d subscribers, %.0f s\n", r.Publishers, r.Subscribers, r.Seconds)
	fmt.Fprintf(w, "joined      p50 %.0f ms, max %.0f ms; first frame p50 %.0f ms, max %.0f ms\n", r.Joined.P50, r.Joined.Max, r.FirstFrame.P50, r.FirstFrame.Max)
	for _, m := range []struct {
		name string
		load.Media
	}{{"video", r.Video}, {"audio", r.Audio}} {
		if m.Expected > 0 {
			fmt.Fprintf(w, "%-11s %d of %d frames opened, %.2f %% lost; latency p50 %.2f ms, p99 %.2f ms, max %.0f ms\n",
				m.name, m.Opened, m.Expected, 100*m.Loss, m.Latency.P50, m.Latency.P99, m.Latency.Max)
		}
	}
	fmt.Fprintf(w, "received    %.1f Mbit/s by all together\n", r.Received/1e6)
	if s := r.Server; s != nil {
		fmt.Fprintf(w, "server      %.2f cores, %.1f MiB, %.0f KiB a participant\n", s.Cores, s.RSS, s.PerParticipant)
	}
}
