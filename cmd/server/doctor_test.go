package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grotto-meet/grotto/internal/doctor"
)

func findings(t *testing.T, args ...string) (status int, by map[string]doctor.Finding) {
	t.Helper()
	var out, stderr bytes.Buffer
	status = run(t.Context(), append([]string{"doctor", "--json"}, args...), &out, &stderr)
	var report struct {
		Healthy  bool
		Findings doctor.Report
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil || stderr.Len() > 0 || report.Healthy != (status == exitOK) {
		t.Fatalf("%v, status %d\n%s%s", err, status, &out, &stderr)
	}
	by = map[string]doctor.Finding{}
	for _, f := range report.Findings {
		by[f.Name] = f
	}
	return status, by
}

// Before the server runs, the doctor says whether it could; then, whether people reach it.
func TestDoctor(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	go func() { // another program, which does not speak with us
		for conn, err := taken.Accept(); err == nil; conn, err = taken.Accept() {
			_ = conn.Close()
		}
	}()
	certFile, _, _ := certificate(t)
	data := t.TempDir()
	if err := errors.Join(os.Chmod(data, 0o700), os.WriteFile(filepath.Join(data, "notes"), nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	if _, by := findings(t, "--listen", "127.0.0.1:0", "--udp", "127.0.0.1:0", "--turn", "off", "--data", data); by["data files"].Verdict != doctor.Failure || !strings.Contains(by["data files"].Hint, "chmod") {
		t.Errorf("%+v", by["data files"])
	}
	status, by := findings(t, "--listen", taken.Addr().String(), "--udp", "127.0.0.1:0", "--turn", "127.0.0.1:0",
		"--tls-cert", certFile, "--tls-key", certFile, "--metrics", "0.0.0.0:9090", "--data", filepath.Join(t.TempDir(), "data"))
	for name, want := range map[string]doctor.Verdict{"listen (tcp)": doctor.Failure, "udp (udp)": doctor.OK, "turn (tcp)": doctor.OK, "data folder": doctor.OK,
		"certificate file": doctor.Failure, "metrics": doctor.Warning, "visit": doctor.Skipped} {
		if got := by[name]; got.Verdict != want || (got.Hint == "") != (want == doctor.OK || want == doctor.Skipped) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if status != exitFail || !strings.Contains(by["certificate file"].Hint, "PEM files") {
		t.Errorf("%d %+v", status, by["certificate file"])
	}

	// Also where nobody comes in without a token: it makes one.
	same := []string{"--turn", "off", "--token-only", "--data", filepath.Join(t.TempDir(), "kept")}
	server := startProcess(t, same...)
	_, by = findings(t, append(same, "--listen", strings.TrimPrefix(server.url, "http://"), "--udp", "127.0.0.1:0")...)
	for _, name := range []string{"listen (tcp)", "health", "bundle", "signalling", "headers", "media by UDP", "media by TCP"} {
		if got := by[name]; got.Verdict != doctor.OK {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := by["udp (udp)"]; got.Verdict != doctor.Warning {
		t.Errorf("a port that the server does not have: %+v", got)
	}
}

func TestDoctorForPeople(t *testing.T) {
	code, out, stderr := try(t, "doctor", "--listen", "192.0.2.1:1", "--udp", "127.0.0.1:0", "--turn", "off")
	if code != exitFail || stderr != "" || !strings.Contains(out, "failure  listen (tcp)") || !strings.Contains(out, "hint: ") || !strings.Contains(out, "\nok: ") {
		t.Errorf("%d\n%s%s", code, out, stderr)
	}
}
