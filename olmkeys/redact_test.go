package olmkeys

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// K14: no way of printing shows key bytes: fmt with any verb, slog as text or JSON, encoding/json.
func TestK14_KeysDoNotPrint(t *testing.T) {
	key := BaseKey(bytes.Repeat([]byte{0xa7, 0x3c}, 16))
	secret := Secret(bytes.Repeat([]byte{0x5b}, 16))
	seed := bytes.Repeat([]byte{0xd1, 0x0e, 0x77, 0xb2}, 8)
	identity, err := ParseIdentity(seed)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	n := w.nodeFrom("alice", Config{Secret: testSecret, Identity: identity})
	set, err := NewKeySet(KeysShared)
	if err != nil {
		t.Fatal(err)
	}
	fromOutside := SetKey{Key: append(bytes.Clone(secret), secret...)}
	out := w.outsideNode("oscar", KeysShared)
	out.in = true
	out.handle(fromOutside)
	if _, err := set.Set(fromOutside); err != nil {
		t.Fatal(err)
	}
	peerOf := Ref{User: "@bob:grotto.example", Device: "BOBXXXXXXX"}
	values := map[string]any{
		"BaseKey": key, "*BaseKey": &key, "Secret": secret,
		"SealWith": SealWith{KID: 1, BaseKey: key}, "OpenWith": OpenWith{From: peerOf, BaseKey: key},
		"effects": []Effect{SealWith{BaseKey: key}}, "Config": Config{Secret: secret},
		"Identity": *identity, "*Identity": identity, "Config with one": Config{Identity: identity}, "seed": identity.Bytes(),
		"plainKey": wireSealWith{BaseKey: plainKey(key)}, "Agent": n.agent, "map": map[string]any{"k": key, "s": secret},
		"SecretChanged": SecretChanged{Secret: secret}, "Remove": Remove{Secret: secret},
		"SetKey": fromOutside, "KeySet": set, "keys": set.Keys(), "Agent with keys from outside": out.agent,
	}
	needles := append(spellings(key[:]), spellings(secret)...)
	needles = append(needles, spellings(seed)...)
	// What the agent holds must not show either.
	needles = append(needles, spellings(n.agent.link.proofKey[:])...)
	needles = append(needles, spellings(n.agent.link.mediaSalt[:])...)
	needles = append(needles, spellings(n.agent.sender.sealing().ratchet.Data[:32])...)
	needles = append(needles, spellings(n.agent.account.olm.IdKeys.Ed25519.PrivateKey)...)
	for name, v := range values {
		var out strings.Builder
		// All verbs but %p, which fmt handles before it asks a value for its Format; go vet refuses it for these.
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b", "%o", "%U", "%c", "%t", "%e"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		fmt.Fprintln(&out, fmt.Errorf("wrapped %v", v))
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
		jsonLog := slog.New(slog.NewJSONHandler(&out, nil))
		if name != "plainKey" { // the one type made to be written as JSON; it never leaves EncodeEffects
			jsonLog.Info("x", "v", v)
			if b, err := json.Marshal(v); err == nil {
				out.Write(b)
			}
		}
		for _, needle := range needles {
			if strings.Contains(strings.ToLower(out.String()), needle) {
				t.Errorf("%s prints %q", name, needle)
			}
		}
	}
	b, err := EncodeEffects([]Effect{SealWith{BaseKey: key}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), base64.RawStdEncoding.EncodeToString(key[:])) {
		t.Error("the worker's boundary does not carry the key: the test could not see one")
	}
}

// spellings are ways in which bytes could show, in lower case.
func spellings(b []byte) []string {
	decimal := strings.Trim(fmt.Sprint(b[:4]), "[]")
	return []string{
		hex.EncodeToString(b[:6]),
		strings.ToLower(base64.StdEncoding.EncodeToString(b[:6])),
		decimal, strings.ReplaceAll(decimal, " ", ","),
		strings.ToLower(fmt.Sprintf("%#x, %#x, %#x, %#x", b[0], b[1], b[2], b[3])),
	}
}
