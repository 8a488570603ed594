package olmkeys

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/mlkem"
	"crypto/mlkem/mlkemtest"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"maunium.net/go/mautrix/crypto/goolm/megolm"
)

// -update writes the vectors anew, from the slow derivations below and not from the code under test.
var update = flag.Bool("update", false, "write testdata anew")

// hexBytes are bytes that JSON writes in hex, for vectors that people compare by eye.
type hexBytes []byte

func (h hexBytes) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

func (h *hexBytes) UnmarshalText(b []byte) (err error) {
	*h, err = hex.DecodeString(string(b))
	return err
}

func loadVectors[T any](t *testing.T, name string, generate func() T) (v T) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		b, err := json.MarshalIndent(generate(), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// slowRatchet is Megolm's ratchet as its specification says it, one step at a time: at index i, part h is replaced
// where 2^(24-8h) divides i for the smallest such h, and all parts behind it from it.
type slowRatchet struct {
	parts [4][]byte
	index uint32
}

func (r *slowRatchet) step() {
	r.index++
	h := 3
	for part, every := range []uint32{1 << 24, 1 << 16, 1 << 8} {
		if r.index%every == 0 {
			h = part
			break
		}
	}
	from := r.parts[h]
	for i := h; i < 4; i++ {
		mac := hmac.New(sha256.New, from)
		mac.Write([]byte{byte(i)})
		r.parts[i] = mac.Sum(nil)
	}
}

func (r *slowRatchet) state() []byte { return bytes.Join(r.parts[:], nil) }

// slowHKDF is RFC 5869 with HMAC alone.
func slowHKDF(ikm, salt, info []byte, n int) []byte {
	return slowExpand(slowExtract(ikm, salt), info, n)
}

func slowExtract(ikm, salt []byte) []byte {
	mac := hmac.New(sha256.New, salt)
	mac.Write(ikm)
	return mac.Sum(nil)
}

func slowExpand(prk, info []byte, n int) (out []byte) {
	var t []byte
	for i := byte(1); len(out) < n; i++ {
		mac := hmac.New(sha256.New, prk)
		mac.Write(t)
		mac.Write(info)
		mac.Write([]byte{i})
		t = mac.Sum(nil)
		out = append(out, t...)
	}
	return out[:n]
}

func slowLP(parts ...[]byte) (out []byte) {
	for _, p := range parts {
		out = append(out, byte(len(p)>>8), byte(len(p)))
		out = append(out, p...)
	}
	return out
}

func be32(v uint32) []byte { return []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)} }

// counting is n bytes from first upwards.
func counting(first, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(first + i)
	}
	return b
}

type megolmVectors struct {
	State hexBytes `json:"state"` // at index 0
	Steps []struct {
		Index uint32   `json:"index"`
		State hexBytes `json:"state"`
	} `json:"steps"`
}

func TestMegolmVectors(t *testing.T) {
	v := loadVectors(t, "megolm.json", func() (v megolmVectors) {
		v.State = counting(1, stateSize)
		r := slowRatchet{parts: [4][]byte{v.State[:32], v.State[32:64], v.State[64:96], v.State[96:]}}
		for _, index := range []uint32{0, 1, 255, 256, 257, 65_535} {
			for r.index < index {
				r.step()
			}
			v.Steps = append(v.Steps, struct {
				Index uint32   `json:"index"`
				State hexBytes `json:"state"`
			}{index, r.state()})
		}
		return v
	})
	for _, step := range v.Steps {
		jump, walk := megolm.Ratchet{Data: [stateSize]byte(v.State)}, megolm.Ratchet{Data: [stateSize]byte(v.State)}
		jump.AdvanceTo(step.Index)
		for walk.Counter < step.Index {
			walk.Advance()
		}
		if !bytes.Equal(jump.Data[:], step.State) || !bytes.Equal(walk.Data[:], step.State) {
			t.Errorf("index %d: AdvanceTo %x, Advance %x", step.Index, jump.Data, walk.Data)
		}
	}
	if len(v.Steps) < 5 {
		t.Error("vectors are missing")
	}
}

// keyVectors hold every intermediate of the key schedule. Bytes are hex.
type keyVectors struct {
	Secret    hexBytes `json:"secret"`
	Fragment  string   `json:"fragment"`
	Room      string   `json:"room"`
	Call      hexBytes `json:"call"`
	PRK       hexBytes `json:"prk"`
	ProofKey  hexBytes `json:"proof_key"`
	MediaSalt hexBytes `json:"media_salt"`
	LinkID    hexBytes `json:"link_id"`

	Sender    vectorDevice `json:"sender"`
	Recipient vectorDevice `json:"recipient"`

	BaseKeys []vectorBaseKey `json:"base_keys"`
	Wrap     vectorWrap      `json:"pq_wrap"`
	Data     vectorData      `json:"data"`
}

type vectorDevice struct {
	User             string   `json:"user"`
	Device           string   `json:"device"`
	JoinID           hexBytes `json:"join_id"`
	Ed25519Seed      hexBytes `json:"ed25519_seed"`
	Ed25519          hexBytes `json:"ed25519"`
	Curve25519Scalar hexBytes `json:"curve25519_private"`
	Curve25519       hexBytes `json:"curve25519"`
	MLKEMSeed        hexBytes `json:"mlkem768_seed"`
	CallKeys         hexBytes `json:"call_keys"`
	CallKeysSHA256   hexBytes `json:"call_keys_sha256"`
	SignatureMessage string   `json:"signature_message"`
	Sig              hexBytes `json:"sig"`
	Proof            hexBytes `json:"proof"`
}

type vectorBaseKey struct {
	Label      string   `json:"label"`
	Generation uint32   `json:"generation"`
	Index      uint32   `json:"index"`
	KID        uint64   `json:"kid,string"`
	State      hexBytes `json:"state"`
	Info       hexBytes `json:"info"`
	BaseKey    hexBytes `json:"base_key"`
}

type vectorWrap struct {
	Generation uint32   `json:"generation"`
	Index      uint32   `json:"index"`
	CT         hexBytes `json:"ct"`
	KEMID      hexBytes `json:"kem_id"`
	SS         hexBytes `json:"ss"`
	R          hexBytes `json:"r"`
	Salt       hexBytes `json:"salt"`
	WrapKey    hexBytes `json:"wrap_key"`
	AAD        hexBytes `json:"aad"`
	State      hexBytes `json:"state"`
	Sealed     hexBytes `json:"sealed"`
}

type vectorData struct {
	Seq     uint64   `json:"seq"`
	Kind    string   `json:"kind"`
	Body    string   `json:"body"`
	Message hexBytes `json:"message"`
	Sig     hexBytes `json:"sig"`
	Content hexBytes `json:"content"`
}

func slowDevice(v *keyVectors, first int, user, dev string) (d vectorDevice) {
	d.User, d.Device, d.JoinID = user, dev, counting(first, 16)
	d.Ed25519Seed, d.Curve25519Scalar, d.MLKEMSeed = counting(first+16, 32), counting(first+48, 32), counting(first, 64)
	scalar, err := ecdh.X25519().NewPrivateKey(d.Curve25519Scalar)
	if err != nil {
		panic(err)
	}
	d.Curve25519 = scalar.PublicKey().Bytes()
	private := ed25519.NewKeyFromSeed(d.Ed25519Seed)
	d.Ed25519 = hexBytes(private.Public().(ed25519.PublicKey))
	dk, err := mlkem.NewDecapsulationKey768(d.MLKEMSeed)
	if err != nil {
		panic(err)
	}
	d.CallKeys = bytes.Join([][]byte{[]byte("grotto v1 call keys"),
		slowLP([]byte(v.Room), v.Call, []byte(user), []byte(dev)),
		d.JoinID, d.Ed25519, d.Curve25519, dk.EncapsulationKey().Bytes()}, nil)
	sum := sha256.Sum256(d.CallKeys)
	d.CallKeysSHA256 = sum[:]
	d.SignatureMessage = "grotto call keys v1 " + encoding.EncodeToString(sum[:])
	d.Sig = ed25519.Sign(private, []byte(d.SignatureMessage))
	d.Proof = slowExtract(d.CallKeys, v.ProofKey) // HMAC and HKDF-Extract are the same function
	return d
}

func slowKeys() (v keyVectors) {
	v.Secret, v.Room, v.Call = counting(0, 16), "!cave:grotto.example", counting(0xc0, 16)
	v.Fragment = secretEncoding.EncodeToString(v.Secret)
	v.PRK = slowExtract(v.Secret, []byte("grotto v1 link"))
	v.ProofKey = slowExpand(v.PRK, append([]byte("proof"), slowLP([]byte(v.Room))...), 32)
	v.MediaSalt = slowExpand(v.PRK, append([]byte("media"), slowLP([]byte(v.Room))...), 32)
	v.LinkID = slowExpand(v.PRK, append([]byte("id"), slowLP([]byte(v.Room))...), 8)
	v.Sender = slowDevice(&v, 0x10, "@alice:grotto.example", "ALICEXXXXX")
	v.Recipient = slowDevice(&v, 0x80, "@bob:grotto.example", "BOBXXXXXXX")
	state := counting(1, stateSize)
	for _, label := range []string{"media", "data"} {
		for _, index := range []uint32{0, 1, 255, 256, 65_535} {
			r := slowRatchet{parts: [4][]byte{state[:32], state[32:64], state[64:96], state[96:]}}
			for r.index < index {
				r.step()
			}
			b := vectorBaseKey{Label: label, Generation: 3, Index: index, KID: 3<<16 + uint64(index), State: r.state()}
			b.Info = bytes.Join([][]byte{[]byte("grotto v1 " + label),
				slowLP([]byte(v.Room), v.Call, []byte(v.Sender.User), []byte(v.Sender.Device)), v.Sender.JoinID, be32(3), be32(index)}, nil)
			b.BaseKey = slowHKDF(b.State, v.MediaSalt, b.Info, 32)
			v.BaseKeys = append(v.BaseKeys, b)
		}
	}
	v.Wrap = slowWrap(&v, state)
	v.Data = slowData(&v)
	return v
}

func slowWrap(v *keyVectors, state []byte) (p vectorWrap) {
	ek := v.Recipient.CallKeys[len(v.Recipient.CallKeys)-1184:]
	key, err := mlkem.NewEncapsulationKey768(ek)
	if err != nil {
		panic(err)
	}
	p.Generation, p.Index, p.R, p.State = 3, 256, counting(0x40, 32), state
	if p.SS, p.CT, err = mlkemtest.Encapsulate768(key, counting(0x20, 32)); err != nil {
		panic(err)
	}
	sum := sha256.Sum256(p.CT)
	p.KEMID = sum[:8]
	end := func(d *vectorDevice) []byte { return append(slowLP([]byte(d.User), []byte(d.Device)), d.JoinID...) }
	salt := sha256.Sum256(bytes.Join([][]byte{slowLP(ek, p.CT), end(&v.Sender), end(&v.Recipient), slowLP([]byte(v.Room), v.Call)}, nil))
	p.Salt = salt[:]
	p.WrapKey = slowHKDF(append(bytes.Clone(p.R), p.SS...), p.Salt, []byte("grotto v1 pq wrap"), 32)
	p.AAD = append(be32(p.Generation), be32(p.Index)...)
	block, err := aes.NewCipher(p.WrapKey)
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	p.Sealed = aead.Seal(nil, make([]byte, 12), p.State, p.AAD)
	return p
}

func slowData(v *keyVectors) (d vectorData) {
	d.Seq, d.Kind, d.Body = 0x0102030405060708, "grotto.profile", `{"name":"Ålice"}`
	seq := append(be32(uint32(d.Seq>>32)), be32(uint32(d.Seq))...)
	sum := sha256.Sum256(bytes.Join([][]byte{slowLP([]byte(v.Room), v.Call), v.Sender.JoinID, seq, slowLP([]byte(d.Kind)), []byte(d.Body)}, nil))
	d.Message = append([]byte("grotto v1 data"), sum[:]...)
	d.Sig = ed25519.Sign(ed25519.NewKeyFromSeed(v.Sender.Ed25519Seed), d.Message)
	d.Content = bytes.Join([][]byte{d.Sig, seq, slowLP([]byte(d.Kind)), []byte(d.Body)}, nil)
	return d
}

func TestKeyVectors(t *testing.T) {
	v := loadVectors(t, "keys.json", slowKeys)
	same := func(name string, got, want []byte) {
		t.Helper()
		if !bytes.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s:\n got %x\nwant %x", name, got, want)
		}
	}
	secret, err := ParseSecret(v.Fragment)
	if err != nil {
		t.Fatal(err)
	}
	same("secret", secret, v.Secret)
	l, err := newLink(secret, v.Room)
	if err != nil {
		t.Fatal(err)
	}
	same("prk", l.prk[:], v.PRK)
	same("proof_key", l.proofKey[:], v.ProofKey)
	same("media_salt", l.mediaSalt[:], v.MediaSalt)
	same("link_id", l.id[:], v.LinkID)
	call := CallID(v.Call)
	var devices []*device
	for _, d := range []vectorDevice{v.Sender, v.Recipient} {
		k, err := parseCallKeys(d.CallKeys)
		if err != nil {
			t.Fatal(err)
		}
		same("call_keys", k.encode(), d.CallKeys)
		same("signature message", callKeysMessage(d.CallKeys), []byte(d.SignatureMessage))
		same("proof", l.proof(d.CallKeys), d.Proof)
		ref := Ref{User: d.User, Device: d.Device, JoinID: JoinID(d.JoinID)}
		dev, err := checkAnnouncement(v.Room, call, &l, Announced{Ref: ref, CallKeys: Bytes(d.CallKeys), Sig: Bytes(d.Sig), Proof: Bytes(d.Proof)})
		if err != nil {
			t.Fatal(err)
		}
		devices = append(devices, dev)
	}
	s := newSchedule(&l, v.Room, call, devices[0].ref)
	for _, b := range v.BaseKeys {
		key := s.baseKey(label(b.Label), b.Generation, &megolm.Ratchet{Data: [stateSize]byte(b.State), Counter: b.Index})
		same("base key "+b.Label, key[:], b.BaseKey)
	}
	checkWrapVector(t, &v, devices, call)

	content, err := parseData(v.Data.Content)
	if err != nil {
		t.Fatal(err)
	}
	same("data content", content.encode(), v.Data.Content)
	message := dataMessage(v.Room, call, devices[0].ref.JoinID, &content)
	same("data message", message, v.Data.Message)
	if !verify(devices[0].ed25519[:], message, v.Data.Sig) {
		t.Error("the data signature does not verify")
	}
}

func checkWrapVector(t *testing.T, v *keyVectors, devices []*device, call CallID) {
	t.Helper()
	p := v.Wrap
	dk, err := mlkem.NewDecapsulationKey768(v.Recipient.MLKEMSeed)
	if err != nil {
		t.Fatal(err)
	}
	k, err := decapsulate(dk, p.CT, devices[0].ref, devices[1].ref, v.Room, call)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(k.ss, p.SS) || !bytes.Equal(k.salt[:], p.Salt) || !bytes.Equal(k.id[:], p.KEMID) {
		t.Errorf("ss %x, salt %x, kem_id %x", k.ss, k.salt, k.id)
	}
	if got := k.wrapKey(p.R); !bytes.Equal(got, p.WrapKey) {
		t.Errorf("wrap key %x", got)
	}
	state := shareState{generation: p.Generation, index: p.Index, state: [stateSize]byte(p.State)}
	if got := k.seal(p.R, state); !bytes.Equal(got, p.Sealed) {
		t.Errorf("sealed %x", got)
	}
	if got, err := k.open(p.R, p.Sealed, p.Generation, p.Index); err != nil || got != state {
		t.Errorf("opened: %v", err)
	}
	if !bytes.Equal(wrapAAD(p.Generation, p.Index), p.AAD) {
		t.Error("AAD")
	}
}
