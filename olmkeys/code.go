package olmkeys

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"hash"
	"strings"
	"time"
)

// The meeting code: six groups of five digits. The stretching makes each try at finding keys with an equal code dear.
const (
	codeRounds = 200_000
	codeGroups = 6
	codeBytes  = 5 // of a group

	codeSlice = 5_000 // rounds at once: 20 to 30 ms in a browser ...
	codePause = 10 * time.Millisecond
	maxCodes  = 4 // asked for and not yet made
)

// codeJob is a meeting code in the making: PBKDF2's one block, some rounds at a time, for in a browser all of them at
// once would hold the frames up for most of a second.
type codeJob struct {
	mac  hash.Hash
	u, t [sha256.Size]byte
	done int
	at   time.Time
}

func (a *Agent) newCode(roster [][sha256.Size]byte) *codeJob {
	b := []byte("grotto v1 code")
	b = lp(b, a.config.Room)
	b = lp(b, a.config.Call[:])
	for _, d := range roster {
		b = append(b, d[:]...)
	}
	salt := sha256.Sum256(b)
	j := &codeJob{mac: hmac.New(sha256.New, a.link.proofKey[:]), done: 1, at: a.now}
	j.mac.Write(salt[:])
	j.mac.Write([]byte{0, 0, 0, 1}) // RFC 8018 §5.2: of the first block
	j.mac.Sum(j.u[:0])
	j.t = j.u
	return j
}

// work does up to n rounds.
func (j *codeJob) work(n int) {
	for ; n > 0 && j.done < codeRounds; n, j.done = n-1, j.done+1 {
		j.mac.Reset()
		j.mac.Write(j.u[:])
		j.mac.Sum(j.u[:0])
		subtle.XORBytes(j.t[:], j.t[:], j.u[:])
	}
}

// digits are the same six groups for everybody with the same roster and the same secret.
func (j *codeJob) digits() string {
	groups := make([]string, codeGroups)
	for i := range groups {
		var u [8]byte
		copy(u[8-codeBytes:], j.t[codeBytes*i:][:codeBytes])
		groups[i] = fmt.Sprintf("%05d", binary.BigEndian.Uint64(u[:])%100_000)
	}
	return strings.Join(groups, " ")
}

// runCodes works on the code that was asked for first.
func (a *Agent) runCodes() {
	if len(a.watch.codes) == 0 || !due(a.watch.codes[0].at, a.now) {
		return
	}
	j := a.watch.codes[0]
	j.work(codeSlice)
	j.at = a.now.Add(codePause)
	if j.done == codeRounds {
		a.watch.codes = a.watch.codes[1:]
		a.emit(Code{Digits: j.digits()})
		if len(a.watch.codes) > 0 {
			a.watch.codes[0].at = a.now.Add(codePause)
		}
	}
}
