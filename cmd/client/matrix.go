package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/grotto-meet/grotto/bridge/matrixkeys"
	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/internal/keystore"
)

// matrixFlags are for the call of a Matrix room.
type matrixFlags struct {
	Matrix             string `placeholder:"@NAME:SERVER" help:"Take part as this Matrix account: keys travel as encrypted messages between Matrix devices, and the link comes from the room. The session is kept, sealed, for the next time."`
	MatrixRoom         string `placeholder:"!ID:SERVER" help:"The Matrix room whose meeting it is, by its id or #alias."`
	MatrixPasswordFile string `type:"existingfile" placeholder:"FILE" help:"A file with the account's password, for the first time. Without it, it is asked for."`
	MatrixRecoveryFile string `type:"existingfile" placeholder:"FILE" help:"A file with the account's recovery key or passphrase, which signs this device, for the first time. An account without an identity is given one, and its recovery key is printed."`
	MatrixHomeserver   string `placeholder:"URL" help:"The homeserver's address, where the account's server name does not lead to it."`
	MatrixTrust        string `enum:"cross-signed,verified,any" default:"cross-signed" placeholder:"cross-signed|verified|any" help:"Who gets keys and the link: devices signed by their owner's identity, only of people verified by this account, or all that homeservers list, who can add devices of their own. Default: ${default}."`
	MatrixGuests       bool   `help:"Give keys also to people in the meeting who are not of Matrix. They have its link from somebody."`
}

const matrixFarewell = 10 * time.Second

// visit is a stay in a Matrix room's call.
type visit struct {
	room  *matrixkeys.Room
	end   func()
	vault *keystore.Vault
}

// walk enters the room, and gives the meeting's link and a join token. The visit is over in any case once close was called.
func (m *matrixFlags) walk(ctx context.Context, c console) (v *visit, link, token string, err error) {
	v = &visit{end: func() {}}
	if m.MatrixRoom == "" {
		return v, "", "", hinted{errors.New("which Matrix room?"), "--matrix-room '!id:server', or an #alias"}
	}
	place, err := keystore.Default()
	if err != nil {
		return v, "", "", err
	}
	if v.vault, err = keystore.OpenVault(place, "matrix "+m.Matrix); err != nil {
		return v, "", "", err
	}
	policy, _ := olmdevice.ParsePolicy(m.MatrixTrust) // kong has checked it
	account := matrixkeys.Account{User: m.Matrix, Homeserver: m.MatrixHomeserver, Dir: v.vault.Dir, Key: v.vault.Key, Policy: policy}
	if account.Password, err = secretIn(m.MatrixPasswordFile); err != nil {
		return v, "", "", err
	}
	if account.Recovery, err = secretIn(m.MatrixRecoveryFile); err != nil {
		return v, "", "", err
	}
	say := func(text string) { fmt.Fprintln(c.err, text) }
	if policy == olmdevice.PolicyAny {
		say("Careful: --matrix-trust any gives keys to every device that a homeserver lists.")
	}
	v.room, v.end, err = matrixkeys.Walk(ctx, account, m.MatrixRoom, m.MatrixGuests, say)
	if errors.Is(err, olmdevice.ErrNoPassword) && c.in.person() {
		v.end()
		if account.Password, err = m.askPassword(c); err == nil {
			v.room, v.end, err = matrixkeys.Walk(ctx, account, m.MatrixRoom, m.MatrixGuests, say)
		}
	}
	if err == nil {
		link, token, err = v.room.Join(ctx)
	}
	if problem, ok := errors.AsType[*olmdevice.Error](err); ok {
		err = hinted{errors.New(problem.What), problem.Hint}
	}
	return v, link, token, err
}

func (m *matrixFlags) askPassword(c console) (string, error) {
	fmt.Fprintf(c.err, "Password of %s: ", m.Matrix)
	defer fmt.Fprintln(c.err)
	typed, err := term.ReadPassword(int(c.in.file.Fd()))
	return string(typed), err
}

// secretIn is what a file with a secret holds; none where no file is named.
func secretIn(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	text, err := os.ReadFile(path)
	return strings.TrimSpace(string(text)), err
}

// entered is for the call once it has begun: its link may change, and who asks for it gets the new one.
func (v *visit) entered(joined *call.Call) { v.room.Hold(joined.Link) }

// close takes the membership back, also where the context has ended.
func (v *visit) close() {
	if v.room != nil {
		ctx, cancel := context.WithTimeout(context.Background(), matrixFarewell)
		_ = v.room.Close(ctx) // it expires
		cancel()
	}
	v.end()
	if v.vault != nil {
		_ = v.vault.Close()
	}
}
