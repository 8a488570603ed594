// Command grotto-server runs meetings: the page, the signalling and the forwarding of media that it cannot decrypt.
//
// Without settings it serves http://localhost:8080 and forwards media on UDP port 8081. Browsers give no camera to a page
// over plain HTTP from elsewhere, so others need --domain, which gets a certificate, or one of their own by --tls-cert and --tls-key,
// or a proxy with HTTPS in front. What can be set is
// package config's; `grotto-server config` checks and prints it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/grotto-meet/grotto/internal/config"
	"github.com/grotto-meet/grotto/internal/gate"
	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/web"
)

// version is set by the linker.
var version = "dev"

// defaultTURN is the port that RFC 8656 §4 names.
const defaultTURN = ":3478"

// defaultHTTP is where browsers look first, and authorities (RFC 8555 §8.3).
const defaultHTTP = ":80"

// stopTimeout is how long people have to hear the bye, and requests to end.
const stopTimeout = 5 * time.Second

// Exit statuses.
const (
	exitOK    = 0
	exitFail  = 1
	exitUsage = 2
)

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
	c, exited, code := parse(args, stdout, stderr)
	if exited {
		return code
	}
	var err error
	switch c.name {
	case "serve":
		err = serve(ctx, c, stdout, stderr)
	case "admin password":
		err = c.line.Admin.run(c.settings, newLog(stderr, nil), stdout)
	case "token <room>":
		err = c.line.Token.run(ctx, c.settings, newLog(stderr, nil), stdout)
	case "doctor":
		err = c.line.Doctor.run(ctx, c.settings, stdout)
	case "api-key create", "api-key list", "api-key revoke <id>":
		err = c.line.APIKey.run(ctx, c, stdout, newLog(stderr, nil))
	case "bridge registration <name>", "bridge login <user>", "bridge check":
		err = c.line.Bridge.run(ctx, c, stdout)
	case "backup <file>":
		err = c.line.Backup.run(ctx, c.settings, stdout)
	case "restore <file>":
		err = c.line.Restore.run(ctx, c.settings, stdout)
	default:
		err = c.show(stdout)
	}
	if errors.Is(err, errUnwell) {
		return exitFail
	}
	if err != nil {
		complain(stderr, err)
		return exitFail
	}
	return exitOK
}

// unless0: others take 0 for their own default.
func unless0(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

// hinted is an error together with what to do about it.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

func complain(w io.Writer, err error) {
	if several, ok := errors.AsType[config.Problems](err); ok {
		for _, p := range several {
			fmt.Fprintf(w, "grotto-server: %v\nhint: %s\n", p, p.Hint)
		}
		return
	}
	fmt.Fprintf(w, "grotto-server: %v\n", err)
	if h, ok := errors.AsType[hinted](err); ok {
		fmt.Fprintf(w, "hint: %s\n", h.hint)
	}
}

func newLog(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// serve runs the server until ctx ends.
func serve(ctx context.Context, c command, stdout, stderr io.Writer) error {
	f := &c.settings.Settings
	var level slog.LevelVar
	setLevel(&level, f)
	log := newLog(stderr, &level)
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP) // early: it would end the program
	defer signal.Stop(hup)
	folder, err := openData(c.settings, log)
	if err != nil {
		return err
	}
	kept, err := openStore(ctx, c.settings, folder, log)
	if err != nil {
		return err
	}
	defer kept.Close()
	doors, err := openTokens(ctx, f, kept, log)
	if err != nil {
		return err
	}
	entrance, err := openLogin(f, folder, doors.signer, log)
	if err != nil {
		return err
	}
	matrix, err := openBridge(f, folder, log)
	if err != nil {
		return err
	}
	matrixSignIn, err := openSignIn(ctx, f, kept, matrix, doors.verifier, log)
	if err != nil {
		return err
	}
	guard := newGate(f, log)
	d, err := openDoor(ctx, f, guard, log)
	if err != nil {
		return err
	}
	defer d.close()
	metrics, err := listenMetrics(ctx, f.Metrics)
	if err != nil {
		return err
	}
	if metrics != nil {
		defer metrics.Close()
	}
	profiles, err := listenPprof(f.Pprof)
	if err != nil {
		return err
	}
	if profiles != nil {
		defer profiles.Close()
	}
	turn, optional := f.TURN, false
	switch turn {
	case config.Auto:
		turn, optional = defaultTURN, true
	case config.Off:
		turn = ""
	}
	apis := newAPI(f, kept, doors, entrance.Operator, log)
	n, err := node.New(node.Config{Notice: both(apis.recorder.Notice, matrix), ServerName: f.ServerName, Version: version, Rooms: f.Room, UDP: f.UDP, MediaTCP: d.Media, Auth: doors.verifier, Vouch: entrance.Vouch, Login: entrance.Handler(), Terms: matrixTerms(terms(kept, f), matrix), Ready: kept.Check,
		TURN: turn, TURNOptional: optional, TURNHost: f.TURNHost, Figures: func() []node.Metric {
			return append(figures(guard, apis.sender.Stats(), d.until), bridgeFigures(matrix)...)
		},
		PublicIPs: f.PublicIP, PublicOnly: f.PublicOnly, Voices: unless0(f.Voices), NoLevels: f.NoLevels, NoLevelsIn: f.NoLevelsIn, Embedders: f.EmbedAt, TLS: f.TLS(), Log: log})
	if err != nil {
		return nodeProblem(err, f)
	}
	mountSignIn(n, matrixSignIn)
	if err := apis.mount(n); err != nil {
		return errors.Join(err, n.Close(ctx))
	}
	defer runBridge(matrix, n.Rooms(), log)()
	defer apis.run()()            // ends when nobody is in a room any more, and before the database
	failed := make(chan error, 5) // as many as there are servers
	serveOn := func(l net.Listener, h http.Handler) *http.Server {
		server := newHTTPServer(h)
		if l != nil {
			go func() { failed <- server.Serve(l) }()
		}
		return server
	}
	server := serveOn(n.Share(d.Page), guard.Handler(n.Handler()))
	serveOn(d.Astray, guard.Handler(d.astray(f)))
	serveOn(d.plain, guard.Handler(d.plainHandler))
	serveOn(metrics, metricsHandler(n))
	serveOn(profiles, pprofHandler())
	running, over := context.WithCancel(context.WithoutCancel(ctx)) // while it drains, too
	defer over()
	go d.tend(running)
	go c.readAgain(running, hup, &level, d.again, log)
	greet(stdout, d.Page.Addr(), f)
	if metrics != nil {
		fmt.Fprintf(stdout, "Its figures are at http://%s/metrics\n", metrics.Addr())
	}
	log.Info("serving", "version", version, "bundle", web.Bundle(), "tls", f.TLS())

	select {
	case err = <-failed:
	case <-ctx.Done():
		drain(n, f.Drain, log)
		log.Info("stopping")
	}
	stopping, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	// Rooms first: a WebSocket is not among what the HTTP server waits for.
	return errors.Join(err, n.Close(stopping), server.Shutdown(stopping))
}

// drain lets calls end by themselves, for as long as the operator said or until a second signal.
func drain(n *node.Node, limit time.Duration, log *slog.Logger) {
	if limit == 0 {
		return
	}
	log.Info("draining", "limit", limit)
	hurry, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	hurry, cancel := context.WithTimeout(hurry, limit)
	defer cancel()
	n.Drain(hurry)
}

func newGate(f *config.Settings, log *slog.Logger) *gate.Gate {
	trusted := make([]netip.Prefix, len(f.Proxies))
	for i, text := range f.Proxies {
		trusted[i], _ = config.ParseNetwork(text) // was checked
	}
	inAll := 0
	if files, ok := fileLimit(); ok {
		inAll = int(min(gate.MaxInAll, 3*files/4)) // media, the database and others need some, too
	}
	return gate.New(gate.Config{Trusted: trusted, Times: unless0(f.NetworkLimits), InAll: inAll, Log: log})
}

// greet prints the link, and what plain HTTP means for others.
func greet(w io.Writer, addr net.Addr, f *config.Settings) {
	host, _, err := net.SplitHostPort(f.Listen)
	everywhere := err == nil && (host == "" || isUnspecified(host))
	_, port, _ := net.SplitHostPort(addr.String())
	if everywhere {
		host = "localhost"
	}
	scheme := "http"
	if f.TLS() {
		scheme = "https"
	}
	if f.Domain != "" {
		fmt.Fprintf(w, "Grotto is at https://%s/\n", f.Host(port))
		return
	}
	fmt.Fprintf(w, "Grotto is at %s://%s/\n", scheme, net.JoinHostPort(host, port))
	if scheme == "http" && (everywhere || !isLoopback(host)) {
		fmt.Fprintln(w, "hint: browsers give no camera or microphone to pages over plain HTTP, except from localhost.")
		fmt.Fprintln(w, "      For others use --domain, or --tls-cert and --tls-key, or a proxy with HTTPS.")
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
func nodeProblem(err error, f *config.Settings) error {
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
