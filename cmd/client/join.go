package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/grotto-meet/grotto/internal/call"
)

// place is what every command that joins a meeting has in common.
type place struct {
	URL   string        `arg:"" help:"The meeting's whole link, in quotes: it ends in #..., unless words or a key are given."`
	Words string        `group:"meeting" xor:"key" placeholder:"\"A B C ...\"" help:"The meeting's eight words, in place of what stands behind the # of its link."`
	Name  string        `group:"meeting" default:"grotto" help:"The name that the others see. Default: ${default}."`
	Ways  call.Network  `group:"meeting" name:"network" enum:",udp,tcp,relay" default:"" placeholder:"udp|tcp|relay" help:"How media may reach the server: only by UDP, only by TCP, or only through its relay. Without it, by whatever works."`
	For   time.Duration `group:"meeting" placeholder:"20s" help:"Leave after this time. Without it, stay until interrupted."`
	keyFlags
	tokenFlags
	rememberFlag

	entered func(*call.Call) // is told of the call once it has begun; nil: nobody
}

// meeting is a place where files are sent or written.
type meeting struct {
	place
	JSON bool `name:"json" help:"Print what happened as one JSON object at the end."`
}

type joinCommand struct {
	meeting
	matrixFlags
	Publish []string `type:"path" placeholder:"FILE" help:"Publish a WebM, Matroska, IVF, .h264 (baseline) or Ogg file, over and over. The first video is the camera, the second the screen; the first sound is the microphone, the second the screen's."`
}

// Run joins and publishes.
func (j *joinCommand) Run(ctx context.Context, c console) error {
	media, err := call.OpenMedia(j.Publish)
	if err != nil {
		return err
	}
	config := call.Config{Publish: media}
	switch {
	case j.Matrix != "":
		v, link, token, err := j.walk(ctx, c)
		defer v.close()
		if err != nil {
			return err
		}
		j.URL, j.Token, j.TokenFile, j.entered, config.Transport = link, token, "", v.entered, v.room
	case j.URL == "":
		return hinted{errors.New("which meeting?"), "grotto join LINK, or grotto join --matrix @NAME:SERVER --matrix-room ROOM"}
	}
	report, err := j.attend(ctx, c, config, nil)
	if err != nil {
		return err
	}
	if err := j.tell(c, report, report); err != nil {
		return err
	}
	return report.Opened()
}

// attend joins, stays for as long as was asked, and gives what happened. Over ends it, too.
func (m *meeting) attend(ctx context.Context, c console, config call.Config, over <-chan struct{}) (call.Report, error) {
	config.OnPerson = func(e call.PersonEvent) {
		switch e.What {
		case call.WrongSecret, call.ChangedKey, call.Unvouched, call.Bypassed:
			fmt.Fprintln(c.err, told(e))
		}
	}
	joined, err := m.enter(ctx, c, config)
	if err != nil {
		return call.Report{}, err
	}
	m.stay(ctx, joined, over)
	joined.Leave()
	return joined.Report(), joined.Err()
}

// enter joins.
func (p *place) enter(ctx context.Context, c console, config call.Config) (*call.Call, error) {
	if err := p.complete(ctx, c); err != nil {
		return nil, err
	}
	link, key, err := p.read(p.URL)
	if err != nil {
		return nil, err
	}
	if link, err = p.vouched(link); err != nil {
		return nil, err
	}
	config.Link, config.SharedKey, config.Name, config.Network = link, key, p.Name, p.Ways
	config.OnNotice = func(text string) { fmt.Fprintln(c.err, text) }
	memory, letGo, err := p.memory(c)
	if err != nil {
		return nil, err
	}
	config.Memory = memory
	joined, err := call.Join(ctx, config)
	if err != nil {
		letGo()
		return nil, err
	}
	go func() { <-joined.Done(); letGo() }()
	if p.entered != nil {
		p.entered(joined)
	}
	fmt.Fprintf(c.err, "Joined %s.\n", link.Slug)
	return joined, nil
}

func (p *place) stay(ctx context.Context, joined *call.Call, over <-chan struct{}) {
	var late <-chan time.Time
	if p.For > 0 {
		late = time.After(p.For)
	}
	select {
	case <-ctx.Done():
	case <-late:
	case <-over:
	case <-joined.Done():
	}
}

// tell prints the report: whole for programs, or for people.
func (m *meeting) tell(c console, r call.Report, whole any) error {
	if m.JSON {
		return json.NewEncoder(c.out).Encode(whole)
	}
	for _, t := range r.Tracks {
		fmt.Fprintf(c.out, "%s, %s (%s): %d frames opened", t.Name, t.Source, t.Codec, t.FramesOpened)
		if t.FramesWritten > 0 {
			fmt.Fprintf(c.out, ", %d written", t.FramesWritten)
		}
		if t.FramesFailed > 0 {
			fmt.Fprintf(c.out, ", %d refused", t.FramesFailed)
		}
		fmt.Fprintln(c.out)
	}
	for _, p := range r.Participants {
		switch {
		case p.Matrix != "":
			fmt.Fprintf(c.out, "%s is %s (%s)\n", shown(p.Name), p.Matrix, p.Trust)
		case p.NoKeys:
			fmt.Fprintf(c.out, "%s is not of the Matrix room: no keys\n", shown(p.Name))
		}
	}
	for _, s := range r.Sent {
		fmt.Fprintf(c.out, "sent %s (%s): %d frames\n", s.Source, s.Codec, s.Frames)
	}
	return nil
}
