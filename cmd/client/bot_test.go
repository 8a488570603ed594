package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// The example of a bot is built and answers, in the open and in private.
func TestExampleBot(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for grotto is a script")
	}
	url := startServer(t) + "/r/bot-room" + testSecret
	dir := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "bot"), "../../examples/bot").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "grotto")); err != nil { // which this test is, by that name
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	bot := exec.CommandContext(ctx, filepath.Join(dir, "bot"), url)
	bot.Env = append(os.Environ(), "GROTTO="+filepath.Join(dir, "grotto"))
	bot.WaitDelay = patience
	if err := bot.Start(); err != nil {
		t.Fatal(err)
	}
	ann := open(t, "chat", url, "--name", "Ann")
	ann.sees(&ann.err, "Bot joined.")
	ann.types("!ping", "/to Bot !time", "good morning")
	ann.sees(&ann.out, "Bot: pong\n")
	ann.sees(&ann.out, "Bot (to you): It is ")
	ann.types("!leave")
	ann.sees(&ann.out, "Bot: Goodbye.\n")
	ann.sees(&ann.err, "Bot left.")
	if err := bot.Wait(); err != nil {
		t.Error(err)
	}
}
