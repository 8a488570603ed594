package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/grotto-meet/grotto/bridge"
	"github.com/grotto-meet/grotto/internal/config"
	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/wire"
)

// bridgeTrace gets all that mautrix logs. It is for tests.
var bridgeTrace io.Writer

// openBridge opens the bridge to Matrix; nil: there is none.
func openBridge(f *config.Settings, folder string, log *slog.Logger) (*bridge.Bridge, error) {
	if f.MatrixHomeserver == "" {
		return nil, nil
	}
	if folder == "" {
		return nil, hinted{errors.New("the bridge to Matrix has to keep where it was"), "--data names a folder that this user can write"}
	}
	cfg := bridge.Config{Homeserver: f.MatrixHomeserver, Path: filepath.Join(folder, bridge.FileName), Public: f.MatrixPage, Allow: f.MatrixInvite,
		Kick: f.MatrixKick, Ghosts: f.MatrixGhosts, Links: f.MatrixRooms(), Log: log, Trace: bridgeTrace}
	if cfg.Public == "" {
		cfg.Public = f.Origin()
	}
	var err error
	if f.MatrixRegistration != "" {
		cfg.Registration, err = bridge.ReadRegistration(f.MatrixRegistration)
	} else {
		cfg.Account, err = bridge.ReadAccount(f.MatrixLogin)
	}
	if err != nil {
		return nil, bridgeProblem(err)
	}
	b, err := bridge.New(cfg)
	if err != nil {
		return nil, bridgeProblem(err)
	}
	if !bridge.Encrypts {
		log.Warn("the bridge to Matrix is of use in rooms without encryption only", "hint", "go build -tags goolm")
	}
	return b, nil
}

func bridgeProblem(err error) error {
	switch {
	case errors.Is(err, bridge.ErrRegistration), errors.Is(err, fs.ErrNotExist):
		return hinted{err, "grotto-server bridge registration makes one, or grotto-server bridge login for an ordinary account"}
	case errors.Is(err, bridge.ErrAccount):
		return hinted{err, "grotto-server bridge login makes one"}
	case errors.Is(err, bridge.ErrDatabase):
		return hinted{err, "move the file away: the bridge begins anew, and !call in each room links it again"}
	}
	return err
}

// both has two hear what happens in calls.
func both(first func(room.Event), b *bridge.Bridge) func(room.Event) {
	if b == nil {
		return first
	}
	return func(e room.Event) {
		first(e)
		b.Notice(e)
	}
}

// matrixTerms are those of rooms that belong to one of Matrix: its members walk in, others knock, and nobody moderates by being there first.
func matrixTerms(terms func(context.Context, string) (room.Terms, error), b *bridge.Bridge) func(context.Context, string) (room.Terms, error) {
	if b == nil {
		return terms
	}
	return linkedTerms(terms, func(slug string) bool {
		_, linked := b.RoomOf(slug)
		return linked
	})
}

func linkedTerms(terms func(context.Context, string) (room.Terms, error), is func(slug string) bool) func(context.Context, string) (room.Terms, error) {
	return func(ctx context.Context, slug string) (room.Terms, error) {
		linked := is(slug)
		t, err := terms(ctx, slug)
		if e, ok := errors.AsType[*wire.Error](err); linked && ok && e.Code == wire.CodeUnknownRoom {
			t, err = room.Terms{}, nil
		}
		if linked {
			t.Made, t.Waiting = true, true
			if t.DefaultRole == "" {
				t.DefaultRole = wire.RoleParticipant
			}
		}
		return t, err
	}
}

// runBridge runs it until the end is called.
func runBridge(b *bridge.Bridge, rooms *room.Server, log *slog.Logger) (end func()) {
	if b == nil {
		return func() {}
	}
	b.Control(rooms)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := b.Run(ctx); err != nil {
			log.Error("the bridge to Matrix has ended; meetings go on", "why", err)
		}
	})
	return func() {
		stop()
		running.Wait()
		_ = b.Close()
	}
}

// bridgeFigures are none without a bridge.
func bridgeFigures(b *bridge.Bridge) []node.Metric {
	if b == nil {
		return nil
	}
	s := b.Stats()
	up, heard := 0.0, 0.0
	if s.Connected {
		up = 1
	}
	if !s.Heard.IsZero() {
		heard = float64(s.Heard.Unix())
	}
	did := map[string]float64{}
	for what, n := range s.Actions {
		did[what] = float64(n)
	}
	return []node.Metric{
		{Name: "matrix_up", Kind: node.Gauge, Help: "Whether the homeserver answers the bridge.", Value: up},
		{Name: "matrix_heard_seconds", Kind: node.Gauge, Help: "When it last did, as Unix time.", Value: heard},
		{Name: "matrix_rooms", Kind: node.Gauge, Help: "Rooms of Matrix that have a meeting.", Value: float64(s.Links)},
		{Name: "matrix_syncs_total", Kind: node.Counter, Help: "Answers of the homeserver that were acted on.", Value: float64(s.Syncs)},
		{Name: "matrix_failures_total", Kind: node.Counter, Help: "Times that it did not answer, or the bridge began anew.", Value: float64(s.Failures)},
		{Name: "matrix_overwrites_total", Kind: node.Counter, Help: "Memberships in calls that somebody wrote in another's place: abuse.", Value: float64(s.Overwrites)},
		{Name: "matrix_actions_total", Kind: node.Counter, Help: "What the bridge did, by what: refused by the homeserver, not_kicked for want of power, not_opened for want of keys.", Label: "what", Values: did},
	}
}

// bridgeCommand sets the bridge to Matrix up.
type bridgeCommand struct {
	Registration struct {
		Name string `arg:"" help:"The homeserver's name, as behind the colon of its users: example.org."`
		Bot  string `default:"grotto" placeholder:"NAME" help:"What the bot is called there, before the colon. Default: ${default}."`
		Out  string `placeholder:"FILE" help:"Write it there, for this user alone. It must not be there yet. Without it it is printed."`
	} `cmd:"" help:"Make the file that tells a homeserver of the bot as an application service. It holds secrets."`
	Login struct {
		User         string `arg:"" help:"The account: @name:example.org. It has to be there."`
		Homeserver   string `required:"" placeholder:"URL" help:"Where its Client-Server API is: https://matrix.example.org."`
		Out          string `required:"" placeholder:"FILE" help:"File to write, which matrix-login names then. It holds a secret, for this user alone."`
		PasswordFile string `placeholder:"FILE" help:"File with the password. Without it it is asked for."`
	} `cmd:"" help:"Sign an ordinary account in for the bot."`
	Check struct {
		JSON bool `name:"json" help:"Print it as JSON."`
	} `cmd:"" help:"Ask the homeserver whether the bridge with these settings would work. Status 1 if not."`
}

func (c *bridgeCommand) run(ctx context.Context, line command, stdout io.Writer) error {
	switch line.name {
	case "bridge registration <name>":
		return c.register(stdout)
	case "bridge login <user>":
		return c.login(ctx, stdout)
	}
	return c.check(ctx, &line.settings.Settings, stdout)
}

func (c *bridgeCommand) register(stdout io.Writer) error {
	r, err := bridge.NewRegistration(c.Registration.Bot, c.Registration.Name)
	if err != nil {
		return hinted{err, "the name is what stands behind the colon of users: example.org"}
	}
	if c.Registration.Out == "" {
		return r.Write(stdout)
	}
	file, err := os.OpenFile(c.Registration.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return hinted{err, "name another file, or move that one away: a homeserver may have it"}
	}
	if err := errors.Join(r.Write(file), file.Close()); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Wrote %s. The homeserver has to be given it, and started again; matrix-registration names it here. See docs/matrix.md.\n", c.Registration.Out)
	return nil
}

func (c *bridgeCommand) login(ctx context.Context, stdout io.Writer) error {
	if _, err := os.Lstat(c.Login.Out); err == nil {
		return hinted{fmt.Errorf("%s is there already", c.Login.Out), "name another file, or move that one away"}
	}
	password, err := c.password()
	if err != nil {
		return hinted{err, "--password-file names a file with the password"}
	}
	account, err := bridge.Login(ctx, c.Login.Homeserver, c.Login.User, password)
	if err != nil {
		return hinted{errors.New(bridge.Why(err)), "look at the name, the password and --homeserver"}
	}
	if err := account.Write(c.Login.Out); err != nil {
		return hinted{err, "name a file in a folder that this user can write"}
	}
	fmt.Fprintf(stdout, "Wrote %s. matrix-login names it: whoever has it is the bot.\n", c.Login.Out)
	return nil
}

func (c *bridgeCommand) password() (string, error) {
	if c.Login.PasswordFile != "" {
		text, err := os.ReadFile(c.Login.PasswordFile)
		return strings.TrimRight(string(text), "\r\n"), err
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return "", errors.New("there is nobody to ask for the password")
	}
	fmt.Fprint(os.Stderr, "Password: ")
	text, err := term.ReadPassword(int(os.Stdin.Fd()))
	fmt.Fprintln(os.Stderr)
	return string(text), err
}

// checkTimeout bounds what is asked of a homeserver.
const checkTimeout = 20 * time.Second

func (c *bridgeCommand) check(ctx context.Context, f *config.Settings, stdout io.Writer) error {
	if f.MatrixHomeserver == "" {
		return hinted{errors.New("there is no bridge to Matrix in these settings"), "matrix-homeserver, see docs/matrix.md"}
	}
	folder, err := os.MkdirTemp("", "grotto-bridge")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	b, err := openBridge(f, folder, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer b.Close()
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	findings := b.Check(ctx)
	well := true
	for _, is := range findings {
		well = well && is.OK
	}
	if c.Check.JSON {
		err = json.NewEncoder(stdout).Encode(findings)
	} else {
		for _, is := range findings {
			mark := "ok  "
			if !is.OK {
				mark = "fail"
			}
			fmt.Fprintf(stdout, "%s  %s\n", mark, is.Text)
			if is.Hint != "" {
				fmt.Fprintf(stdout, "      hint: %s\n", is.Hint)
			}
		}
	}
	if err == nil && !well {
		return errUnwell
	}
	return err
}
