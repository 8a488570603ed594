//go:build !goolm

package bridge

import (
	"context"

	"maunium.net/go/mautrix"
)

// Encrypts says whether this program can read and write in encrypted rooms.
const Encrypts = false

// newCrypter: without, the bot is of use in rooms that are not encrypted.
func (b *Bridge) newCrypter(context.Context, *mautrix.Client) (crypter, error) { return nil, nil }
