package sfu

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

// certificateLife is how long connections are begun with one certificate. It is good for a month; one for each connection,
// as Pion makes by itself, takes time and memory and protects nobody: the server is one and the same to all.
const certificateLife = 24 * time.Hour

// certificates is what connections show each other in DTLS, by its fingerprint in the description.
type certificates struct {
	mu      sync.Mutex
	current []webrtc.Certificate
	made    time.Time
}

func (c *certificates) get() ([]webrtc.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != nil && time.Since(c.made) < certificateLife {
		return c.current, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("sfu: %w", err)
	}
	certificate, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, fmt.Errorf("sfu: %w", err)
	}
	c.current, c.made = []webrtc.Certificate{*certificate}, time.Now()
	return c.current, nil
}
