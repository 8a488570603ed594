package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/golden")

// octets gives n bytes that are told apart by seed, as base64 of keys and signatures looks.
func octets(seed byte, n int) Base64 {
	b := make(Base64, n)
	for i := range b {
		b[i] = seed*31 + byte(i)*7
	}
	return b
}

const exampleSDP = "v=0\r\no=- 4215775240449105457 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"

// examples holds one message of each type; [TestExamplesAreComplete] sees to that. The sizes of call_keys, bodies and
// descriptions are shorter than in life.
func examples() map[Type]Message {
	ada := Device{User: "@guest-k3v9x2mq:meet.example", Device: "QX7PZK29LM", JoinID: octets(1, joinIDSize)}
	bob := Device{User: "@guest-7h1rt0bz:meet.example", Device: "B83NVW0ADT", JoinID: octets(2, joinIDSize)}
	member := func(d Device, seed byte) Member {
		return Member{Device: d, CallKeys: octets(seed, 96), Sig: octets(seed+1, sigSize), Role: RoleParticipant, Proof: octets(seed+2, proofSize)}
	}
	oneTime := SignedKey{KeyID: "AAAAAQ", Key: octets(20, keySize), Sig: octets(21, sigSize)}
	fallback := SignedKey{KeyID: "AAAABA", Key: octets(22, keySize), Sig: octets(23, sigSize), Fallback: true}
	envelope := Envelope{To: bob, Olm: 0, Body: base64.RawStdEncoding.EncodeToString(octets(24, 120)),
		Sender: base64.RawStdEncoding.EncodeToString(octets(25, keySize))}
	list := []Message{
		&Hello{ID: 1, Version: Version, Room: "blue-harbour", Device: "QX7PZK29LM", Token: "eyJhbGciOiJFZERTQSJ9.e30.c2ln",
			Replaces: "h2c8Vq0nRr5Yp1TgB6uWxA"},
		&Resume{ID: 1, Version: Version, Token: "Zk3v9x2mqT7h1rt0bzQX7P", Seq: 41},
		&Join{ID: 2, JoinID: ada.JoinID, CallKeys: octets(3, 96), Sig: octets(4, sigSize), Proof: octets(5, proofSize),
			OneTimeKeys: []SignedKey{oneTime}, FallbackKey: fallback},
		&UploadKeys{ID: 7, OneTimeKeys: []SignedKey{oneTime}, FallbackKey: &fallback},
		&ClaimKeys{ID: 3, Devices: []Device{bob}},
		&ToDevice{ID: 4, Messages: []Envelope{envelope}},
		&SendData{ID: 5, To: []Device{bob}, Body: octets(26, 80)},
		&Prove{ID: 11, Proof: octets(27, proofSize)},
		&Publish{ID: 6, SDP: exampleSDP, Tracks: []Publication{{MID: "0", Source: SourceMic, Codec: CodecOpus}, {MID: "1", Source: SourceCamera,
			Codec: CodecVP8, Layers: []Layer{{"q", 320, 180}, {"h", 640, 360}, {"f", 1280, 720}}}}},
		&SubscribeAnswer{ID: 8, Offer: 3, SDP: exampleSDP},
		&Show{ID: 12, Videos: []Shown{{"1", 640, 360, RankSpeaker}}, Silent: []string{"4"}},
		&Restart{ID: 13},
		&Knock{ID: 14, Body: octets(28, 40)},
		&Admit{ID: 15, Knock: 3, Admit: true},
		&SetRoom{ID: 16, Locked: true, WaitingRoom: true},
		&SetRole{ID: 17, Device: bob, Role: RoleModerator},
		&Expel{ID: 18, Device: bob},
		&EndCall{ID: 19, Breakouts: true},
		&TellBreakout{ID: 20, Room: "blue-harbour--k7mq2x", Body: octets(29, 60)},
		&Ping{ID: 9, Seq: 41},
		&Leave{ID: 10},

		&Welcome{ID: 1, Seq: 1, Version: Version, Server: "0.1.0", Room: "!blue-harbour:meet.example", Call: octets(6, callIDSize),
			User: ada.User, DeviceID: ada.Device, Resume: "Zk3v9x2mqT7h1rt0bzQX7P", ResumeSecs: ResumeSeconds, Off: []Feature{FeatureChat, FeatureScreenshare},
			ICEServers: []ICEServer{{"turn:meet.example:3478?transport=udp", "1800003600:guest-k3v9x2mq", "cGFzc3dvcmQ"}}},
		&Resumed{ID: 1, LastID: 9},
		&Joined{ID: 2, Seq: 2, Version: 5, Members: []Member{member(ada, 3), member(bob, 7)}, Locked: true, WaitingRoom: true, EndsIn: 5400},
		&Roster{Seq: 3, Version: 6, Left: []Device{bob}, Joined: []Member{member(ada, 3)}},
		&ClaimedKeys{ID: 3, Seq: 4, Keys: []ClaimedKey{{Device: bob, Key: oneTime}}},
		&KeyCount{Seq: 5, OneTimeKeys: 49},
		&DeviceMessage{Seq: 6, From: ada, Envelope: envelope},
		&Data{Seq: 7, From: ada, Body: octets(26, 80)},
		&Proof{Seq: 13, Device: ada, Proof: octets(27, proofSize)},
		&Published{ID: 6, Seq: 8, SDP: exampleSDP},
		&SubscribeOffer{Seq: 9, Offer: 3, SDP: exampleSDP, Tracks: []Subscription{{"0", bob, SourceMic, CodecOpus}}},
		&Wanted{Seq: 14, Tracks: []WantedTrack{{"1", 2}}},
		&Streams{Seq: 15, Tracks: []Stream{{"1", StreamLive, 1}, {"3", StreamPaused, -1}}},
		&Speakers{Seq: 16, Devices: []Device{bob}},
		&RoomState{Seq: 17, Locked: true, WaitingRoom: true},
		&Knocks{Seq: 18, Waiting: []Knocker{{3, bob.User, bob.Device, octets(28, 40)}}},
		&RoleChanged{Seq: 19, Device: bob, Role: RoleModerator},
		&FromMain{Seq: 20, Body: octets(29, 60)},
		&SwitchOff{Seq: 21, Source: SourceMic},
		&Stopping{Seq: 22, Seconds: 600},
		&OK{ID: 4, Seq: 10},
		&Pong{ID: 9},
		&Error{ID: 2, Seq: 11, Code: CodeAlreadyJoined, Message: "this session has joined already", Hint: "open another socket for another device"},
		&Bye{Seq: 12, Code: CodeShuttingDown, Message: "the server stops; come back in a moment"},
	}
	byType := map[Type]Message{}
	for _, m := range list {
		byType[TypeOf(m)] = m
	}
	return byType
}

func goldenPath(typ Type) string { return filepath.Join("testdata", "golden", string(typ)+".json") }

func decodeAny(typ Type, data []byte) (Message, error) {
	if _, ok := clientMessages[typ]; ok {
		return DecodeClient(data)
	}
	return DecodeServer(data)
}

func TestGolden(t *testing.T) {
	for typ, example := range examples() {
		t.Run(string(typ), func(t *testing.T) {
			text, err := Encode(example)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				var pretty bytes.Buffer
				if err := json.Indent(&pretty, text, "", "  "); err != nil {
					t.Fatal(err)
				}
				pretty.WriteByte('\n')
				if err := os.WriteFile(goldenPath(typ), pretty.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			golden, err := os.ReadFile(goldenPath(typ))
			if err != nil {
				t.Fatalf("%v; hint: go test ./internal/wire -update", err)
			}
			var compact bytes.Buffer
			if err := json.Compact(&compact, golden); err != nil {
				t.Fatal(err)
			}
			if compact.String() != string(text) {
				t.Errorf("encoded:\n%s\ngolden:\n%s", text, compact.Bytes())
			}
			decoded, err := decodeAny(typ, golden)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(decoded, example) {
				t.Errorf("decoded %+v, want %+v", decoded, example)
			}
		})
	}
}

func TestExamplesAreComplete(t *testing.T) {
	want := append(slices.Collect(maps.Keys(clientMessages)), slices.Collect(maps.Keys(serverMessages))...)
	have := slices.Collect(maps.Keys(examples()))
	slices.Sort(want)
	slices.Sort(have)
	if !slices.Equal(want, have) {
		t.Errorf("examples of %v, messages %v", have, want)
	}
	files, err := filepath.Glob(goldenPath("*"))
	if err != nil || len(files) != len(want) {
		t.Errorf("%d golden files for %d messages (%v)", len(files), len(want), err)
	}
}

// Every message must have no optional field left empty in its example, or the golden files would not show it.
func TestExamplesShowEveryField(t *testing.T) {
	for typ, m := range examples() {
		v := reflect.ValueOf(m).Elem()
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; v.Field(i).IsZero() && name != "Type" {
				t.Errorf("%s: example leaves %s empty", typ, name)
			}
		}
	}
}

func TestEncodeNeverWritesNull(t *testing.T) {
	for typ, create := range serverMessages {
		if text, err := Encode(create()); err != nil || strings.Contains(string(text), "null") {
			t.Errorf("%s: %s %v", typ, text, err)
		}
	}
	for typ, create := range clientMessages {
		if text, err := Encode(create()); err != nil || strings.Contains(string(text), "null") {
			t.Errorf("%s: %s %v", typ, text, err)
		}
	}
}

// fillLists looks at the top of messages only, so a list further inside is left out when it is empty.
func TestListsStandAtTheTop(t *testing.T) {
	for typ, m := range examples() {
		top := reflect.TypeOf(m).Elem()
		for i := range top.NumField() {
			inner := top.Field(i).Type
			if inner.Kind() == reflect.Slice || inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			if inner.Kind() != reflect.Struct {
				continue
			}
			for j := range inner.NumField() {
				f := inner.Field(j)
				if f.Type.Kind() == reflect.Slice && f.Type != reflect.TypeFor[Base64]() && !strings.HasSuffix(f.Tag.Get("json"), ",omitempty") {
					t.Errorf("%s: %s holds the list %s", typ, inner, f.Name)
				}
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	for typ, m := range examples() {
		switch m := m.(type) {
		case ClientMessage:
			SetID(m, 77)
			if ID(m) != 77 {
				t.Errorf("%s: id %d", typ, ID(m))
			}
		case ServerMessage:
			SetSeq(m, 78)
			numbered := typ != TypePong && typ != TypeResumed
			if got := Seq(m); numbered != (got == 78) {
				t.Errorf("%s: seq %d", typ, got)
			}
		}
	}
}
