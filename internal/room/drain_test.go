package room

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
)

// Calls go on while the server drains, with all that happens in them; no others begin. It ends with the last one.
func TestDrain(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		people := b.call(2)
		over := make(chan time.Duration, 1)
		began := time.Now()
		go func() {
			limit, cancel := context.WithTimeout(b.Context(), time.Hour)
			defer cancel()
			b.server.Drain(limit)
			over <- time.Since(began)
		}()
		synctest.Wait()
		if !b.server.Draining() {
			t.Error("nobody is told")
		}
		for _, c := range people {
			if m := want[*wire.Stopping](c); m.Seconds != 3600 {
				t.Errorf("%+v", m)
			}
		}
		time.Sleep(time.Minute)
		stranger := b.connect()
		stranger.send(&wire.Hello{Version: wire.Version, Room: "red-harbour"})
		if e := stranger.wantError(wire.CodeShuttingDown); e.Hint == "" {
			t.Errorf("%+v", e)
		}
		third := b.connect()
		third.hello("blue-harbour")
		third.join(3)
		if m := want[*wire.Stopping](third); m.Seconds != 3540 {
			t.Errorf("one who comes later: %+v", m)
		}
		want[*wire.Roster](people[0])
		people[1].sock.Abort()
		synctest.Wait()
		people[1].resume()
		want[*wire.Resumed](people[1])
		apart := b.connect()
		apart.hello("blue-harbour" + breakoutMark + "1")
		if b.media.order[0].isClosed() {
			t.Error("media was cut")
		}
		for i, c := range []*client{people[0], people[1], third, apart} {
			time.Sleep(time.Minute)
			synctest.Wait()
			if len(over) > 0 {
				t.Fatalf("over before %d left", i)
			}
			c.send(&wire.Leave{})
			synctest.Wait()
		}
		synctest.Wait()
		select {
		case took := <-over:
			if took != 5*time.Minute {
				t.Errorf("over after %v", took)
			}
		default:
			t.Error("not over")
		}
	})
}

func TestDrainHasALimit(t *testing.T) {
	within(t, Config{}, func(b *bench) {
		b.call(1)
		ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		if b.server.Drain(ctx); time.Since(began) != time.Minute {
			t.Errorf("over after %v", time.Since(began))
		}
	})
	within(t, Config{}, func(b *bench) {
		began := time.Now()
		if b.server.Drain(b.Context()); time.Since(began) != 0 {
			t.Error("waits for nobody")
		}
	})
}
