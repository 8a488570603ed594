package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// golden gives the compact text of a golden example with one replacement, which must apply.
func golden(t testing.TB, typ Type, old, new string) []byte {
	text, err := os.ReadFile(goldenPath(typ))
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		t.Fatal(err)
	}
	if old == "" {
		return compact.Bytes()
	}
	if !strings.Contains(compact.String(), old) {
		t.Fatalf("%s holds no %s", typ, old)
	}
	return []byte(strings.Replace(compact.String(), old, new, 1))
}

func TestDecodeClientRefuses(t *testing.T) {
	big := strings.Repeat("A", MaxMessageSize)
	joinID := `"join_id":"` + mustText(t, octets(1, joinIDSize)) + `"`
	for name, c := range map[string]struct {
		text []byte
		code Code
		id   uint64
	}{
		"empty":                  {nil, CodeBadMessage, 0},
		"not JSON":               {[]byte(`hello`), CodeBadMessage, 0},
		"array":                  {[]byte(`[]`), CodeBadMessage, 0},
		"string":                 {[]byte(`"ping"`), CodeBadMessage, 0},
		"number":                 {[]byte(`1`), CodeBadMessage, 0},
		"no type":                {[]byte(`{"id":3}`), CodeBadMessage, 3},
		"unknown type":           {[]byte(`{"type":"shout","id":3}`), CodeBadMessage, 3},
		"server's type":          {[]byte(`{"type":"pong","id":3}`), CodeBadMessage, 3},
		"type is a number":       {[]byte(`{"type":1,"id":3}`), CodeBadMessage, 0},
		"no id":                  {[]byte(`{"type":"leave"}`), CodeBadMessage, 0},
		"negative id":            {[]byte(`{"type":"leave","id":-1}`), CodeBadMessage, 0},
		"fraction id":            {[]byte(`{"type":"leave","id":1.5}`), CodeBadMessage, 0},
		"id beyond 2^53":         {[]byte(`{"type":"leave","id":9007199254740992}`), CodeBadMessage, 0},
		"trailing bytes":         {[]byte(`{"type":"leave","id":1}{}`), CodeBadMessage, 0},
		"trailing bracket":       {[]byte(`{"type":"leave","id":1}]`), CodeBadMessage, 0},
		"unknown field":          {[]byte(`{"type":"leave","id":4,"why":1}`), CodeBadMessage, 4},
		"unknown field inside":   {golden(t, TypeClaimKeys, `"user":`, `"extra":1,"user":`), CodeBadMessage, 3},
		"field in capitals":      {[]byte(`{"type":"leave","ID":4}`), CodeBadMessage, 0},
		"field with long s":      {[]byte("{\"type\":\"ping\",\"id\":4,\"\u017feq\":1}"), CodeBadMessage, 0},
		"escaped field":          {[]byte(`{"type":"leave","\u0069d":4}`), CodeBadMessage, 0},
		"field twice":            {[]byte(`{"type":"leave","id":4,"id":5}`), CodeBadMessage, 0},
		"field twice inside":     {golden(t, TypeClaimKeys, joinIDOf(t, 2), joinIDOf(t, 2)+`,`+joinID), CodeBadMessage, 0},
		"null":                   {[]byte(`{"type":"leave","id":null}`), CodeBadMessage, 0},
		"null list":              {[]byte(`{"type":"claim_keys","id":4,"devices":null}`), CodeBadMessage, 0},
		"list left out":          {[]byte(`{"type":"claim_keys","id":4}`), CodeBadMessage, 4},
		"many fields":            {[]byte(`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1,"n":1,"o":1,"p":1,"q":1}`), CodeBadMessage, 0},
		"deep":                   {[]byte(`{"type":"leave","id":4,"x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`), CodeBadMessage, 0},
		"invalid UTF-8":          {golden(t, TypeHello, "blue", "bl\xff"), CodeBadMessage, 0},
		"too long":               {golden(t, TypeSendData, `"body":"`, `"body":"`+big), CodeTooLarge, 0},
		"body too long":          {golden(t, TypeSendData, `"body":"`, `"body":"`+big[:4*(MaxDataSize/3+1)]), CodeTooLarge, 5},
		"body empty":             {[]byte(`{"type":"send_data","id":5,"body":""}`), CodeBadMessage, 5},
		"base64 padded":          {[]byte(`{"type":"send_data","id":5,"body":"AA=="}`), CodeBadMessage, 5},
		"base64 of URLs":         {[]byte(`{"type":"send_data","id":5,"body":"__8"}`), CodeBadMessage, 5},
		"base64 trailing bits":   {[]byte(`{"type":"send_data","id":5,"body":"AB"}`), CodeBadMessage, 5},
		"base64 line break":      {[]byte(`{"type":"send_data","id":5,"body":"AA\nAA"}`), CodeBadMessage, 5},
		"base64 carriage return": {[]byte(`{"type":"send_data","id":5,"body":"AA\rAA"}`), CodeBadMessage, 5},
		"version 2":              {golden(t, TypeHello, `"version":1`, `"version":2,"news":true`), CodeBadVersion, 1},
		"resume of version 2":    {golden(t, TypeResume, `"version":1`, `"version":2`), CodeBadVersion, 1},
		"device in small":        {golden(t, TypeHello, "QX7PZK29LM", "qx7pzk29lm"), CodeBadMessage, 1},
		"device with a bar":      {golden(t, TypeHello, "QX7PZK29LM", "QX7PZK29|M"), CodeBadMessage, 1},
		"token too long":         {golden(t, TypeHello, `"token":"`, `"token":"`+big[:MaxTokenSize]), CodeTooLarge, 1},
		"join id short":          {golden(t, TypeJoin, joinIDOf(t, 1), `"join_id":"AAAA"`), CodeBadMessage, 2},
		"proof short":            {golden(t, TypeJoin, `"proof":"`+mustText(t, octets(5, proofSize)), `"proof":"AAAA`), CodeBadMessage, 2},
		"sig empty":              {golden(t, TypeJoin, mustText(t, octets(4, sigSize)), ""), CodeBadMessage, 2},
		"call_keys too long":     {golden(t, TypeJoin, `"call_keys":"`, `"call_keys":"`+big[:4*(MaxCallKeysSize/3+1)]), CodeTooLarge, 2},
		"fallback key left out":  {golden(t, TypeJoin, goldenFallback(t), ""), CodeBadMessage, 2},
		"user with a bar":        {golden(t, TypeClaimKeys, "guest-", "guest|"), CodeBadMessage, 3},
		"user with a control":    {golden(t, TypeClaimKeys, "guest-", `guest\u0000`), CodeBadMessage, 3},
		"user of 10 kB":          {golden(t, TypeClaimKeys, "guest-", strings.Repeat("g", 10000)), CodeBadMessage, 3},
		"user without server":    {golden(t, TypeClaimKeys, ":meet.example", ""), CodeBadMessage, 3},
		"olm 2":                  {golden(t, TypeToDevice, `"olm":0`, `"olm":2`), CodeBadMessage, 4},
		"body not base64":        {golden(t, TypeToDevice, `"body":"`, `"body":"<`), CodeBadMessage, 4},
		"envelope too long":      {golden(t, TypeToDevice, `"body":"`, `"body":"`+big[:MaxEnvelopeSize]), CodeTooLarge, 4},
		"sender_key short":       {golden(t, TypeToDevice, `"sender_key":"`+mustText(t, octets(25, keySize)), `"sender_key":"A`), CodeBadMessage, 4},
		"129 recipients":         {many(t, TypeToDevice, "messages", MaxRecipients+1), CodeTooLarge, 4},
		"129 claims":             {many(t, TypeClaimKeys, "devices", MaxClaims+1), CodeTooLarge, 3},
		"101 one-time keys":      {many(t, TypeUploadKeys, "one_time_keys", MaxOneTimeKeys+1), CodeTooLarge, 7},
		"unknown source":         {golden(t, TypePublish, `"mic"`, `"ear"`), CodeBadMessage, 6},
		"unknown codec":          {golden(t, TypePublish, `"vp8"`, `"vp7"`), CodeBadMessage, 6},
		"a mid twice":            {golden(t, TypePublish, `"mid":"1"`, `"mid":"0"`), CodeBadMessage, 6},
		"no mid":                 {golden(t, TypePublish, `"mid":"1"`, `"mid":""`), CodeBadMessage, 6},
		"9 tracks":               {many(t, TypePublish, "tracks", MaxTracks+1), CodeTooLarge, 6},
		"tracks left out":        {[]byte(`{"type":"publish","id":6,"sdp":"v=0"}`), CodeBadMessage, 6},
		"sdp too long":           {golden(t, TypePublish, `"sdp":"`, `"sdp":"`+big[:MaxSDPSize]), CodeTooLarge, 6},
		"sdp empty":              {[]byte(`{"type":"subscribe_answer","id":8,"offer":1,"sdp":""}`), CodeBadMessage, 8},
		"seq beyond 2^53":        {golden(t, TypePing, `"seq":41`, `"seq":9007199254740992`), CodeBadMessage, 9},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := DecodeClient(c.text)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %+v, %v", m, err)
			}
			if e.Code != c.code || e.ID != c.id || e.Message == "" {
				t.Errorf("got code %s, id %d (%s), want %s, %d", e.Code, e.ID, e.Message, c.code, c.id)
			}
			if _, err := Encode(e); err != nil || e.check() != nil {
				t.Errorf("cannot be sent: %v, %v", err, e.check())
			}
		})
	}
}

func TestDecodeServerRefuses(t *testing.T) {
	for name, text := range map[string][]byte{
		"client's type":     golden(t, TypePing, "", ""),
		"trailing":          append(golden(t, TypePong, "", ""), '{', '}'),
		"unknown field":     golden(t, TypePong, `"id"`, `"e2ee":false,"id"`),
		"too long":          golden(t, TypeWelcome, `"server":"`, `"server":"`+strings.Repeat("A", MaxServerMessage)),
		"call short":        golden(t, TypeWelcome, mustText(t, octets(6, callIDSize)), "AAAA"),
		"room no slug":      golden(t, TypeWelcome, "!blue-harbour", "!b"),
		"user without @":    golden(t, TypeWelcome, `"@guest`, `"guest`),
		"from with a bar":   golden(t, TypeData, "@guest-", "@guest|"),
		"members left out":  []byte(`{"type":"joined","id":2,"seq":2,"roster_version":5}`),
		"member unsigned":   golden(t, TypeJoined, mustText(t, octets(4, sigSize)), ""),
		"key short":         golden(t, TypeClaimedKeys, mustText(t, octets(20, keySize)), "AAAA"),
		"negative count":    golden(t, TypeKeyCount, "49", "-1"),
		"unknown source":    golden(t, TypeSubscribeOffer, `"mic"`, `"ear"`),
		"error codeless":    golden(t, TypeError, string(CodeAlreadyJoined), ""),
		"bye without code":  golden(t, TypeBye, string(CodeShuttingDown), ""),
		"offer not counted": golden(t, TypeSubscribeOffer, `"offer":3`, `"offer":-3`),
	} {
		if m, err := DecodeServer(text); err == nil {
			t.Errorf("%s: got %+v", name, m)
		}
	}
}

// K3: ids that could pass for something else where ids are joined are refused in every message that holds one, in both
// directions. encoding/json alone, without our checks, takes each of them.
func TestK3_IDsThatAreNotIDs(t *testing.T) {
	long := strings.Repeat("g", 10000)
	for typ := range examples() {
		text := string(golden(t, typ, "", ""))
		for _, c := range [][2]string{
			{"@guest-", "@guest|"}, {"@guest-", `@guest\u0000`}, {"@guest-", `@guest\n`}, {"@guest-", "@guest:"}, {"@guest-", "@Guest-"},
			{"@guest-", "guest-"}, {"@guest-", "@gu\u00e9st-"}, {"@guest-", "@" + long}, {":meet.example", ":meet|example"},
			{":meet.example", ""}, {":meet.example", ":" + long}, {"QX7PZK29LM", "QX7PZK29L|"}, {"QX7PZK29LM", "QX7PZK29L"},
			{"QX7PZK29LM", "QX7PZK29L\u212a"}, {"QX7PZK29LM", long}, {"B83NVW0ADT", `B83NVW0AD\u0000`}, {"B83NVW0ADT", "b83nvw0adt"},
		} {
			if !strings.Contains(text, c[0]) || c[0] == ":meet.example" && typ == TypeHello {
				continue
			}
			changed := []byte(strings.ReplaceAll(text, c[0], c[1]))
			if m, err := decodeAny(typ, changed); err == nil {
				t.Errorf("%s with %.20q for %q: got %+v", typ, c[1], c[0], m)
			}
			if err := json.Unmarshal(changed, reflect.New(reflect.TypeOf(examples()[typ]).Elem()).Interface()); err != nil {
				t.Errorf("%s with %.20q for %q: refused for another reason: %v", typ, c[1], c[0], err)
			}
		}
	}
}

func TestServerNames(t *testing.T) {
	for name, want := range map[string]bool{
		"localhost": true, "meet.example": true, "Meet.Example:8448": true, "192.0.2.1:80": true, "[2001:db8::1]": true, "[::1]:8448": true,
		"": false, ":80": false, "a:": false, "a:b": false, "a:1:2": false, "a:123456": false, "[::1": false, "[]": false, "[::1]80": false,
		"[g]": false, "a b": false, "a|b": false, "a/b": false, strings.Repeat("a", 256): false,
	} {
		if ValidServerName(name) != want {
			t.Errorf("%q: want %v", name, want)
		}
	}
}

// The errors quote nothing of what the peer sent, so that logging them is safe.
func TestErrorsQuoteNothing(t *testing.T) {
	const marker = "kettle"
	for _, text := range []string{
		`{"type":"` + marker + `","id":1}`,
		`{"type":"leave","id":1,"` + marker + `":1}`,
		`{"type":"hello","id":1,"version":1,"room":["` + marker + `"]}`,
		`{"type":"hello","id":1,"version":1,"room":"r","device":"` + marker + `"}`,
		marker,
	} {
		_, err := DecodeClient([]byte(text))
		if err == nil || strings.Contains(err.Error(), marker) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestErrorIs(t *testing.T) {
	_, err := DecodeClient(make([]byte, MaxMessageSize+1))
	if !errors.Is(err, &Error{Code: CodeTooLarge}) || errors.Is(err, &Error{Code: CodeBadMessage}) {
		t.Errorf("%v", err)
	}
}

// The largest legal messages must fit the frame: the limits have to agree with each other.
func TestLimitsAgree(t *testing.T) {
	member := Member{Device: Device{User: "@" + strings.Repeat("a", maxLocalpart) + ":meet.example", Device: "QX7PZK29LM", JoinID: octets(1, joinIDSize)},
		CallKeys: octets(1, MaxCallKeysSize), Sig: octets(1, sigSize), Proof: octets(1, proofSize)}
	joined := &Joined{ID: 1, Members: make([]Member, 300)}
	key := SignedKey{KeyID: strings.Repeat("k", maxKeyID), Key: octets(1, keySize), Sig: octets(1, sigSize)}
	join := &Join{ID: 1, JoinID: member.JoinID, CallKeys: member.CallKeys, Sig: member.Sig, Proof: member.Proof,
		OneTimeKeys: make([]SignedKey, MaxOneTimeKeys), FallbackKey: key}
	for i := range joined.Members {
		joined.Members[i] = member
	}
	for i := range join.OneTimeKeys {
		join.OneTimeKeys[i] = key
	}
	for _, m := range []Message{joined, join, &SendData{ID: 1, Body: octets(1, MaxDataSize)},
		&Publish{ID: 1, SDP: strings.Repeat("a", MaxSDPSize), Tracks: []Publication{}},
		&SubscribeOffer{SDP: strings.Repeat("a", MaxOfferSize), Tracks: []Subscription{}}} {
		text, err := Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := decodeAny(TypeOf(m), text); err != nil || !reflect.DeepEqual(back, m) {
			t.Errorf("%s of %d bytes: %v", TypeOf(m), len(text), err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob(goldenPath("*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if m, err := DecodeClient(text); err == nil {
			again(t, m)
		} else if !errors.As(err, new(*Error)) {
			t.Errorf("error of another kind: %v", err)
		}
		if m, err := DecodeServer(text); err == nil {
			again(t, m)
		}
	})
}

// again: what was decoded must encode, and decode to the same.
func again(t *testing.T, m Message) {
	text, err := Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	back, err := decodeAny(TypeOf(m), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	twice, err := Encode(back)
	if err != nil || !bytes.Equal(text, twice) {
		t.Errorf("%s became %s (%v)", text, twice, err)
	}
}

func mustText(t testing.TB, b Base64) string {
	text, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Trim(string(text), `"`)
}

func joinIDOf(t testing.TB, seed byte) string {
	return `"join_id":"` + mustText(t, octets(seed, joinIDSize)) + `"`
}

// goldenFallback is the last field of the golden Join.
func goldenFallback(t testing.TB) string {
	text := string(golden(t, TypeJoin, "", ""))
	return text[strings.Index(text, `,"fallback_key"`) : len(text)-1]
}

// many repeats the first element of a list until it has n.
func many(t testing.TB, typ Type, list string, n int) []byte {
	var m map[string]any
	if err := json.Unmarshal(golden(t, typ, "", ""), &m); err != nil {
		t.Fatal(err)
	}
	first := m[list].([]any)[0]
	elements := make([]any, n)
	for i := range elements {
		elements[i] = first
	}
	m[list] = elements
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
