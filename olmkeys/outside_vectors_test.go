package olmkeys

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/grotto-meet/grotto/mediacrypt"
)

// outsideVectors are keys from outside, to base keys, and the key of a passphrase. Bytes are hex.
type outsideVectors struct {
	Room       string              `json:"room"`
	Call       hexBytes            `json:"call"`
	User       string              `json:"user"`
	Device     string              `json:"device"`
	JoinID     hexBytes            `json:"join_id"`
	Modes      []vectorOutsideMode `json:"modes"`
	Passphrase vectorPassphrase    `json:"passphrase"`
}

type vectorOutsideMode struct {
	Source    KeySource       `json:"source"`
	MediaSalt hexBytes        `json:"media_salt"`
	BaseKeys  []vectorBaseKey `json:"base_keys"` // state is the key that was set
}

type vectorPassphrase struct {
	Passphrase string   `json:"passphrase"`
	Salt       hexBytes `json:"salt"`
	FullSalt   hexBytes `json:"full_salt"`
	Key        hexBytes `json:"key"`
}

// slowPBKDF2 is RFC 8018 §5.2 with HMAC alone, for one block.
func slowPBKDF2(password, salt []byte, rounds int) []byte {
	u := slowExtract(append(bytes.Clone(salt), 0, 0, 0, 1), password) // HMAC and HKDF-Extract are the same function
	out := bytes.Clone(u)
	for range rounds - 1 {
		u = slowExtract(u, password)
		for i := range out {
			out[i] ^= u[i]
		}
	}
	return out
}

func slowOutside() (v outsideVectors) {
	v.Room, v.Call = "!cave:grotto.example", counting(0xc0, 16)
	v.User, v.Device, v.JoinID = "@alice:grotto.example", "ALICEXXXXX", counting(0x10, 16)
	for _, source := range []KeySource{"shared", "per_participant"} {
		salt := sha256.Sum256([]byte("grotto v1 no link" + string(source)))
		m := vectorOutsideMode{Source: source, MediaSalt: salt[:]}
		for _, c := range []struct {
			label      string
			generation uint32
			key        []byte
		}{{"media", 0, counting(1, 32)}, {"data", 0, counting(1, 32)}, {"media", 7, counting(0x40, 48)}, {"data", 7, counting(0x40, 48)}} {
			b := vectorBaseKey{Label: c.label, Generation: c.generation, KID: uint64(c.generation) << 16, State: c.key}
			b.Info = bytes.Join([][]byte{[]byte("grotto v1 " + c.label), slowLP([]byte(v.Room), v.Call, []byte(v.User), []byte(v.Device)),
				v.JoinID, be32(c.generation), be32(0)}, nil)
			b.BaseKey = slowHKDF(b.State, m.MediaSalt, b.Info, 32)
			m.BaseKeys = append(m.BaseKeys, b)
		}
		v.Modes = append(v.Modes, m)
	}
	p := &v.Passphrase
	p.Passphrase, p.Salt = "correct hörse battery staple", counting(0x60, 16)
	p.FullSalt = append(slowLP([]byte(v.Room)), p.Salt...)
	p.Key = slowPBKDF2([]byte(p.Passphrase), p.FullSalt, 600_000)
	return v
}

func TestOutsideVectors(t *testing.T) {
	v := loadVectors(t, "outside.json", slowOutside)
	owner := Ref{User: v.User, Device: v.Device, JoinID: JoinID(v.JoinID)}
	if len(v.Modes) != 2 {
		t.Fatal("modes are missing")
	}
	for _, m := range v.Modes {
		a, _, err := NewAgent(Config{Room: v.Room, Call: CallID(v.Call), User: v.User, Device: v.Device, JoinID: owner.JoinID, Keys: m.Source}, newWorld(t).now)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.link.mediaSalt[:], m.MediaSalt) {
			t.Errorf("%s: media salt %x", m.Source, a.link.mediaSalt)
		}
		for _, b := range m.BaseKeys {
			s := newSchedule(&a.link, v.Room, CallID(v.Call), owner)
			if got := s.derive(label(b.Label), b.Generation, b.Index, b.State); !bytes.Equal(got[:], b.BaseKey) {
				t.Errorf("%s, %s, generation %d: %x", m.Source, b.Label, b.Generation, got[:])
			}
			if b.KID != uint64(mediacrypt.NewKeyID(b.Generation, 0)) {
				t.Errorf("KID %d", b.KID)
			}
			if b.Label != "media" {
				continue
			}
			k := SetKey{Generation: b.Generation, Key: Secret(b.State)}
			if m.Source == KeysPerParticipant {
				k.User = v.User
			}
			var sealed *SealWith
			for _, e := range a.Handle(newWorld(t).now, k) {
				if e, ok := e.(SealWith); ok {
					sealed = &e
				}
			}
			if sealed == nil || sealed.KID != b.KID || !bytes.Equal(sealed.BaseKey[:], b.BaseKey) {
				t.Errorf("%s: the agent does not seal with the key of generation %d", m.Source, b.Generation)
			}
		}
		if len(m.BaseKeys) < 4 {
			t.Error("vectors are missing")
		}
	}
	key, err := PassphraseKey(v.Passphrase.Passphrase, v.Room, v.Passphrase.Salt)
	if err != nil || !bytes.Equal(key, v.Passphrase.Key) {
		t.Errorf("passphrase: %x, %v", []byte(key), err)
	}
}
