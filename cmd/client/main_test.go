package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/internal/token"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"grotto": main})
}

// startServer starts a server in this process and returns its address.
func startServer(t *testing.T, rooms ...string) string {
	t.Helper()
	return serve(t, node.Config{Rooms: rooms})
}

func serve(t *testing.T, config node.Config) string {
	t.Helper()
	config.UDP = ":0"
	n, err := node.New(config)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: n.Handler()}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() {
		_ = n.Close(context.Background())
		_ = server.Close()
	})
	return fmt.Sprintf("http://%s", listener.Addr())
}

// TestScripts runs testdata/script: sessions at a terminal, against a server in this process.
func TestScripts(t *testing.T) {
	server := startServer(t, "open-room", "busy-room", "key-room", "phrase-room", "verify-room", "lonely-room", "small-room", "quiet-room", "known-room", "load-room", "film-room")
	secret := token.NewSecret()
	vouched, err := token.NewSigner(secret).Sign(token.Claims{Room: "token-room"})
	if err != nil {
		t.Fatal(err)
	}
	asking := serve(t, node.Config{Auth: &token.Verifier{Secret: secret, Only: true}})
	media, err := filepath.Abs("../../testdata/media")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("SERVER", server)
			env.Setenv("ASKING", asking)
			env.Setenv("VOUCHED", vouched.Token)
			env.Setenv("MEDIA", media)
			env.Setenv("SECRET", "AAECAwQFBgcICQoLDA0ODw")
			env.Setenv("PATH", os.Getenv("PATH"))
			return nil
		},
	})
}
