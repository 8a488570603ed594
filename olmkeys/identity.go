package olmkeys

import (
	"crypto/ed25519"
	"fmt"
	"io"
	"strings"

	goolm "maunium.net/go/mautrix/crypto/goolm/crypto"
)

// IdentitySize is the length of what [Identity.Bytes] returns.
const IdentitySize = ed25519.SeedSize

// Identity is a device's Ed25519 key kept over calls, by which others know it again: its seed and nothing else. All
// other keys are made anew for each join. It prints redacted.
type Identity struct{ seed Secret }

// NewIdentity draws one. A nil reader means crypto/rand.
func NewIdentity(random io.Reader) (*Identity, error) {
	seed := make(Secret, IdentitySize)
	if _, err := io.ReadFull(reader(random), seed); err != nil {
		return nil, fmt.Errorf("olmkeys: drawing an identity: %w", err)
	}
	return &Identity{seed: seed}, nil
}

// ParseIdentity reads what [Identity.Bytes] returned.
func ParseIdentity(b []byte) (*Identity, error) {
	if len(b) != IdentitySize {
		return nil, fmt.Errorf("%w: an identity of %d bytes", ErrConfig, len(b))
	}
	return &Identity{seed: append(Secret(nil), b...)}, nil
}

// Bytes is the secret seed, to be kept as one keeps a private key.
func (i *Identity) Bytes() Secret { return append(Secret(nil), i.seed...) }

// Public is the key by which others know us.
func (i *Identity) Public() Bytes { return Bytes(i.keys().PublicKey) }

func (i *Identity) keys() goolm.Ed25519KeyPair { return goolm.Ed25519GenerateFromSeed(i.seed) }

// Format does not show the seed, whatever the verb.
func (i Identity) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText does not show the seed; JSON uses it too.
func (i Identity) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Fingerprint is an Ed25519 public key for people to compare: base64 in groups of four, as Matrix clients show it.
func Fingerprint(identity []byte) string {
	s := encoding.EncodeToString(identity)
	var groups []string
	for ; len(s) > 4; s = s[4:] {
		groups = append(groups, s[:4])
	}
	return strings.Join(append(groups, s), " ")
}
