package olmkeys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
)

// maxKnockName is what fits of a name: 64 characters of four bytes. Each knock is as long as that, so that a name's length
// does not show.
const maxKnockName = 256

// SealKnock seals the name of somebody who asks to be let in, for those who have the link's secret. It says no more than
// that: a name is what one says of oneself, and nothing is signed before one has joined. Nil where there is no secret.
func (a *Agent) SealKnock(name string) (Bytes, error) {
	if a.link.outside {
		return nil, nil
	}
	if len(name) > maxKnockName {
		return nil, fmt.Errorf("%w: a name of %d bytes", ErrConfig, len(name))
	}
	aead, err := a.knockKey()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+2+maxKnockName+aead.Overhead())
	if _, err := io.ReadFull(a.config.Rand, nonce); err != nil {
		return nil, fmt.Errorf("olmkeys: sealing a knock: %w", err)
	}
	plain := make([]byte, 2+maxKnockName)
	binary.BigEndian.PutUint16(plain, uint16(len(name)))
	copy(plain[2:], name)
	return aead.Seal(nonce, nonce, plain, a.knocked(a.config.User, a.config.Device)), nil
}

// OpenKnock reads the name of somebody who asks to be let in as this user and device. It is false where the knock was made
// under another link, for somebody else, or in another call.
func (a *Agent) OpenKnock(user, device string, sealed []byte) (name string, ok bool) {
	if a.link.outside {
		return "", false
	}
	aead, err := a.knockKey()
	if err != nil || len(sealed) != aead.NonceSize()+2+maxKnockName+aead.Overhead() || len(user) > 255 || len(device) > 255 {
		return "", false
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], a.knocked(user, device))
	if err != nil {
		return "", false
	}
	n := int(binary.BigEndian.Uint16(plain))
	if n > maxKnockName {
		return "", false
	}
	return string(plain[2 : 2+n]), true
}

// knocked binds a knock to who the server says it is of, so that it cannot put one person's name on another's.
func (a *Agent) knocked(user, device string) []byte {
	return lp(lp(lp(lp([]byte("grotto v1 knock"), a.config.Room), a.config.Call[:]), user), device)
}

func (a *Agent) knockKey() (cipher.AEAD, error) {
	key, err := hkdf.Expand(sha256.New, a.link.prk[:], string(lp([]byte("knock"), a.config.Room)), 32)
	if err != nil {
		return nil, fmt.Errorf("olmkeys: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("olmkeys: %w", err)
	}
	return cipher.NewGCM(block)
}
