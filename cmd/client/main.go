// Command grotto takes part in end-to-end encrypted meetings from the command line.
//
//	grotto join URL --publish talk.ivf --publish talk.ogg --for 20s
//	grotto record URL --out DIR --for 1h
//	grotto publish URL --exec 'ffmpeg ... -f webm -'
//	grotto play URL --from NAME | ffplay -
//	grotto chat URL
//	grotto keys verify URL --with NAME
//	grotto new https://meet.example --words
//	grotto rooms create weekly --server https://meet.example --key-file FILE
//	grotto remove URL NAME --change-link
//	grotto keys list
//	grotto gateway URL --matrix @gateway:example.org --matrix-room '!id:example.org' --matrix-password-file FILE
//	grotto load https://meet.example --publishers 4 --subscribers 20
//
// Frames are sealed and opened here; the server forwards what it cannot read. Quote the URL: to some shells its # means
// something. Whoever can list this machine's processes, or read the shell's history, can read the link there. A link
// without its secret makes grotto ask for the meeting's words, which then stand in neither.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/keystore"
)

// version is set by the linker.
var version = "dev"

// Exit statuses.
const (
	exitOK      = 0
	exitFail    = 1
	exitUsage   = 2
	exitNothing = 3
	exitUnsaid  = 4
)

var statuses = []struct {
	code int
	when string
}{
	{exitOK, "All went as asked."},
	{exitFail, "It could not be done: no server answers there, it refuses, a file cannot be read or written. Standard error says what and, behind \"hint:\", what to do."},
	{exitUsage, "The command line was not understood. Nothing was done."},
	{exitNothing, "The meeting was joined, but nothing came of it: no frame of anybody could be opened, everybody there had another secret, or nobody was verified."},
	{exitUnsaid, "A line of chat could not be sent, or a file did not come."},
}

type cli struct {
	Join       joinCommand       `cmd:"" help:"Take part in a meeting, with files in place of a camera."`
	Record     recordCommand     `cmd:"" help:"Write what the others send into files, opened on this machine."`
	Publish    publishCommand    `cmd:"" help:"Send files, or what a program writes, as camera, screen and sound."`
	Play       playCommand       `cmd:"" help:"Write what a participant sends to a pipe, for a player."`
	Chat       chatCommand       `cmd:"" help:"Write and read lines of text."`
	Keys       keysCommand       `cmd:"" help:"This machine's identity, and the people it knows."`
	New        newCommand        `cmd:"" help:"Print the link of a new meeting."`
	Remove     removeCommand     `cmd:"" help:"Remove somebody from a meeting, and change its link."`
	Rooms      roomsCommand      `cmd:"" help:"Rooms, join tokens and who is there, over a server's API."`
	Gateway    gatewayCommand    `cmd:"" help:"Bring a meeting and Element Call's call in a Matrix room together. It holds the keys of both, and everybody sees it."`
	Load       loadCommand       `cmd:"" help:"Try out how much a server carries, with participants of its own."`
	Doctor     doctorCommand     `cmd:"" help:"Look at a server from here: its certificate, page and headers, and each way that media can take to it."`
	Man        manCommand        `cmd:"" help:"Print the manual pages."`
	Completion completionCommand `cmd:"" help:"Print a script that makes a shell complete grotto's commands and flags."`
	Version    kong.VersionFlag  `help:"Print the version and exit."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// exit is how kong ends the program from within, for --help and --version.
type exit int

func newParser(stdout, stderr io.Writer) *kong.Kong {
	parser := kong.Must(&cli{}, kong.Name("grotto"), kong.Vars{"version": "grotto " + version},
		kong.Description("End-to-end encrypted meetings on the command line."), kong.ExplicitGroups(groups),
		kong.Writers(stdout, stderr), kong.Exit(func(status int) { panic(exit(status)) }))
	for _, command := range parser.Model.Children {
		if command.Name == "join" {
			command.Positional[0].Required = false // a Matrix room has the link; the other commands share the argument
		}
	}
	return parser
}

// hinted is an error together with what to do about it.
type hinted struct {
	error
	hint string
}

// run is the program. The context's end asks it to leave politely.
func run(ctx context.Context, args []string, stdin *os.File, stdout, stderr io.Writer) (code int) {
	defer func() {
		if status, ok := recover().(exit); ok {
			code = int(status)
		}
	}()
	parser := newParser(stdout, stderr)
	command, err := parser.Parse(args)
	if err != nil {
		complain(stderr, err.Error(), "grotto --help")
		return exitUsage
	}
	command.BindTo(ctx, (*context.Context)(nil))
	command.Bind(parser.Model)
	err = command.Run(console{&input{file: stdin}, stdout, stderr})
	if err == nil {
		return exitOK
	}
	what, hint := err.Error(), ""
	if problem, ok := errors.AsType[*call.Error](err); ok {
		what, hint = problem.What, problem.Hint
	}
	if problem, ok := errors.AsType[*keystore.Error](err); ok {
		what, hint = problem.What, problem.Hint
	}
	if problem, ok := errors.AsType[hinted](err); ok {
		hint = problem.hint
	}
	complain(stderr, what, hint)
	switch {
	case errors.Is(err, call.ErrNothing), errors.Is(err, call.ErrUnverified):
		return exitNothing
	case errors.Is(err, call.ErrUnsaid):
		return exitUnsaid
	}
	return exitFail
}

func complain(w io.Writer, what, hint string) {
	fmt.Fprintf(w, "grotto: %s\n", what)
	if hint != "" {
		fmt.Fprintf(w, "hint: %s\n", hint)
	}
}
