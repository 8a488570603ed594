package call

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMediaBreaksOffInTheCall: a file that was whole when it was looked at, and is not any more, ends the call with its
// name. To join anew would meet the same file again, and again.
func TestMediaBreaksOffInTheCall(t *testing.T) {
	whole, err := os.ReadFile("../../testdata/media/vp8.ivf")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "talk.ivf")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	media, err := OpenMedia([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 20000); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	c, err := Join(context.Background(), Config{Link: w.link(newSecret()), Name: "A", Publish: media})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Leave()
	select {
	case <-c.Done():
	case <-time.After(patience):
		t.Fatal("the call goes on with a broken file")
	}
	if err := c.Err(); !errors.Is(err, ErrMedia) || !strings.Contains(err.Error(), path+": is cut off") {
		t.Errorf("the call ended with %v", err)
	}
}
