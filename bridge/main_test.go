package bridge

import (
	"os"
	"testing"

	"github.com/grotto-meet/grotto/internal/homeserver"
)

func TestMain(m *testing.M) { os.Exit(homeserver.Main(m)) }
