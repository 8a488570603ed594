// Command grotto takes part in end-to-end encrypted meetings from the command line.
//
//	grotto join URL --publish talk.ivf --publish talk.ogg --for 20s
//	grotto record URL --out DIR --for 1h
//	grotto chat URL
//	grotto keys verify URL --with NAME
//	grotto new https://meet.example --words
//	grotto remove URL NAME --change-link
//	grotto keys list
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
	exitNothing = 3 // the call was joined, but nothing could be opened, or nobody verified
	exitUnsaid  = 4 // a line of chat was not sent
)

type cli struct {
	Join    joinCommand      `cmd:"" help:"Take part in a meeting, with files in place of a camera."`
	Record  recordCommand    `cmd:"" help:"Write what the others send into files, opened on this machine."`
	Chat    chatCommand      `cmd:"" help:"Write and read lines of text."`
	Keys    keysCommand      `cmd:"" help:"This machine's identity, and the people it knows."`
	New     newCommand       `cmd:"" help:"Print the link of a new meeting."`
	Remove  removeCommand    `cmd:"" help:"Remove somebody from a meeting, and change its link."`
	Load    loadCommand      `cmd:"" help:"Try out how much a server carries, with participants of its own."`
	Version kong.VersionFlag `help:"Print the version and exit."`
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

// run is the program. The context's end asks it to leave politely.
func run(ctx context.Context, args []string, stdin *os.File, stdout, stderr io.Writer) (code int) {
	defer func() {
		if status, ok := recover().(exit); ok {
			code = int(status)
		}
	}()
	parser := kong.Must(&cli{}, kong.Name("grotto"), kong.Vars{"version": "grotto " + version},
		kong.Description("End-to-end encrypted meetings on the command line."),
		kong.Writers(stdout, stderr), kong.Exit(func(status int) { panic(exit(status)) }))
	command, err := parser.Parse(args)
	if err != nil {
		complain(stderr, err.Error(), "grotto --help")
		return exitUsage
	}
	command.BindTo(ctx, (*context.Context)(nil))
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
