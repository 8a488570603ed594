package sfu

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzDescription: whatever a client sends, reading it neither panics nor lets a candidate through, and what it lets through
// it would let through again.
func FuzzDescription(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, raw string) {
		check := func(clean string, err error, again func(string) (string, error)) {
			if err != nil {
				if !errors.Is(err, ErrDescription) {
					t.Errorf("error of another kind: %v", err)
				}
				return
			}
			for line := range strings.Lines(clean) {
				if strings.HasPrefix(line, "a=candidate") && !strings.HasPrefix(line, "a=candidates") {
					t.Errorf("candidate in %q", clean)
				}
			}
			if twice, err := again(clean); err != nil || twice != clean {
				t.Errorf("%q read again is %q, %v", clean, twice, err)
			}
		}
		offer := func(raw string) (string, error) { clean, _, err := readOffer(raw); return clean, err }
		answer := func(raw string) (string, error) { clean, _, err := readAnswer(raw, validAnswer); return clean, err }
		clean, err := offer(raw)
		check(clean, err, offer)
		clean, err = answer(raw)
		check(clean, err, answer)
	})
}

// FuzzPublish: an offer that passes the check also passes Pion, or is refused before it did harm.
func FuzzPublish(f *testing.F) {
	seeds(f)
	s, err := New(Config{Addr: "127.0.0.1:0", IncludeLoopback: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	f.Fuzz(func(t *testing.T, raw string) {
		failed := make(chan error, 1)
		p := s.Room("r").Join("A", Callbacks{Failed: func(err error) { failed <- err }})
		defer p.Close()
		if _, err := p.Publish(raw, nil); err != nil && !errors.Is(err, ErrDescription) {
			t.Errorf("error of another kind: %v", err)
		}
		select {
		case err := <-failed:
			t.Errorf("failed: %v", err)
		default:
		}
	})
}

// seeds are the offers of the browsers, and a plain answer.
func seeds(f *testing.F) {
	offers, err := filepath.Glob("testdata/*.sdp")
	if err != nil || len(offers) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range offers {
		seed, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(seed))
	}
	f.Add(validAnswer)
	f.Add(simulcastOffer)
}
