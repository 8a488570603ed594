package config

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/configuration.md")

// write makes a configuration file and gives its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "grotto.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, from Sources) *Loaded {
	t.Helper()
	l, err := Load(from)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestNothingIsNeeded(t *testing.T) {
	l := load(t, Sources{})
	want := Settings{Listen: ":8080", UDP: ":8081", TURN: "auto", Voices: 8, ServerName: "localhost", HTTP: "auto", Data: "/var/lib/grotto", LogLevel: "info", NetworkLimits: 1}
	if !reflect.DeepEqual(l.Settings, want) || len(l.From) != 0 {
		t.Errorf("%+v %v", l.Settings, l.From)
	}
	if l := load(t, Sources{Flags: Settings{Dev: true}, Given: []string{"dev"}}); l.Listen != "localhost:8080" {
		t.Errorf("%+v", l.Settings)
	}
}

// A domain is all that a server on the internet needs.
func TestDomain(t *testing.T) {
	l := load(t, Sources{File: write(t, "domain: meet.example.org"), Environ: []string{"STATE_DIRECTORY=/var/lib/private/grotto:/other", "HOME=/x"}})
	want := Settings{Domain: "meet.example.org", Listen: ":443", UDP: ":8081", HTTP: "auto", TURN: "auto", Voices: 8, ServerName: "meet.example.org",
		Data: "/var/lib/private/grotto", LogLevel: "info", NetworkLimits: 1}
	if !reflect.DeepEqual(l.Settings, want) || !l.TLS() || !l.ACME() {
		t.Errorf("%+v", l.Settings)
	}
	l = load(t, Sources{File: write(t, "domain: xn--bcher-kva.example\nlisten: :8443\nudp: :443\nhttp: off\nserver-name: a\ntls-cert: c\ntls-key: k"),
		Environ: []string{"XDG_STATE_HOME=/s"}})
	if l.Listen != ":8443" || l.UDP != ":443" || l.HTTP != "off" || l.ServerName != "a" || l.Data != "/s/grotto" || !l.TLS() || l.ACME() {
		t.Errorf("%+v", l.Settings)
	}
}

// A page has its port in its address unless that is the usual one.
func TestOrigin(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		"domain: meet.example.org": "https://meet.example.org",
		"domain: meet.example.org\nlisten: '[::]:443'":                            "https://meet.example.org",
		"domain: meet.example.org\nlisten: :8443\ntls-cert: c\ntls-key: k":        "https://meet.example.org:8443",
		"domain: meet.example.org\nlisten: '[::1]:8443'\ntls-cert: c\ntls-key: k": "https://meet.example.org:8443",
	} {
		if got := load(t, Sources{File: write(t, text)}).Origin(); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// Flags win over the environment, and that over the file, and nothing else changes.
func TestOrder(t *testing.T) {
	file := write(t, "listen: :1\nudp: :1\nvoices: 1\nroom: [aaa, bbb]\nserver-name: file.example\npublic-only: true\n")
	l := load(t, Sources{
		File:    file,
		Environ: []string{"GROTTO_UDP=:2", "GROTTO_VOICES=2", "GROTTO_PUBLIC_ONLY=false", "GROTTO_PUBLIC_IP=203.0.113.7, 2001:db8::7", "HOME=/x"},
		Flags:   Settings{Voices: 3, TURN: "ignored"}, Given: []string{"voices"},
	})
	want := Settings{Listen: ":1", UDP: ":2", PublicIP: []string{"203.0.113.7", "2001:db8::7"}, TURN: "auto", Voices: 3,
		Room: []string{"aaa", "bbb"}, ServerName: "file.example", HTTP: "auto", Data: "/x/.local/state/grotto", LogLevel: "info", NetworkLimits: 1}
	if !reflect.DeepEqual(l.Settings, want) {
		t.Errorf("%+v", l.Settings)
	}
	for name, from := range map[string]string{"listen": file + ":1", "udp": "GROTTO_UDP", "voices": "--voices", "room": file + ":4", "turn": ""} {
		if l.From[name] != from {
			t.Errorf("%s is from %q", name, l.From[name])
		}
	}
}

func TestBadFiles(t *testing.T) {
	for text, want := range map[string]string{
		"\n# first\nlisten: :1\nlisen: :2\n": `4: unknown key "lisen"|did you mean listen?`,
		"wholly-different: 1":                `1: unknown key "wholly-different"|config example`,
		"listen: :1\nlisten: :2":             `2: listen stands in line 1 already|leave one`,
		"listen:":                            `1: listen has no value|leave the line out`,
		"listen: ''":                         `1: listen has no value|leave the line out`,
		"listen: [a, b]":                     `1: listen is neither text nor a number|Address of the page`,
		"room:\n  name: x":                   `2: room is neither text nor a number|Admit to this room`,
		"room: [x, [y]]":                     `1: room is neither text nor a number|Admit`,
		"listen: &a :1\nudp: *a":             `2: udp is neither text nor a number|Address of the media`,
		"voices: many":                       `1: voices: "many" is not a whole number|How many voices`,
		"voices: -1":                         `1: voices: it is less than nothing|0 forwards everybody`,
		"dev: perhaps":                       `1: dev: "perhaps" is not true or false|localhost`,
		"listen: 8080":                       `1: listen: "8080" is not an address|HOST:PORT`,
		"udp: ':99999'":                      `1: udp: ":99999" is not an address|HOST:PORT`,
		"turn: on":                           `1: turn: "on" is not an address|HOST:PORT`,
		"public-ip: meet.example":            `1: public-ip: "meet.example" is neither IP nor IP:PORT|brackets`,
		"embed-origin: http://x.example":     `1: embed-origin: "http://x.example" is not the origin|https://host`,
		"room: [blue-harbour, Blue]":         `1: room: "Blue" is not the name of a room|a-z`,
		"no-audio-levels-in: x":              `1: no-audio-levels-in: "x" is not the name of a room|a-z`,
		"server-name: a b":                   `1: server-name: "a b" is not a server name|host name`,
		"voices: 1\ntls-cert: a":             `2: tls-cert: HTTPS needs both|private key`,
		"tls-key: a":                         `1: tls-key: HTTPS needs both|certificate`,
		"domain: https://meet.example":       `1: domain: "https://meet.example" is not the name|without https://`,
		"domain: meet.example:443":           `1: domain: "meet.example:443" is not the name|port`,
		"domain: localhost":                  `1: domain: "localhost" is not the name|meet.example.org`,
		"domain: 203.0.113.7":                `1: domain: "203.0.113.7" is not the name|DNS`,
		"domain: Bücher.example":             `1: domain: "Bücher.example" is not the name|xn--`,
		"domain: -x.example":                 `1: domain: "-x.example" is not the name|DNS`,
		"domain: a.example\ndev: true":       `2: dev: it is without TLS|domain`,
		"http: :80":                          `1: http: it needs to know|domain`,
		"acme-email: me":                     `1: acme-email: "me" is no address|@`,
		"acme-directory: http://ca.example/": `1: acme-directory: "http://ca.example/" is no address|https`,
		"dev: true\nlisten: :1":              `1: dev: it is on localhost|leave out`,
		"dev: true\ntls-cert: a\ntls-key: b": `1: dev: it is without TLS|leave out`,
		"listen: :1\n\tudp: :2":              `2: found a tab|quote`,
		"log-level: loud":                    `1: log-level: "loud" is no level|debug`,
		"drain: -1s":                         `1: drain: it is less than nothing|at once`,
		"drain: 5":                           `1: drain: "5" is not a time such as|SIGTERM`,
		"matrix-homeserver: m.example\nmatrix-login: f\nmatrix-page: https://meet.example":                                      `1: matrix-homeserver: "m.example" is no address|https`,
		"matrix-homeserver: https://m.example\nmatrix-login: f":                                                                 `1: matrix-homeserver: the bot has to know|matrix-page`,
		"matrix-homeserver: https://m.example\nmatrix-page: https://meet.example":                                               `1: matrix-homeserver: the bot needs one of|bridge registration`,
		"matrix-homeserver: https://m.example\nmatrix-login: f\nmatrix-page: https://meet.example\nmatrix-registration: g":      `1: matrix-homeserver: the bot needs one of|bridge login`,
		"matrix-homeserver: https://m.example\nmatrix-login: f\nmatrix-page: https://meet.example\nmatrix-ghosts: true":         `4: matrix-ghosts: only an application service|matrix-registration`,
		"matrix-homeserver: https://m.example\nmatrix-login: f\nmatrix-page: https://meet.example\nmatrix-invite: '@alice'":     `4: matrix-invite: "@alice" is neither|@name`,
		"matrix-homeserver: https://m.example\nmatrix-login: f\nmatrix-page: https://meet.example\nmatrix-room: '!a:m.example'": `4: matrix-room: "!a:m.example" is not a room|!abc`,
		"matrix-kick: true":            `1: matrix-kick: it needs to know|matrix-homeserver`,
		"trusted-proxy: proxy.example": `1: trusted-proxy: "proxy.example" is neither IP nor network|10.0.0.0/8`,
		"network-limits: -1":           `1: network-limits: it is less than nothing|0 lifts`,
		"- listen":                     `1: it is no list of keys|a setting a line`,
		"voices: 1\n---\nvoices: 2":    `: there is more than one document|three dashes`,
		strings.Repeat("#", maxFile+1): `: it is larger than a configuration|--config`,
	} {
		path := write(t, text)
		_, err := Load(Sources{File: path})
		var all Problems
		if !errors.As(err, &all) || len(all) != 1 {
			t.Errorf("%.40q: %v", text, err)
			continue
		}
		what, hint, _ := strings.Cut(want, "|")
		if !strings.HasPrefix(strings.TrimPrefix(all[0].Error(), path+":"), strings.TrimPrefix(what, ":")) || !strings.Contains(all[0].Hint, hint) {
			t.Errorf("%.40q: %v\nhint: %s", text, err, all[0].Hint)
		}
	}
	for _, text := range []string{"", "# nothing\n", "---\n", "{}", "room: []", "turn: off", "room: one-alone", "drain: 10m", "trusted-proxy: [10.0.0.0/8, '2001:db8::1']",
		"matrix-homeserver: https://m.example\nmatrix-login: f\nmatrix-page: https://meet.example\nmatrix-invite: ['*', m.example, '@a:m.example:8448']\nmatrix-room: '!a:m.example=blue-harbour'"} {
		load(t, Sources{File: write(t, text)})
	}
	if _, err := Load(Sources{File: filepath.Join(t.TempDir(), "none.yaml")}); err == nil || !strings.HasSuffix(err.Error(), "none.yaml: no such file or directory") {
		t.Error(err)
	}
}

// All that is wrong is told at once.
func TestAllProblems(t *testing.T) {
	_, err := Load(Sources{File: write(t, "lisen: x\nvoices: y\n"), Environ: []string{"GROTTO_UPD=:1", "GROTTO_DEV="}})
	var all Problems
	if !errors.As(err, &all) || len(all) != 4 {
		t.Fatal(err)
	}
	if got := all[3]; got.Where != "GROTTO_UPD" || got.Hint != "did you mean GROTTO_UDP?" {
		t.Errorf("%+v", got)
	}
}

// What Kubernetes sets for a service of our name, and what other programs of ours read, is not ours to refuse.
func TestVariablesOfOthers(t *testing.T) {
	load(t, Sources{Ours: []string{"GROTTO_REMEMBER"}, Environ: []string{"GROTTO_REMEMBER=1",
		"GROTTO_PORT=tcp://10.0.0.1:80", "GROTTO_PORT_80_TCP_ADDR=10.0.0.1", "GROTTO_SERVICE_HOST=10.0.0.1", "GROTTOLOGY=1"}})
	if _, err := Load(Sources{Environ: []string{"GROTTO_PORTS=1"}}); err == nil {
		t.Error("no complaint")
	}
}

func TestPrintedIsReadAgain(t *testing.T) {
	file := write(t, "dev: true\nroom: ['a-b', ccc]\nturn-host: \"x # y\\u00e4\\\"<\"\nvoices: 0\ndrain: 90s\nno-audio-levels-in: []\n")
	l := load(t, Sources{File: file, Environ: []string{"GROTTO_UDP=:7"}})
	var out bytes.Buffer
	l.Write(&out)
	again := load(t, Sources{File: write(t, out.String())})
	if !reflect.DeepEqual(again.Settings, l.Settings) {
		t.Errorf("%+v\n%+v\n%s", l.Settings, again.Settings, &out)
	}
	for _, line := range []string{`listen: "localhost:8080"  # default`, `udp: ":7"  # GROTTO_UDP`, "voices: 0  # " + file + ":4", "#tls-cert:  # not set"} {
		if !strings.Contains(out.String(), line+"\n") {
			t.Errorf("no line %s in\n%s", line, &out)
		}
	}
}

// The example changes nothing, and each of its lines is a setting once its # is away.
func TestExample(t *testing.T) {
	var out bytes.Buffer
	Example(&out)
	if l := load(t, Sources{File: write(t, out.String())}); len(l.From) != 0 {
		t.Errorf("%v", l.From)
	}
	found := 0
	for line := range strings.Lines(out.String()) {
		if len(line) > width+1 {
			t.Errorf("too long: %s", line)
		}
		if text, ok := strings.CutPrefix(line, "#"); ok && text[0] != ' ' {
			found++
			if _, err := Load(Sources{File: write(t, text)}); err != nil && !strings.Contains(err.Error(), "needs") {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
	if found != len(Fields()) {
		t.Errorf("%d of %d settings", found, len(Fields()))
	}
}

// TestDocs: docs/configuration.md has the table that the struct makes.
func TestDocs(t *testing.T) {
	const begin, end = "<!-- settings -->\n", "<!-- end of settings -->"
	path := filepath.Join("..", "..", "docs", "configuration.md")
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(body), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("docs/configuration.md has no marks of where the settings stand")
	}
	want := head + begin + table() + end + tail
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(body) != want {
		t.Error("docs/configuration.md is not what the struct says; hint: go test ./internal/config -update")
	}
}

func table() string {
	var out strings.Builder
	group := ""
	for _, f := range Fields() {
		if f.Group != group {
			group = f.Group
			fmt.Fprintf(&out, "\n### %s\n\n| key | value | what it does |\n|---|---|---|\n", group)
		}
		value := "`" + strings.ReplaceAll(f.Placeholder, "|", "`, `") + "`"
		if f.Placeholder == "" {
			value = "`true`, `false`"
		}
		if f.List {
			value = "list of " + value
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s |\n", f.Name, value, strings.ReplaceAll(f.Help, "|", "\\|"))
	}
	return out.String() + "\n"
}
