// Matrixhost is a Matrix client for the browser tests, as much of one as has Grotto's page for a widget: its page is a host of
// the widget API, and what that is asked to do is done with a real Olm device at a real homeserver. It is built by `make test` and never shipped.
//
// It starts the homeserver (Dendrite, with delayed events), makes two people and a bot with a room of theirs, and runs the Grotto server
// that -server names, linked to that room. Then it prints one line of JSON, [Scene], and serves the client of the first of the two until SIGTERM.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/homeserver"
)

const patience = 30 * time.Second

// Scene is what a test gets.
type Scene struct {
	Host       string `json:"host"`   // the client's page
	Server     string `json:"server"` // of Grotto
	Homeserver string `json:"homeserver"`
	Room       string `json:"room"`
	Slug       string `json:"slug"`
	Ann        string `json:"ann"` // whose client it is
	Ben        string `json:"ben"` // who may join from elsewhere
	Password   string `json:"password"`
}

func main() {
	server := flag.String("server", "bin/grotto-server", "the Grotto server")
	library := flag.String("library", "web/node_modules/matrix-widget-api/dist/api.min.js", "the widget API for browsers")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	t := &harness{}
	err := t.run(func() error { return serve(ctx, t, *server, *library) })
	if err != nil {
		fmt.Fprintln(os.Stderr, "matrixhost:", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, t *harness, server, library string) error {
	dendrite := homeserver.Start(t)
	shim := homeserver.NewShim(t, dendrite.URL)
	page, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	at := free.Addr().String()
	_ = free.Close()
	ann, ben, bot := dendrite.Register(t, "ann"), dendrite.Register(t, "ben"), dendrite.Register(t, "grotto")
	scene := Scene{Host: "http://" + page.Addr().String(), Server: "http://" + at, Homeserver: shim.URL, Slug: "weekly-call", Ann: ann.ID, Ben: ben.ID, Password: ben.Password}
	if scene.Room, err = furnish(dendrite, scene, ann, ben, bot); err != nil {
		return err
	}
	client, err := open(ctx, t.TempDir(), scene, ann)
	if err != nil {
		return err
	}
	page2 := &http.Server{Handler: client.handler(library), ReadHeaderTimeout: patience}
	go func() { _ = page2.Serve(page) }()
	defer page2.Close()
	stopped, err := startServer(ctx, t.TempDir(), server, scene, bot)
	if err != nil {
		return err
	}
	if err := link(ctx, dendrite, scene, ann); err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(scene); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		<-stopped
		return nil
	case err := <-client.ended:
		return err
	case err := <-stopped:
		return fmt.Errorf("the Grotto server ended: %w", err)
	}
}

// furnish makes an encrypted room of all three, whose members may say that they are in its call.
func furnish(s *homeserver.Server, scene Scene, ann, ben, bot homeserver.User) (string, error) {
	var room struct {
		ID string `json:"room_id"`
	}
	type object = map[string]any
	err := s.Call(ann.Token, http.MethodPost, "/_matrix/client/v3/createRoom", object{
		"preset": "private_chat", "invite": []string{ben.ID, bot.ID},
		"power_level_content_override": object{
			"events": object{"org.matrix.msc3401.call.member": 0}, "users": object{ann.ID: 100, bot.ID: 50},
		},
		"initial_state": []object{{"type": "m.room.encryption", "content": object{"algorithm": "m.megolm.v1.aes-sha2"}}},
	}, &room)
	if err != nil {
		return "", err
	}
	for _, user := range []homeserver.User{ben, bot} {
		if err := s.Call(user.Token, http.MethodPost, "/_matrix/client/v3/join/"+room.ID, object{}, nil); err != nil {
			return "", err
		}
	}
	return room.ID, nil
}

// link asks for a meeting, by another name than the bot is to give it: what stands in the room in the end is the bot's word.
func link(ctx context.Context, s *homeserver.Server, scene Scene, ann homeserver.User) error {
	type call struct {
		Slug string `json:"slug"`
		URL  string `json:"url"`
	}
	at := "/_matrix/client/v3/rooms/" + scene.Room + "/state/" + rtc.CallType.Type + "/"
	if err := s.Call(ann.Token, http.MethodPut, at, call{"any-name", scene.Server + "/r/any-name"}, nil); err != nil {
		return err
	}
	return eventually(ctx, "the room has its meeting", func() bool {
		var is call
		return s.Call(ann.Token, http.MethodGet, at, nil, &is) == nil && is.Slug == scene.Slug
	})
}

// startServer runs the Grotto server with its bot, until the context ends.
func startServer(ctx context.Context, folder, program string, scene Scene, bot homeserver.User) (<-chan error, error) {
	account, err := json.Marshal(map[string]string{"user": bot.ID, "device": bot.Device, "access_token": bot.Token})
	if err != nil {
		return nil, err
	}
	login := filepath.Join(folder, "login.json")
	if err := os.WriteFile(login, account, 0o600); err != nil {
		return nil, err
	}
	at := scene.Server[len("http://"):]
	cmd := exec.CommandContext(ctx, program, "--listen", at, "--udp", "127.0.0.1:0", "--data", filepath.Join(folder, "data"), "--embed-origin", scene.Host,
		"--matrix-homeserver", scene.Homeserver, "--matrix-login", login, "--matrix-page", scene.Server, "--matrix-room", scene.Room+"="+scene.Slug)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = patience
	cmd.Stdout = os.Stderr
	said, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	homeserver.DieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		for lines := bufio.NewScanner(said); lines.Scan(); {
			fmt.Fprintln(os.Stderr, "grotto-server:", lines.Text())
		}
	}()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return ended, eventually(ctx, "the Grotto server answers", func() bool {
		resp, err := http.Head(scene.Server)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err == nil
	})
}

func eventually(ctx context.Context, what string, is func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("not within %s: %s", patience, what)
		case <-tick.C:
		}
	}
	return nil
}
