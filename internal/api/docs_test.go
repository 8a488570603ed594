package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/rest"
	"github.com/grotto-meet/grotto/internal/store"
)

// requests of docs/api.md, in the order in which they are made. PERSON and SESSION stand for what an earlier answer had.
var requests = []struct{ name, method, path, body string }{
	{"create-room", "POST", "/rooms", `{"friendly_url":"weekly","topic":"Weekly","privacy":"private","max_participants":20,"polls_enabled":false}`},
	{"update-room", "PATCH", "/rooms/weekly", `{"is_locked":true,"session_length":90}`},
	{"list-rooms", "GET", "/rooms?limit=10&order=desc", ""},
	{"create-token", "POST", "/rooms/weekly/token", `{"role":"moderator","external_id":"staff-7","expires_in":1800}`},
	{"list-participants", "GET", "/rooms/weekly/live/participants", ""},
	{"mute-participant", "POST", "/rooms/weekly/live/participants/PERSON/mute", `{"source":"camera"}`},
	{"list-sessions", "GET", "/rooms/weekly/sessions", ""},
	{"create-webhook", "POST", "/webhooks", `{"url":"https://booking.example.org/grotto","events":["session_started","session_ended"]}`},
	{"no-encryption", "POST", "/rooms", `{"topic":"Weekly","e2ee_enabled":false}`},
	{"record", "POST", "/rooms/weekly/recordings/start", ""},
}

// changing is what is another each time: it is shown as these.
var changing = []struct {
	what *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`"\d{4}-\d\d-\d\dT[0-9:.]+Z"`), `"2026-11-21T09:30:00Z"`},
	{regexp.MustCompile(`eyJ[\w.-]+`), "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"},
	{regexp.MustCompile(`whsec_[\w+/=]+`), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
	{regexp.MustCompile(`"([A-Z2-7]{26})"`), `"KZ5QJ3D7MXOTWGR2ELA6VNY4UC"`},
	{regexp.MustCompile(`"id": "[a-z0-9]{12}"`), `"id": "k3v9x2mq7h1r"`},
	{regexp.MustCompile(`"[0-9a-f]{32}"`), `"bac1c8cfd6dde4ebf2f900070e151c23"`},
}

var (
	example = regexp.MustCompile("(?s)<!-- (example|code|event) ?([a-z0-9_./-]*) -->\n```(http|go|ts|json)\n.*?```\n")
	indent  = regexp.MustCompile(`(?m)^\t`)
)

// TestDocs: docs/api.md shows what a server answers, and code that compilers have seen.
func TestDocs(t *testing.T) {
	const file = "../../docs/api.md"
	shown := answered(newBench(t, nil))
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	want := example.ReplaceAllFunc(have, func(block []byte) []byte {
		m := example.FindSubmatch(block)
		kind, name, language := string(m[1]), string(m[2]), string(m[3])
		text := shown[kind+" "+name]
		if kind == "code" {
			text = code(t, name)
		}
		if text == "" {
			t.Errorf("there is no example %s", name)
		}
		seen++
		return []byte(fmt.Sprintf("%s\n```%s\n%s```\n", strings.SplitN(string(block), "\n", 2)[0], language, text))
	})
	if seen != len(requests)+3 {
		t.Errorf("docs/api.md has %d examples", seen)
	}
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(have, want) {
		t.Error("docs/api.md shows other answers than a server gives; hint: go test ./internal/api -update")
	}
}

// answered makes all requests, with somebody in the room from the middle on.
func answered(b *bench) map[string]string {
	all := map[string]string{}
	person := ""
	for _, r := range requests {
		if r.name == "list-participants" {
			pass := decoded[rest.Token](b, second(b.ask("POST", rest.Prefix+"/rooms/weekly/token", b.key, `{"role":"moderator","external_id":"staff-7"}`)))
			b.somebodyIn("weekly", pass.Token)
			b.eventually("the session is not kept", func() bool {
				list, err := b.client.Sessions(b.Context(), "weekly", rest.Listing{})
				return err == nil && list.TotalCount == 1
			})
		}
		status, text := b.ask(r.method, rest.Prefix+strings.ReplaceAll(r.path, "PERSON", person), b.key, r.body)
		if r.name == "list-participants" {
			person = decoded[rest.Page[rest.Participant]](b, text).Data[0].ID
		}
		var out strings.Builder
		fmt.Fprintf(&out, "%s %s%s\n", r.method, rest.Prefix, strings.ReplaceAll(r.path, "PERSON", "k3v9x2mq7h1r"))
		if r.body != "" {
			out.WriteString(pretty(b, r.body))
		}
		fmt.Fprintf(&out, "\n%d %s\n", status, http.StatusText(status))
		if text != "" {
			out.WriteString(steady(pretty(b, text)))
		}
		all["example "+r.name] = out.String()
	}
	event := told(eventOfDocs, store.Session{ID: eventOfDocs.Call, RoomID: "KZ5QJ3D7MXOTWGR2ELA6VNY4UC", Slug: "weekly", Peak: 7, Total: 9, Seconds: 11_520,
		Began: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), Ended: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)})
	body, err := json.Marshal(event)
	if err != nil {
		b.Fatal(err)
	}
	all["event "] = steady(pretty(b, string(body)))
	return all
}

func second(_ int, text string) string { return text }

func pretty(b *bench, text string) string {
	b.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(strings.TrimSpace(text)), "", "  "); err != nil {
		b.Fatalf("%v: %s", err, text)
	}
	return out.String() + "\n"
}

func steady(text string) string {
	for _, c := range changing {
		text = c.what.ReplaceAllString(text, c.as)
	}
	return text
}

// code is what a file has: of Go the body of its example.
func code(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile("../../" + file)
	if err != nil {
		t.Error(err)
		return ""
	}
	_, body, is := strings.Cut(string(text), "func ExampleClient() {\n")
	if !is {
		return string(text)
	}
	return indent.ReplaceAllString(strings.TrimSuffix(body, "}\n"), "")
}
