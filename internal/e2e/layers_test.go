package e2e

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestSimulcast: of a video in several encodings a viewer with a good line gets the largest, whole.
func TestSimulcast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t)
		defer b.close()
		sender, viewer := b.join("sender"), b.join("viewer")
		sender.publish(&camera{layers: simulcast})
		time.Sleep(10 * time.Second)
		begin := time.Now()
		time.Sleep(20 * time.Second)
		got := viewer.screen("sender").between(begin, time.Now())
		t.Logf("%+v", got)
		if got.share < 0.99 || len(got.freezes) > 0 || got.switches > 0 || got.layers[2] != got.frames {
			t.Errorf("%+v", got)
		}
	})
}
