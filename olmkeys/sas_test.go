package olmkeys

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sasVectors is testdata/sas.json: one verification by emoji with everything in between.
type sasVectors struct {
	Transaction string         `json:"transaction_id"`
	Start       string         `json:"start_canonical_json"`
	Starter     sasVectorSide  `json:"starter"`
	Accepter    sasVectorSide  `json:"accepter"`
	Commitment  hexBytes       `json:"commitment"`
	Shared      hexBytes       `json:"shared"`
	Info        string         `json:"info"`
	Bytes       hexBytes       `json:"sas_bytes"`
	Emoji       []int          `json:"emoji"`
	Decimal     []int          `json:"decimal"`
	StarterMAC  sasVectorMACs  `json:"mac_of_starter"`
	AccepterMAC sasVectorMACs  `json:"mac_of_accepter"`
	QR          sasVectorsOfQR `json:"qr"`
}

type sasVectorSide struct {
	User    string   `json:"user"`
	Device  string   `json:"device"`
	Private hexBytes `json:"private"`
	Public  hexBytes `json:"public"`
	Ed25519 hexBytes `json:"ed25519"`
}

type sasVectorMACs struct {
	KeyInfo  string   `json:"key_info"`
	KeyKey   hexBytes `json:"key_mac_key"`
	Key      string   `json:"key_mac"`
	KeysInfo string   `json:"keys_info"`
	KeysKey  hexBytes `json:"keys_mac_key"`
	Keys     string   `json:"keys_mac"`
}

type sasVectorsOfQR struct {
	Shower  hexBytes `json:"shower_call_keys_sha256"`
	Scanner hexBytes `json:"scanner_call_keys_sha256"`
	Secret  hexBytes `json:"secret"`
	Text    string   `json:"text"`
}

// slowSAS derives the vectors from Matrix's specification, without the code under test.
func slowSAS() (v sasVectors) {
	v.Transaction = "S0meRandomTransaction.1"
	v.Starter = slowSide("@alice:grotto.example", "ALICEXXXXX", 1)
	v.Accepter = slowSide("@bob:grotto.example", "BOBXXXXXXX", 65)
	v.Start = `{"from_device":"ALICEXXXXX","hashes":["sha256"],"key_agreement_protocols":["curve25519-hkdf-sha256"],` +
		`"message_authentication_codes":["hkdf-hmac-sha256.v2"],"method":"m.sas.v1",` +
		`"short_authentication_string":["decimal","emoji"],"transaction_id":"S0meRandomTransaction.1"}`
	sum := sha256.Sum256([]byte(encoding.EncodeToString(v.Accepter.Public) + v.Start))
	v.Commitment = sum[:]
	own, err := ecdh.X25519().NewPrivateKey(v.Starter.Private)
	if err != nil {
		panic(err)
	}
	theirs, err := ecdh.X25519().NewPublicKey(v.Accepter.Public)
	if err != nil {
		panic(err)
	}
	if v.Shared, err = own.ECDH(theirs); err != nil {
		panic(err)
	}
	v.Info = "MATRIX_KEY_VERIFICATION_SAS|@alice:grotto.example|ALICEXXXXX|" + encoding.EncodeToString(v.Starter.Public) +
		"|@bob:grotto.example|BOBXXXXXXX|" + encoding.EncodeToString(v.Accepter.Public) + "|" + v.Transaction
	v.Bytes = slowHKDF(v.Shared, make([]byte, 32), []byte(v.Info), 6)
	bits := ""
	for _, b := range v.Bytes {
		bits += fmt.Sprintf("%08b", b)
	}
	for i := range 7 {
		v.Emoji = append(v.Emoji, slowBits(bits[6*i:6*i+6]))
	}
	for i := range 3 {
		v.Decimal = append(v.Decimal, 1000+slowBits(bits[13*i:13*i+13]))
	}
	v.StarterMAC = slowMACs(&v, v.Starter, v.Accepter)
	v.AccepterMAC = slowMACs(&v, v.Accepter, v.Starter)
	v.QR = sasVectorsOfQR{Shower: counting(1, 32), Scanner: counting(101, 32), Secret: counting(201, 16)}
	v.QR.Text = "grotto:v1:" + secretEncoding.EncodeToString(slices.Concat(v.QR.Shower, v.QR.Scanner, v.QR.Secret))
	return v
}

func slowBits(s string) int {
	n, err := strconv.ParseUint(s, 2, 32)
	if err != nil {
		panic(err)
	}
	return int(n)
}

func slowSide(user, device string, first int) sasVectorSide {
	s := sasVectorSide{User: user, Device: device, Private: counting(first, 32), Ed25519: counting(first+32, 32)}
	k, err := ecdh.X25519().NewPrivateKey(s.Private)
	if err != nil {
		panic(err)
	}
	s.Public = k.PublicKey().Bytes()
	return s
}

func slowMACs(v *sasVectors, from, to sasVectorSide) (m sasVectorMACs) {
	base := "MATRIX_KEY_VERIFICATION_MAC" + from.User + from.Device + to.User + to.Device + v.Transaction
	id := "ed25519:" + from.Device
	of := func(info, value string) (hexBytes, string) {
		key := slowHKDF(v.Shared, make([]byte, 32), []byte(info), 32)
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(value))
		return key, encoding.EncodeToString(mac.Sum(nil))
	}
	m.KeyInfo, m.KeysInfo = base+id, base+"KEY_IDS"
	m.KeyKey, m.Key = of(m.KeyInfo, encoding.EncodeToString(from.Ed25519))
	m.KeysKey, m.Keys = of(m.KeysInfo, id)
	return m
}

func TestSASVectors(t *testing.T) {
	v := loadVectors(t, "sas.json", slowSAS)
	x := sasExchange{transaction: v.Transaction}
	var private []*ecdh.PrivateKey
	for side, from := range map[*sasSide]sasVectorSide{&x.starter: v.Starter, &x.accepter: v.Accepter} {
		k, err := newSASKey(bytes.NewReader(from.Private))
		if err != nil || !bytes.Equal(k.PublicKey().Bytes(), from.Public) {
			t.Fatalf("%x, %v", k.PublicKey().Bytes(), err)
		}
		private = append(private, k)
		*side = sasSide{user: from.User, device: from.Device, public: [32]byte(from.Public)}
	}
	start := startMessage{
		FromDevice: v.Starter.Device, Hashes: []string{sasHash}, KeyAgreements: []string{sasAgreement}, MACs: []string{sasMAC},
		Method: methodSAS, SAS: []string{sasDecimal, sasEmoji}, Transaction: v.Transaction,
	}
	if got := string(start.canonical()); got != v.Start {
		t.Errorf("start %s", got)
	}
	if got := commitment(x.accepter.public, []byte(v.Start)); !bytes.Equal(got[:], v.Commitment) {
		t.Errorf("commitment %x", got)
	}
	for i, other := range []int{1, 0} {
		shared, err := sasShared(private[i], private[other].PublicKey().Bytes())
		if err != nil || !bytes.Equal(shared, v.Shared) {
			t.Errorf("shared %x, %v", shared, err)
		}
		x.shared = shared
	}
	if x.info() != v.Info {
		t.Errorf("info %s", x.info())
	}
	b := x.bytes()
	if !bytes.Equal(b[:], v.Bytes) || !slices.Equal(emojiOf(b), v.Emoji) || !slices.Equal(decimalOf(b), v.Decimal) {
		t.Errorf("%x, %v, %v", b, emojiOf(b), decimalOf(b))
	}
	for _, c := range []struct {
		from, to *sasSide
		side     sasVectorSide
		want     sasVectorMACs
	}{{&x.starter, &x.accepter, v.Starter, v.StarterMAC}, {&x.accepter, &x.starter, v.Accepter, v.AccepterMAC}} {
		key, keys := x.macs(c.from, c.to, [32]byte(c.side.Ed25519))
		if encoding.EncodeToString(key) != c.want.Key || encoding.EncodeToString(keys) != c.want.Keys {
			t.Errorf("MACs of %s: %x, %x", c.side.User, key, keys)
		}
	}
	code := qrCode{shower: [32]byte(v.QR.Shower), scanner: [32]byte(v.QR.Scanner), secret: [qrSecretSize]byte(v.QR.Secret)}
	if code.String() != v.QR.Text {
		t.Errorf("QR %s", code.String())
	}
}

// The extremes of the two ways to show the bytes.
func TestSASExtremes(t *testing.T) {
	zero, full := [6]byte{}, [6]byte{255, 255, 255, 255, 255, 255}
	if !slices.Equal(emojiOf(zero), make([]int, 7)) || !slices.Equal(decimalOf(zero), []int{1000, 1000, 1000}) ||
		!slices.Equal(emojiOf(full), []int{63, 63, 63, 63, 63, 63, 63}) || !slices.Equal(decimalOf(full), []int{9191, 9191, 9191}) {
		t.Errorf("%v %v %v %v", emojiOf(zero), decimalOf(zero), emojiOf(full), decimalOf(full))
	}
}

// testdata/emoji.json is Matrix's list, which the page reads, too.
func TestEmojiList(t *testing.T) {
	list := loadVectors(t, "emoji.json", func() (list [][2]string) {
		for _, e := range emojiList {
			list = append(list, [2]string{e.Glyph, e.Name})
		}
		return list
	})
	if len(list) != 64 {
		t.Fatalf("%d emoji", len(list))
	}
	seen := map[string]bool{}
	for i, e := range list {
		if got := EmojiAt(i); got != (Emoji{e[0], e[1]}) || got.Glyph == "" || strings.TrimSpace(got.Name) == "" || seen[e[0]] || seen[e[1]] {
			t.Errorf("%d: %+v, %v", i, got, e)
		}
		seen[e[0]], seen[e[1]] = true, true
	}
}

// A value has one spelling, or the hash that is committed to could be of another start than the one that is read.
func TestStartIsCanonical(t *testing.T) {
	good := slowSAS().Start
	m, err := parseStart([]byte(good))
	if err != nil || string(m.canonical()) != good {
		t.Fatalf("%s: %v", m.canonical(), err)
	}
	other := `{"transaction_id": "S0meRandomTransaction.1", "short_authentication_string":["decimal","emoji"], "method":"m.sas.v1",
		"message_authentication_codes":["hkdf-hmac-sha256.v2"],"key_agreement_protocols":["curve25519-hkdf-sha256"],"hashes":["sha256"],"from_device":"\u0041LICEXXXXX"}`
	again, err := parseStart([]byte(other))
	if err != nil || !reflect.DeepEqual(m, again) {
		t.Errorf("%+v, %v", again, err)
	}
	for _, bad := range []string{`|`, `\n`, `\"`, `\\`, `<`, `&`, `é`, `\u2028`, ` `, ``, strings.Repeat("x", maxTransaction+1)} {
		if _, err := parseStart([]byte(strings.Replace(good, "S0meRandomTransaction.1", bad, 1))); err == nil {
			t.Errorf("transaction %q accepted", bad)
		}
		if _, err := parseStart([]byte(strings.Replace(good, `"emoji"`, `"emoji","`+bad+`"`, 1))); err == nil {
			t.Errorf("algorithm %q accepted", bad)
		}
	}
	for _, bad := range []string{strings.Replace(good, `{`, `{"more":1,`, 1), strings.Replace(good, `["sha256"]`, `null`, 1),
		strings.Replace(good, `["sha256"]`, `["sha256",null]`, 1), strings.Replace(good, `["sha256"]`, `"sha256"`, 1),
		strings.Replace(good, `["sha256"]`, `[`+strings.Repeat(`"a",`, maxChoices)+`"sha256"]`, 1)} {
		if _, err := parseStart([]byte(bad)); err == nil {
			t.Errorf("%s accepted", bad)
		}
	}
}
