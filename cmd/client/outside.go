package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"strings"

	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/olmkeys"
)

// keyFlags are for meetings whose one key everybody was given beside the link.
type keyFlags struct {
	SharedKey  string `type:"path" placeholder:"FILE" xor:"key" help:"Seal and open with the key in this file, 32 random bytes or more, in the place of the link's secret. Everybody needs the same."`
	Passphrase string `name:"passphrase-file" type:"path" placeholder:"FILE" xor:"key" and:"passphrase" help:"Make the shared key of the passphrase in this file. The server can guess passphrases offline: take a long one."`
	Salt       string `placeholder:"BASE64" and:"passphrase" help:"The meeting's salt for the passphrase, 16 random bytes or more. It is no secret."`
}

// given is what was read of the flags; nothing of it prints.
type given struct {
	key        olmkeys.Secret
	passphrase olmkeys.Secret
	salt       []byte
}

// read reads the files, and the link as it must be beside them.
func (k *keyFlags) read(url string) (link call.Link, g given, err error) {
	switch {
	case k.SharedKey != "":
		g.key, err = readSecret(k.SharedKey)
	case k.Passphrase != "":
		if g.salt, err = base64.StdEncoding.DecodeString(k.Salt); err == nil {
			g.passphrase, err = readSecret(k.Passphrase)
			g.passphrase = olmkeys.Secret(strings.TrimRight(string(g.passphrase), "\r\n"))
		} else {
			err = &call.Error{Class: call.ErrKeyFile, What: "--salt is not base64", Hint: "head -c 16 /dev/urandom | base64, once for all"}
		}
	default:
		link, err = call.ParseLink(url)
		return link, g, err
	}
	if err == nil {
		link, err = call.ParseRoomLink(url)
	}
	return link, g, err
}

// outside says whether a key is given.
func (k *keyFlags) outside() bool { return k.SharedKey != "" || k.Passphrase != "" }

// source is what the call has to know before it begins.
func (g *given) source() olmkeys.KeySource {
	if g.key == nil && g.passphrase == nil {
		return olmkeys.KeysOlm
	}
	return olmkeys.KeysShared
}

// set gives the call the key. A passphrase's depends on the room's whole id, which the server says.
func (g *given) set(joined *call.Call) (err error) {
	if g.passphrase != nil {
		g.key, err = olmkeys.PassphraseKey(string(g.passphrase), joined.Report().Room, g.salt)
	}
	if err == nil && g.key != nil {
		err = joined.SetKey(olmkeys.SetKey{Key: g.key})
	}
	if err != nil {
		return &call.Error{Class: call.ErrKeyFile, What: "the key is of no use", Hint: "head -c 32 /dev/urandom > FILE", Err: err}
	}
	return nil
}

// readSecret reads a file that nobody else may read.
func readSecret(path string) (olmkeys.Secret, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, &call.Error{Class: call.ErrKeyFile, What: fmt.Sprintf("%s cannot be read", path), Hint: "check the name", Err: err}
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return nil, &call.Error{Class: call.ErrKeyFile, What: fmt.Sprintf("%s can be read by others than you", path), Hint: "chmod 600 " + path}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, &call.Error{Class: call.ErrKeyFile, What: fmt.Sprintf("%s cannot be read", path), Hint: "check its owner", Err: err}
	}
	return b, nil
}
