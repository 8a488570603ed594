package deploy

import (
	"path/filepath"
	"regexp"
	"testing"

	"github.com/grotto-meet/grotto/internal/config"
)

var settingsBlock = regexp.MustCompile("(?m)^```\n((?:[a-z-]+: .*\n)+)```$")

// What docs/deploy.md and docs/matrix.md say to write into the file of settings is taken.
func TestDocumentedSettings(t *testing.T) {
	blocks := settingsBlock.FindAllStringSubmatch(read(t, "../docs/deploy.md")+read(t, "../docs/matrix.md"), -1)
	if len(blocks) < 2 {
		t.Errorf("found %d of them; the check is blind", len(blocks))
	}
	for _, block := range blocks {
		file := filepath.Join(t.TempDir(), "grotto.yaml")
		put(t, file, block[1], 0o600)
		if _, err := config.Load(config.Sources{File: file}); err != nil {
			t.Errorf("%s%v", block[1], err)
		}
	}
}
