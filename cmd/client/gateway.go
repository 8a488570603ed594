package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/grotto-meet/grotto/bridge/elementcall"
	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/internal/call"
)

// gatewayCommand brings two calls together. What it needs of a place is less than others: keys come from the link.
type gatewayCommand struct {
	URL          string        `arg:"" help:"The meeting's whole link, in quotes: it ends in #..., unless words are given."`
	Words        string        `group:"meeting" placeholder:"\"A B C ...\"" help:"The meeting's eight words, in place of what stands behind the # of its link."`
	Name         string        `group:"meeting" default:"Element Call gateway" help:"The name that the others see. Default: ${default}."`
	Ways         call.Network  `group:"meeting" name:"network" enum:",udp,tcp,relay" default:"" placeholder:"udp|tcp|relay" help:"How media may reach the meeting's server: only by UDP, only by TCP, or only through its relay. Without it, by whatever works."`
	For          time.Duration `group:"meeting" placeholder:"20s" help:"Leave after this time. Without it, stay until interrupted."`
	Matrix       string        `required:"" placeholder:"@NAME:SERVER" help:"The gateway's own account. Each participant of the meeting is a session of it while they are there."`
	MatrixRoom   string        `required:"" placeholder:"!ID:SERVER" help:"The room whose call it is, by its id or #alias. The account has to be invited, or the room public."`
	PasswordFile string        `required:"" name:"matrix-password-file" type:"existingfile" placeholder:"FILE" help:"A file with the account's password."`
	Homeserver   string        `name:"matrix-homeserver" placeholder:"URL" help:"The homeserver's address, where the account's server name does not lead to it."`
	RecoveryFile string        `name:"matrix-recovery-file" type:"existingfile" placeholder:"FILE" help:"A file with the account's recovery key, by which its sessions are signed. An account without an identity is given one, and the key is printed."`
	Trust        string        `name:"matrix-trust" enum:"cross-signed,verified,any" default:"cross-signed" placeholder:"cross-signed|verified|any" help:"Whose keys are taken, and who is given ours: devices that are signed by their owner's identity, only verified ones, or all that the homeserver lists. Default: ${default}."`
	Focus        []string      `placeholder:"URL" help:"The livekit_service_url of Element Call's LiveKit server; again for others that some use. Without it, as the homeserver says."`
	tokenFlags
}

// Run carries until it is stopped.
func (g *gatewayCommand) Run(ctx context.Context, c console) error {
	p := place{URL: g.URL, Words: g.Words, tokenFlags: g.tokenFlags}
	if err := p.complete(ctx, c); err != nil {
		return err
	}
	link, err := call.ParseLink(p.URL)
	if err != nil {
		return err
	}
	if link, err = p.vouched(link); err != nil {
		return err
	}
	password, err := line(g.PasswordFile)
	if err != nil {
		return err
	}
	recovery := ""
	if g.RecoveryFile != "" {
		if recovery, err = line(g.RecoveryFile); err != nil {
			return err
		}
	}
	policy, _ := olmdevice.ParsePolicy(g.Trust) // kong has checked it
	say := func(text string) { fmt.Fprintln(c.err, text) }
	account := &elementcall.Account{Homeserver: g.Homeserver, Password: password, Recovery: recovery, Policy: policy, Notice: say,
		NewRecovery: func(key string) {
			say("The account has an identity now. Keep its recovery key, for --matrix-recovery-file: " + key)
		}}
	defer account.Close()
	if err := account.Find(ctx, g.Matrix, g.MatrixRoom); err != nil {
		return explained(err)
	}
	if g.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, g.For)
		defer cancel()
	}
	say("This program holds the keys of both calls and can read them: everybody sees that it is there.")
	return explained(elementcall.Run(ctx, elementcall.Config{Link: link, Network: g.Ways, Name: g.Name, Room: account.Room,
		Focus: g.Focus, Login: account.Login, Notice: say}))
}

// explained takes the hint out of an error.
func explained(err error) error {
	if problem, ok := errors.AsType[*olmdevice.Error](err); ok {
		return hinted{errors.New(problem.What), problem.Hint}
	}
	if problem, ok := errors.AsType[*elementcall.Error](err); ok {
		return hinted{errors.New(problem.What), problem.Hint}
	}
	return err
}

// line is what a file with a secret holds.
func line(path string) (string, error) {
	text, err := os.ReadFile(path)
	return strings.TrimSpace(string(text)), err
}
