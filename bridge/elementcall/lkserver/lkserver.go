// Package lkserver runs LiveKit's server for tests, and what gives out its tokens.
//
// [Start] gives a test a server of its own; [Server.Token] lets somebody into a room, and [Server.Tokens] is the endpoint
// that Element Call asks for them, in the shape of lk-jwt-service: it takes anybody with an OpenID token of the
// homeserver, so it is for tests only. The program is built from the module in ../livekit; nothing of it is linked.
package lkserver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/grotto-meet/grotto/internal/homeserver"
)

const (
	key      = "devkey"
	secret   = "a secret that is long enough for LiveKit"
	patience = time.Minute
	lifetime = time.Hour
)

var program = sync.OnceValues(func() (string, error) {
	return homeserver.Tool{Name: "livekit", Command: "github.com/livekit/livekit-server/cmd/server",
		Module: "bridge/elementcall/livekit", Made: "bin/livekit"}.Path()
})

// Server is a running LiveKit server.
type Server struct {
	URL string // ws://

	path, config string
	process      *exec.Cmd
	ended        chan struct{}
	said         bytes.Buffer
}

// Start runs one until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	path := homeserver.Need(t, program)
	port, media := freePort(t), freePort(t)
	config, err := json.Marshal(map[string]any{ // JSON is YAML
		"port": port, "bind_addresses": []string{"127.0.0.1"}, "keys": map[string]string{key: secret},
		"rtc":     map[string]any{"udp_port": media, "tcp_port": 0, "node_ip": "127.0.0.1", "use_external_ip": false, "enable_loopback_candidate": true},
		"logging": map[string]any{"level": "warn"},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{URL: fmt.Sprintf("ws://127.0.0.1:%d", port), path: path, config: filepath.Join(t.TempDir(), "livekit.yaml")}
	if err := os.WriteFile(s.config, config, 0o600); err != nil {
		t.Fatal(err)
	}
	s.Again(t)
	t.Cleanup(func() {
		s.halt()
		if t.Failed() {
			t.Logf("LiveKit said:\n%s", s.said.String())
		}
	})
	return s
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Again brings a stopped server back, which then knows of no rooms.
func (s *Server) Again(t testing.TB) {
	t.Helper()
	s.process = exec.Command(s.path, "--config", s.config)
	s.process.Stdout, s.process.Stderr = &s.said, &s.said
	homeserver.DieWithParent(s.process)
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	process, ended := s.process, make(chan struct{})
	s.ended = ended
	go func() { _ = process.Wait(); close(ended) }()
	// The first answer about a token reads a thousand expressions for names of browsers, a third of a second of computing:
	// beside other tests a browser would give up meanwhile.
	address := "http" + s.URL[len("ws"):] + "/rtc/validate?access_token=" + s.Token(t, "nobody's", "nobody")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				t.Fatalf("LiveKit refuses a token: %s", resp.Status)
			}
			return
		}
		select {
		case <-ended:
			t.Fatalf("LiveKit ended at once:\n%s", s.said.String())
		case <-ctx.Done():
			t.Fatal("LiveKit does not answer")
		case <-tick.C:
		}
	}
}

// Stop ends it, with everybody in it.
func (s *Server) Stop() { s.halt() }

func (s *Server) halt() {
	_ = s.process.Process.Kill()
	<-s.ended
}

// Token lets identity into a room.
func (s *Server) Token(t testing.TB, room, identity string) string {
	t.Helper()
	signed, err := sign(room, identity)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func sign(room, identity string) (string, error) {
	now := time.Now()
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": key, "sub": identity, "nbf": now.Add(-5 * time.Second).Unix(), "exp": now.Add(lifetime).Unix(),
		"video": map[string]any{"room": room, "roomJoin": true, "canPublish": true, "canSubscribe": true, "canUpdateOwnMetadata": true},
	}).SignedString([]byte(secret))
}

type openID struct {
	AccessToken string `json:"access_token"`
}

// Tokens answers /sfu/get, and /get_token as a server does that does not know it, so that everybody uses the former.
func (s *Server) Tokens(homeserverURL string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("OPTIONS /", func(w http.ResponseWriter, _ *http.Request) { allow(w) })
	mux.HandleFunc("POST /sfu/get", func(w http.ResponseWriter, r *http.Request) {
		allow(w)
		var q struct {
			Room   string `json:"room"`
			OpenID openID `json:"openid_token"`
			Device string `json:"device_id"`
		}
		if json.NewDecoder(r.Body).Decode(&q) != nil {
			http.Error(w, `{"errcode":"M_BAD_JSON"}`, http.StatusBadRequest)
			return
		}
		user, err := owner(r.Context(), homeserverURL, q.OpenID.AccessToken)
		if err != nil {
			http.Error(w, `{"errcode":"M_UNAUTHORIZED"}`, http.StatusUnauthorized)
			return
		}
		token, err := sign(Room(q.Room), user+":"+q.Device)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"url": s.URL, "jwt": token})
	})
	mux.HandleFunc("POST /", func(w http.ResponseWriter, _ *http.Request) {
		allow(w)
		http.Error(w, `{"errcode":"M_UNRECOGNIZED"}`, http.StatusNotFound)
	})
	return mux
}

func allow(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Allow-Headers", "*")
}

// Room is the LiveKit room of a Matrix room's call.
func Room(matrix string) string {
	pair, err := json.Marshal([]string{matrix, "m.call#ROOM"})
	if err != nil {
		panic(err) // two strings
	}
	sum := sha256.Sum256(pair)
	return base64.RawStdEncoding.EncodeToString(sum[:])
}

func owner(ctx context.Context, homeserverURL, token string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, homeserverURL+"/_matrix/federation/v1/openid/userinfo?access_token="+url.QueryEscape(token), nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var who struct{ Sub string }
	if err := json.NewDecoder(resp.Body).Decode(&who); err != nil || who.Sub == "" {
		return "", errors.New("lkserver: the homeserver does not know the token")
	}
	return who.Sub, nil
}
