package e2e

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestSimulcast: of a video in several encodings a viewer with a good line gets one whole.
func TestSimulcast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t)
		defer b.close()
		sender, viewer := b.join("sender"), b.join("viewer")
		sender.publish(&camera{layers: simulcast})
		time.Sleep(settle)
		begin := time.Now()
		time.Sleep(20 * time.Second)
		got := viewer.screen("sender").between(begin, time.Now())
		t.Logf("%+v", got)
		if got.share < 0.99 || len(got.freezes) > 0 || got.switches > 2 {
			t.Errorf("%+v", got)
		}
	})
}
