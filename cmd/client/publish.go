package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"

	"github.com/grotto-meet/grotto/internal/call"
)

// standardInput stands for it among files.
const standardInput = "-"

type publishCommand struct {
	meeting
	Files []string `arg:"" optional:"" type:"path" help:"WebM, Matroska, IVF, .h264 or Ogg files; - is standard input."`
	Exec  []string `sep:"none" placeholder:"'ffmpeg ...'" help:"Run this in a shell and send what it writes to its standard output. May stand several times."`
	Loop  bool     `help:"Send the files over and over."`
}

// Help is printed with --help.
func (*publishCommand) Help() string {
	return `Sends what an encoder made, sealed, as it is: VP8, VP9, AV1, H.264 (baseline) and Opus. The first video is the camera, the second
the screen; the first sound is the microphone, the second the screen's. Nothing is received. It ends with the last file.

  grotto publish URL talk.webm
  grotto publish URL --exec 'ffmpeg -v error -re -i talk.mp4 -c:v libvpx -deadline realtime -g 60 -b:v 1M -c:a libopus -cluster_time_limit 100 -f webm -'

What comes from a pipe, and a file that is sent once, cannot be asked for a picture that stands by itself. Whoever joins later
sees something from the next such picture on: let the encoder make one every other second (-g 60).`
}

// Run sends until all is sent.
func (p *publishCommand) Run(ctx context.Context, c console) error {
	if err := p.complete(ctx, c); err != nil {
		return err
	}
	if _, _, err := p.read(p.URL); err != nil {
		return err // before anything is run
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	media, programs, err := p.open(ctx, c)
	defer func() {
		for _, run := range programs {
			run.end()
		}
	}()
	if err != nil {
		return err
	}
	report, err := p.attend(ctx, c, call.Config{Publish: media, Watch: call.WatchNothing}, sent(ctx, media))
	if err != nil {
		return err
	}
	if ctx.Err() == nil && p.For == 0 {
		for _, run := range programs {
			if err := run.failed(); err != nil {
				return err
			}
		}
	}
	if err := p.tell(c, report, report); err != nil {
		return err
	}
	return report.Met()
}

// sent is closed a moment after all was sent: what got lost is asked for again.
func sent(ctx context.Context, media []call.Media) <-chan struct{} {
	over := make(chan struct{})
	go func() {
		for _, m := range media {
			select {
			case <-m.Sent(): // never, of what is sent over and over
			case <-ctx.Done():
				return
			}
		}
		wait(ctx, linger)
		close(over)
	}()
	return over
}

// open opens everything that is to be sent.
func (p *publishCommand) open(ctx context.Context, c console) (all []call.Media, programs []*program, err error) {
	if len(p.Files)+len(p.Exec) == 0 {
		return nil, nil, &call.Error{Class: call.ErrMedia, What: "there is nothing to send", Hint: "name a file, - for standard input, or --exec"}
	}
	add := func(media []call.Media, err error) error {
		all = append(all, media...)
		return err
	}
	for _, path := range p.Files {
		switch {
		case path == standardInput:
			err = add(call.OpenStream("standard input", c.in.file))
		case p.Loop:
			err = add(call.OpenMedia([]string{path}))
		default:
			err = add(openOnce(path))
		}
		if err != nil {
			return nil, nil, err
		}
	}
	for _, line := range p.Exec {
		run, err := start(ctx, c, line)
		if err != nil {
			return nil, programs, err
		}
		programs = append(programs, run)
		if err := add(call.OpenStream(line, run.out)); err != nil {
			if failed := run.failed(); failed != nil {
				return nil, programs, failed
			}
			return nil, programs, err
		}
	}
	return all, programs, call.Arrange(all)
}

// openOnce looks whether a file is whole before it is sent; a pipe with a name cannot be looked at twice.
func openOnce(path string) ([]call.Media, error) {
	info, err := os.Stat(path)
	if err == nil && info.Mode().IsRegular() || err != nil {
		if _, err := call.OpenMedia([]string{path}); err != nil {
			return nil, err
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return call.OpenStream(path, f)
}

// program is one that writes what is sent.
type program struct {
	line   string
	cmd    *exec.Cmd
	out    io.ReadCloser
	ended  bool
	cancel context.CancelFunc
}

func start(ctx context.Context, c console, line string) (*program, error) {
	ctx, cancel := context.WithCancel(ctx)
	shell := []string{"sh", "-c", line}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/c", line}
	}
	run := &program{line: line, cmd: exec.CommandContext(ctx, shell[0], shell[1:]...), cancel: cancel}
	run.cmd.Stderr = c.err
	run.cmd.WaitDelay = linger
	var err error
	if run.out, err = run.cmd.StdoutPipe(); err == nil {
		err = run.cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, &call.Error{Class: call.ErrMedia, What: fmt.Sprintf("%s: %v", line, err), Hint: "--exec takes a command line for a shell", Err: err}
	}
	return run, nil
}

// failed waits for the program, which has closed its output, and says whether it failed.
func (p *program) failed() error {
	p.ended = true
	err := p.cmd.Wait()
	if _, exited := errors.AsType[*exec.ExitError](err); exited {
		return &call.Error{Class: call.ErrMedia, What: fmt.Sprintf("%s: %v", p.line, err), Hint: "what it said itself stands above", Err: err}
	}
	return nil
}

// end ends it. Those that it started meet a pipe that nobody reads.
func (p *program) end() {
	p.cancel()
	_ = p.out.Close()
	if !p.ended {
		_ = p.cmd.Wait()
	}
}
