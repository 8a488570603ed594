package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is wrong is said before anybody is disturbed, with a hint.
func TestGatewayIsToldWhatIsWrong(t *testing.T) {
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const link = "http://127.0.0.1:1/r/weekly#AAAAAAAAAAAAAAAAAAAAAA"
	for name, c := range map[string]struct {
		link, account, room, says string
	}{
		"no secret":  {"http://127.0.0.1:1/r/weekly", "@g:localhost", "!r:localhost", "the secret behind the # is missing"},
		"no account": {link, "gateway", "!r:localhost", "is no Matrix account"},
		"no room":    {link, "@g:localhost", "room", "is no Matrix room"},
	} {
		var out, errs bytes.Buffer
		args := []string{"gateway", c.link, "--matrix", c.account, "--matrix-room", c.room, "--matrix-password-file", password, "--matrix-homeserver", "http://127.0.0.1:1"}
		if status := run(t.Context(), args, os.Stdin, &out, &errs); status != exitFail {
			t.Errorf("%s: status %d", name, status)
		}
		if said := errs.String(); !strings.Contains(said, c.says) || !strings.Contains(said, "hint: ") || strings.Contains(said, "secret\n") || strings.Contains(said, "AAAA") {
			t.Errorf("%s: it says %q", name, said)
		}
	}
}
