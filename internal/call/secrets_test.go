package call

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// secrets are texts that nothing may write, in the forms in which programs write bytes.
type secrets struct {
	mu    sync.Mutex
	forms map[string]string // and what each is
}

func (s *secrets) add(what string, b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.forms == nil {
		s.forms = map[string]string{}
	}
	for _, form := range []string{string(b), hex.EncodeToString(b), strings.ToUpper(hex.EncodeToString(b)),
		base64.RawStdEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(b),
		strings.Trim(fmt.Sprint(b), "[]"), strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", b), "[]byte{"), "}")} {
		s.forms[form] = what
	}
}

// observe adds the keys that an agent gives out.
func (s *secrets) observe(_ *session, e olmkeys.Effect) {
	switch e := e.(type) {
	case olmkeys.SealWith:
		key := e.BaseKey.Media()
		s.add("a sealing key", key[:])
	case olmkeys.OpenWith:
		key := e.BaseKey.Media()
		s.add("an opening key", key[:])
	}
}

func (s *secrets) in(text string) (found []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for form, what := range s.forms {
		if strings.Contains(text, form) {
			found = append(found, what)
		}
	}
	return found
}

// safeBuffer is a bytes.Buffer for many writers.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

const (
	secretName   = "Rumpelstilzchen"
	crashLinkEnv = "GROTTO_TEST_CRASH_LINK"
)

// TestK14_NothingIsWritten: the server's log at its most talkative, what the clients tell their people, their reports,
// what they look like when printed, and the text with which one crashes in the middle of a call: no link, key, name or
// frame is in it. The test finds them where they are.
func TestK14_NothingIsWritten(t *testing.T) {
	var s secrets
	secret := newSecret()
	s.add("the link's secret", []byte(secret))
	raw, err := base64.RawURLEncoding.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	s.add("the link's secret", raw)
	s.add("the name", []byte(secretName))
	for _, piece := range pieces(t, "../../testdata/media/vp8.ivf")[:20] {
		s.add("a frame", piece)
	}
	var log, said safeBuffer
	w := newWorldLogging(t, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	media, err := OpenMedia([]string{"../../testdata/media/vp8.ivf", "../../testdata/media/opus.ogg"})
	if err != nil {
		t.Fatal(err)
	}
	enter := func(config Config) *Call {
		config.Link, config.OnNotice = w.link(secret), func(text string) { fmt.Fprintln(&said, text) }
		c, err := Join(context.Background(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Leave)
		return c
	}
	a := enter(Config{Name: secretName, Publish: media, observe: s.observe})
	b := enter(Config{Name: "B", observe: s.observe})
	eventually(t, "B sees A", func() bool {
		return b.opened(secretName, wire.SourceCamera) > 5 && b.opened(secretName, wire.SourceMic) > 5
	})

	crash := exec.Command(os.Args[0], "-test.run=^TestCrashInACall$", "-test.v")
	crash.Env = append(os.Environ(), crashLinkEnv+"="+fmt.Sprintf("http://%s/r/%s#%s", w.Addr(), w.slug, secret), "GOTRACEBACK=all")
	text, err := crash.CombinedOutput()
	if err == nil || !bytes.Contains(text, []byte("panic: ")) || !bytes.Contains(text, []byte("goroutine ")) {
		t.Fatalf("the other did not crash: %v\n%s", err, text)
	}
	w.cut(false) // and everybody tells that the connection was lost
	eventually(t, "the clients say that they are back", func() bool { return strings.Contains(said.String(), "Connected again") })

	report := b.Report()
	for i := range report.Participants {
		report.Participants[i].Name = "" // told to the person who asks
	}
	for i := range report.Tracks {
		report.Tracks[i].Name = ""
	}
	reported, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{
		"the server's log": log.String(), "what people are told": said.String(), "a crash": string(text), "a report": string(reported),
		"a printed call": fmt.Sprintf("%v %+v %s", a.config.Link, a.config.Link, a.config.Link),
	} {
		if found := s.in(text); len(found) > 0 {
			t.Errorf("%s holds %v", where, found)
		}
	}
	if len(log.String()) < 100 || len(s.in("x"+secret+"x")) == 0 || len(s.in(fmt.Sprint(raw))) == 0 || len(s.forms) < 100 {
		t.Errorf("the test looks at nothing: %d bytes of log, %d forms", len(log.String()), len(s.forms))
	}
}

// TestCrashInACall is run by the test above, in another process: it joins and dies of the first frame.
func TestCrashInACall(t *testing.T) {
	text := os.Getenv(crashLinkEnv)
	if text == "" {
		t.Log("only for TestK14_NothingIsWritten")
		return
	}
	os.Unsetenv(crashLinkEnv)
	link, err := ParseLink(text)
	if err != nil {
		t.Fatal(err)
	}
	var frames map[int][]byte
	c, err := Join(t.Context(), Config{Link: link, Name: secretName, OnFrame: func(f Frame) { frames[len(f.Data)] = f.Data }})
	if err != nil {
		t.Fatal(err)
	}
	<-time.After(patience)
	c.Leave()
}
