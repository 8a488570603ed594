package sfu

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// What Pion says of a failure may name who failed.
func TestLogOfAFailureHasNoAddresses(t *testing.T) {
	for _, cause := range []error{fmt.Errorf("%w: write to 192.0.2.7:9", ErrConnection), errors.New("dial 192.0.2.7:9")} {
		var log bytes.Buffer
		s := newSFU(t, Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
		p := newPeer(s, "a", Callbacks{})
		p.fail(cause)
		if text := log.String(); !strings.Contains(text, "peer failed") || strings.Contains(text, "192.0.2.7") {
			t.Errorf("logged: %s", text)
		}
		if errors.Is(cause, ErrConnection) && !strings.Contains(log.String(), ErrConnection.Error()) {
			t.Errorf("no reason: %s", log.String())
		}
	}
}
