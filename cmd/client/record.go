package main

import (
	"context"
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/grotto-meet/grotto/internal/call"
)

type recordCommand struct {
	meeting
	Out string `required:"" type:"path" placeholder:"DIR" help:"Directory for the files. Nothing in it is overwritten."`
	Per string `enum:"participant,call,track" default:"participant" placeholder:"participant|call|track" help:"What gets a file of its own: each participant, with a track for each camera, microphone and screen; the call, with the tracks of all; or each track, as IVF or Ogg. Default: ${default}."`
}

// Help is printed with --help.
func (*recordCommand) Help() string {
	return `The files are WebM, or Matroska (.mkv) where somebody sends H.264, and can be played while they are written. Pictures and
sound are written as they came, nothing is encoded anew. Whoever loses the connection and comes back goes on in the same
file, and so does the recording when its own connection is lost.

Everybody is told that this participant records. The files are not encrypted. The status is 3 if nothing could be opened.`
}

var layouts = map[string]call.Layout{"participant": call.PerParticipant, "call": call.PerCall, "track": call.PerTrack}

// recording is what a program reads of one.
type recording struct {
	call.Report
	Files []call.RecordedFile `json:"files"`
}

// Run joins and writes what opens.
func (r *recordCommand) Run(ctx context.Context, c console) error {
	if err := r.complete(ctx, c); err != nil {
		return err
	}
	if _, _, err := r.read(r.URL); err != nil {
		return err // before a directory is made
	}
	recorder, err := call.NewRecorder(r.Out, layouts[r.Per])
	if err != nil {
		return err
	}
	watched, end := context.WithCancel(ctx)
	defer end()
	go r.show(watched, c, recorder)
	report, err := r.attend(ctx, c, call.Config{Recorder: recorder}, recorder.Failed())
	end()
	if failed := recorder.Close(); failed != nil {
		return hinted{fmt.Errorf("recording: %w", failed), "what was written before is in " + r.Out}
	}
	if err != nil {
		return err
	}
	files := recorder.Files()
	if err := r.tell(c, report, recording{report, files}); err != nil {
		return err
	}
	for _, f := range files {
		if !r.JSON {
			fmt.Fprintf(c.out, "%s: %d bytes\n", f.Path, f.Bytes)
		}
	}
	return report.Opened()
}

// show draws how far the recording is: of the time that was asked for, or how much there is.
func (r *recordCommand) show(ctx context.Context, c console, recorder *call.Recorder) {
	const tick = 500 * time.Millisecond
	options := []progressbar.Option{progressbar.OptionShowBytes(true)}
	if r.For > 0 {
		options = nil
	}
	bar := progress(c.err, options...)
	if bar == nil {
		return
	}
	for began := time.Now(); wait(ctx, tick); {
		if r.For > 0 {
			bar("recording", int(time.Since(began).Seconds()), int(r.For.Seconds()))
		} else {
			bar("recording", int(recorder.Bytes()), -1)
		}
	}
}
