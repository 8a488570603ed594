package rtc

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"

	"maunium.net/go/mautrix/id"
)

const (
	// LocalpartPrefix begins the names of Matrix users among those of a Grotto server, and no others.
	LocalpartPrefix = "mx"

	maxLocalpart = 64
	hashLetters  = 40 // 200 bits
)

// Localpart is a Matrix user's name among a Grotto server's users. Two users never have the same: what is not of the usual letters is written as =hh, and
// names too long for that become a hash, which begins with "mx=" instead of "mx.".
func Localpart(user id.UserID) string {
	var b strings.Builder
	b.WriteString(LocalpartPrefix + ".")
	for _, c := range []byte(strings.TrimPrefix(string(user), "@")) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("._-/+", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "=%02x", c)
		}
	}
	if b.Len() <= maxLocalpart {
		return b.String()
	}
	sum := sha256.Sum256([]byte(user))
	return LocalpartPrefix + "=" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:hashLetters]
}
