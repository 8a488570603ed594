package olmkeys

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"

	"maunium.net/go/mautrix/crypto/goolm/megolm"
)

// maxIndex is the last index of a generation: KID has 16 bits for it.
const maxIndex = 1<<16 - 1

// stateSize is the length of a ratchet's state in bytes.
const stateSize = megolm.RatchetParts * megolm.RatchetPartLength

// label says what a base key is for.
type label string

const (
	labelMedia label = "media"
	labelData  label = "data"
)

// schedule derives the base keys of one sender: the context that every key is bound to.
type schedule struct {
	link      linkID
	mediaSalt [sha256.Size]byte
	context   []byte // lp(room) || lp(call) || lp(user) || lp(device) || join_id
}

func newSchedule(l *link, room string, call CallID, owner Ref) schedule {
	c := lp(nil, room)
	c = lp(c, call[:])
	c = lp(c, owner.User)
	c = lp(c, owner.Device)
	c = append(c, owner.JoinID[:]...)
	return schedule{link: l.id, mediaSalt: l.mediaSalt, context: c}
}

// baseKey is HKDF-SHA256 of the ratchet's state at its index. The link's secret goes in as the salt, so that who has
// only the one or only the other has nothing.
func (s *schedule) baseKey(l label, generation uint32, r *megolm.Ratchet) BaseKey {
	return s.derive(l, generation, r.Counter, r.Data[:])
}

// derive binds a secret to its sender, join, generation and index.
func (s *schedule) derive(l label, generation, index uint32, ikm []byte) BaseKey {
	info := append([]byte("grotto v1 "+string(l)), s.context...)
	info = binary.BigEndian.AppendUint32(info, generation)
	info = binary.BigEndian.AppendUint32(info, index)
	key, err := hkdf.Key(sha256.New, ikm, s.mediaSalt[:], string(info), len(BaseKey{}))
	if err != nil {
		panic("olmkeys: " + err.Error()) // only for lengths that do not occur
	}
	return BaseKey(key)
}
