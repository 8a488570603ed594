package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/grotto-meet/grotto/internal/config"
	"github.com/grotto-meet/grotto/internal/datadir"
	"github.com/grotto-meet/grotto/internal/doctor"
)

// doctorCommand looks at this machine and, if the server runs, at what people get of it.
type doctorCommand struct {
	JSON bool `name:"json" help:"Print the findings for a program."`
}

// errUnwell is not told: the report says it.
var errUnwell = errors.New("something fails")

func (d doctorCommand) run(ctx context.Context, loaded *config.Loaded, stdout io.Writer) error {
	f := &loaded.Settings
	runs := isRunning(ctx, f)
	report := machineOf(f, runs).Run()
	report = append(report, contentFinding(f)...)
	report = append(report, certificateFinding(f)...)
	report = append(report, visit(ctx, loaded, runs)...)
	if d.JSON {
		if err := report.JSON(stdout); err != nil {
			return err
		}
	} else {
		report.Text(stdout)
	}
	if !report.Healthy() {
		return errUnwell
	}
	return nil
}

func machineOf(f *config.Settings, runs bool) doctor.Machine {
	m := doctor.Machine{Data: f.Data, Domain: f.Domain, Public: f.PublicIP, Runs: runs,
		Ports: []doctor.Port{{Name: "listen", Network: "tcp", Address: f.Listen}, {Name: "udp", Network: "udp", Address: f.UDP}}}
	if f.Domain != "" && f.HTTP != config.Off {
		address := f.HTTP
		if address == config.Auto {
			address = defaultHTTP
		}
		m.Ports = append(m.Ports, doctor.Port{Name: "http", Network: "tcp", Address: address})
	}
	if f.TURN != config.Off {
		address := f.TURN
		if address == config.Auto {
			address = defaultTURN
		}
		m.Ports = append(m.Ports, doctor.Port{Name: "turn", Network: "udp", Address: address}, doctor.Port{Name: "turn", Network: "tcp", Address: address})
	}
	if f.Metrics != "" {
		m.Closed = append(m.Closed, doctor.Port{Name: "metrics", Network: "tcp", Address: f.Metrics})
	}
	return m
}

// isRunning asks the page's port on this machine whether a Grotto server is there.
func isRunning(ctx context.Context, f *config.Settings) bool {
	host, port, err := net.SplitHostPort(f.Listen)
	if err != nil {
		return false
	}
	if host == "" || isUnspecified(host) {
		host = "localhost"
	}
	scheme := "http"
	if f.TLS() {
		scheme = "https"
	}
	// Who it is does not matter yet: nothing is told to it.
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: f.Domain}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: stopTimeout}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return false
	}
	answer, err := client.Do(r)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	var is struct{ Status, Bundle string }
	return json.NewDecoder(io.LimitReader(answer.Body, 1<<10)).Decode(&is) == nil && is.Status == "ok" && is.Bundle != ""
}

// contentFinding says what the server would refuse to start on in its folder. Of a folder that the server is to make nothing is said here.
func contentFinding(f *config.Settings) doctor.Report {
	info, err := os.Stat(f.Data)
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		return nil // Machine has said so
	}
	if _, err := datadir.Open(f.Data); err != nil {
		finding := doctor.Finding{Name: "data files", Verdict: doctor.Failure, What: err.Error()}
		if h, ok := errors.AsType[hinted](dataProblem(err, f.Data)); ok {
			finding.Hint = h.hint
		}
		return doctor.Report{finding}
	}
	return doctor.Report{{Name: "data files", Verdict: doctor.OK, What: "for the server's user alone"}}
}

// certificateFinding looks at the files that a certificate is in.
func certificateFinding(f *config.Settings) doctor.Report {
	const name = "certificate file"
	finding := func(verdict doctor.Verdict, what, hint string) doctor.Report {
		return doctor.Report{{Name: name, Verdict: verdict, What: what, Hint: hint}}
	}
	var until time.Time
	switch {
	case f.ACME():
		body, err := os.ReadFile(filepath.Join(f.Data, "acme", f.Domain))
		if err != nil {
			return finding(doctor.OK, "none yet: it is got when the server runs", "")
		}
		until = endOf(body)
	case f.TLS():
		from, err := newCertificates(f, nil)
		if err != nil {
			hint := ""
			if h, ok := errors.AsType[hinted](err); ok {
				hint = h.hint
			}
			return finding(doctor.Failure, err.Error(), hint)
		}
		until = from.until()
	default:
		return nil
	}
	if time.Until(until) < 7*24*time.Hour {
		return finding(doctor.Warning, "it ends on "+until.Format(time.DateOnly), "renew it; with --domain alone that is done a month before")
	}
	return finding(doctor.OK, "until "+until.Format(time.DateOnly), "")
}

// endOf is zero if there is no certificate in it.
func endOf(body []byte) time.Time {
	for block, rest := pem.Decode(body); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		if leaf, err := x509.ParseCertificate(block.Bytes); err == nil {
			return leaf.NotAfter
		}
	}
	return time.Time{}
}

// visit comes by the name that people use.
func visit(ctx context.Context, loaded *config.Loaded, runs bool) doctor.Report {
	f := &loaded.Settings
	skipped := func(why string) doctor.Report {
		return doctor.Report{{Name: "visit", Verdict: doctor.Skipped, What: why}}
	}
	host, port, _ := net.SplitHostPort(f.Listen)
	address := ""
	switch {
	case !runs:
		return skipped("the server does not run: start it, and ask again")
	case f.Domain != "":
		address = f.Origin()
	case f.TLS():
		return skipped("what people call this server is not known: grotto doctor https://NAME looks at it from outside")
	case host == "" || isUnspecified(host):
		address = "http://" + net.JoinHostPort("localhost", port)
	default:
		address = "http://" + net.JoinHostPort(host, port)
	}
	var room, token string
	if len(f.Room) > 0 {
		room = f.Room[0]
	}
	if f.TokenOnly {
		room = cmp.Or(room, "doctor")
		var made bytes.Buffer
		if err := (&tokenCommand{Room: room, For: time.Minute}).run(ctx, loaded, slog.New(slog.DiscardHandler), &made); err == nil {
			token = strings.TrimSpace(made.String())
		}
	}
	if room != "" {
		address += "/r/" + room
	}
	report, err := doctor.Visit{URL: address, Token: token}.Run(ctx)
	if err != nil {
		return skipped(err.Error())
	}
	return report
}
