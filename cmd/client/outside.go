package main

import "github.com/grotto-meet/grotto/internal/call"

// keyFlags are for meetings whose one key everybody was given beside the link.
type keyFlags struct {
	SharedKey  string `group:"meeting" type:"path" placeholder:"FILE" xor:"key" help:"Seal and open with the key in this file, 32 random bytes or more, in the place of the link's secret. Everybody needs the same."`
	Passphrase string `group:"meeting" name:"passphrase-file" type:"path" placeholder:"FILE" xor:"key" and:"passphrase" help:"Make the shared key of the passphrase in this file. The server can guess passphrases offline: take a long one."`
	Salt       string `group:"meeting" placeholder:"BASE64" and:"passphrase" help:"The meeting's salt for the passphrase, 16 random bytes or more. It is no secret."`
}

// read reads the key, if there is one, and the link as it must be beside it.
func (k *keyFlags) read(url string) (link call.Link, key *call.SharedKey, err error) {
	switch {
	case k.SharedKey != "":
		key, err = call.ReadSharedKey(k.SharedKey)
	case k.Passphrase != "":
		key, err = call.ReadPassphrase(k.Passphrase, k.Salt)
	default:
		link, err = call.ParseLink(url)
		return link, nil, err
	}
	if err == nil {
		link, err = call.ParseRoomLink(url)
	}
	return link, key, err
}

// outside says whether a key is given.
func (k *keyFlags) outside() bool { return k.SharedKey != "" || k.Passphrase != "" }
