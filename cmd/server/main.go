// Command grotto-server runs meetings: the page, the signalling and the forwarding of media that it cannot decrypt.
//
// Without flags it serves http://localhost:8080 and forwards media on UDP port 8081. Browsers give no camera to a page
// over plain HTTP from elsewhere, so others need --tls-cert and --tls-key, or a proxy with HTTPS in front.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/web"
)

// version is set by the linker.
var version = "dev"

// defaultTURN is the port that RFC 8656 §4 names.
const defaultTURN = ":3478"

// stopTimeout is how long people have to hear the bye, and requests to end.
const stopTimeout = 5 * time.Second

// Exit statuses.
const (
	exitOK    = 0
	exitFail  = 1
	exitUsage = 2
)

type flags struct {
	Listen     string           `default:":8080" placeholder:"HOST:PORT" help:"Address of the page and the signalling (TCP). Default: ${default}."`
	UDP        string           `name:"udp" default:":8081" placeholder:"HOST:PORT" help:"Address of the media (one UDP port for everybody, and the same TCP port for clients whose network drops UDP). Leave the host empty: Firefox does not reach a socket bound to loopback. Default: ${default}."`
	PublicIP   []string         `name:"public-ip" placeholder:"IP[:PORT]" help:"Address that reaches the media port from outside, if it is behind NAT: IPv4 or IPv6, with a port if that is another one. Repeatable."`
	PublicOnly bool             `name:"public-only" help:"Tell clients of the --public-ip addresses only, not of this machine's own."`
	TURN       string           `name:"turn" default:"auto" placeholder:"HOST:PORT|off" help:"Address of the TURN relay (UDP and TCP), for networks that let nothing through to the media port. With HTTPS it is on the page's port as well, whatever stands here. Default: :3478 if that is free."`
	TURNHost   string           `name:"turn-host" placeholder:"NAME" help:"What clients call the relay, if it is not what they call the page."`
	Voices     int              `default:"8" placeholder:"N" help:"How many voices of a room are forwarded at a time, those who speak first; 0 for all. Default: ${default}."`
	NoLevels   bool             `name:"no-audio-levels" help:"Do not read how loud people are: then nobody is shown who speaks, and every voice is forwarded."`
	NoLevelsIn []string         `name:"no-audio-levels-in" placeholder:"SLUG" help:"The same, in this room only. Repeatable."`
	EmbedAt    []string         `name:"embed-origin" placeholder:"ORIGIN" help:"Pages of this origin (https://host) may show a room in a frame and talk to it, see docs/embedding.md. Repeatable; without it only this server's own pages may."`
	TLSCert    string           `name:"tls-cert" placeholder:"FILE" help:"Certificate chain (PEM) for HTTPS."`
	TLSKey     string           `name:"tls-key" placeholder:"FILE" help:"Private key (PEM) for HTTPS."`
	Room       []string         `placeholder:"SLUG" help:"Admit to this room only. Repeatable; without it every room name works."`
	ServerName string           `name:"server-name" default:"localhost" placeholder:"NAME" help:"What stands behind the colon of user and room ids. Default: ${default}."`
	Version    kong.VersionFlag `help:"Print the version and exit."`
}

func main() {
	node.SaveMemory()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program: it ends when ctx does, or when it cannot go on.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var f flags
	exited, code := parse(&f, args, stdout, stderr)
	if exited {
		return code
	}
	if err := serve(ctx, f, stdout, stderr); err != nil {
		complain(stderr, err)
		return exitFail
	}
	return exitOK
}

// voices: the node takes 0 for its own default.
func voices(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

// exit is how kong ends the program from within, for --help and --version.
type exit int

func parse(f *flags, args []string, stdout, stderr io.Writer) (exited bool, code int) {
	defer func() {
		if status, ok := recover().(exit); ok {
			exited, code = true, int(status)
		}
	}()
	parser := kong.Must(f, kong.Name("grotto-server"), kong.Vars{"version": "grotto-server " + version},
		kong.Description("End-to-end encrypted meetings: the page, the signalling, and media that this server cannot decrypt."),
		kong.Writers(stdout, stderr), kong.Exit(func(status int) { panic(exit(status)) }))
	_, err := parser.Parse(args)
	if err == nil && (f.TLSCert == "") != (f.TLSKey == "") {
		err = errors.New("HTTPS needs both --tls-cert and --tls-key")
	}
	if err != nil {
		complain(stderr, hinted{err, "grotto-server --help"})
		return true, exitUsage
	}
	return false, exitOK
}

// hinted is an error together with what to do about it.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

func complain(w io.Writer, err error) {
	fmt.Fprintf(w, "grotto-server: %v\n", err)
	if h, ok := errors.AsType[hinted](err); ok {
		fmt.Fprintf(w, "hint: %s\n", h.hint)
	}
}

// serve runs the server until ctx ends.
func serve(ctx context.Context, f flags, stdout, stderr io.Writer) error {
	tcp, err := listen(ctx, f)
	if err != nil {
		return err
	}
	defer tcp.Close()
	log := slog.New(slog.NewTextHandler(stderr, nil))
	turn, optional := f.TURN, false
	switch turn {
	case "auto":
		turn, optional = defaultTURN, true
	case "off":
		turn = ""
	}
	n, err := node.New(node.Config{ServerName: f.ServerName, Version: version, Rooms: f.Room, UDP: f.UDP,
		TURN: turn, TURNOptional: optional, TURNHost: f.TURNHost,
		PublicIPs: f.PublicIP, PublicOnly: f.PublicOnly, Voices: voices(f.Voices), NoLevels: f.NoLevels, NoLevelsIn: f.NoLevelsIn, Embedders: f.EmbedAt, TLS: f.TLSCert != "", Log: log})
	if err != nil {
		return nodeProblem(err, f)
	}
	server := newHTTPServer(n.Handler())
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(n.Share(tcp)) }()
	greet(stdout, tcp.Addr(), f)
	log.Info("serving", "version", version, "bundle", web.Bundle(), "tls", f.TLSCert != "")

	select {
	case err = <-failed:
	case <-ctx.Done():
		log.Info("stopping")
	}
	stopping, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	// Rooms first: a WebSocket is not among what the HTTP server waits for.
	return errors.Join(err, n.Close(stopping), server.Shutdown(stopping))
}

// greet prints the link, and what plain HTTP means for others.
func greet(w io.Writer, addr net.Addr, f flags) {
	host, _, err := net.SplitHostPort(f.Listen)
	everywhere := err == nil && (host == "" || isUnspecified(host))
	_, port, _ := net.SplitHostPort(addr.String())
	if everywhere {
		host = "localhost"
	}
	scheme := "http"
	if f.TLSCert != "" {
		scheme = "https"
	}
	fmt.Fprintf(w, "Grotto is at %s://%s/\n", scheme, net.JoinHostPort(host, port))
	if scheme == "http" && (everywhere || !isLoopback(host)) {
		fmt.Fprintln(w, "hint: browsers give no camera or microphone to pages over plain HTTP, except from localhost.")
		fmt.Fprintln(w, "      For others use --tls-cert and --tls-key, or a proxy with HTTPS.")
	}
}

func isUnspecified(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsUnspecified()
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// nodeProblem words what kept the node from starting.
func nodeProblem(err error, f flags) error {
	if udp, ok := errors.AsType[*node.UDPError](err); ok {
		return socketProblem(udp.Err, f.UDP, "--udp")
	}
	if turn, ok := errors.AsType[*node.TURNError](err); ok {
		return socketProblem(turn.Err, f.TURN, "--turn")
	}
	return hinted{err, "grotto-server --help"}
}

// socketProblem words why an address cannot be listened on.
func socketProblem(err error, addr, flag string) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return hinted{fmt.Errorf("%s is in use", addr), fmt.Sprintf("stop the other program, or choose another port with %s", flag)}
	case errors.Is(err, syscall.EACCES):
		return hinted{fmt.Errorf("no permission to listen on %s", addr), fmt.Sprintf("choose a port above 1023 with %s", flag)}
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return hinted{fmt.Errorf("%s is not an address of this machine", addr), fmt.Sprintf("leave the host out: %s :PORT", flag)}
	}
	return hinted{fmt.Errorf("cannot listen on %s: %w", addr, err), fmt.Sprintf("%s takes HOST:PORT or :PORT", flag)}
}
