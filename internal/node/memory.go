package node

import (
	"os"
	"runtime/debug"
)

// collectAt is how much the heap may grow over what is in use, in percent, before it is collected. Packets are forwarded
// without allocating, so collecting costs little; what joining leaves behind would stay in the gaps of the heap otherwise.
const collectAt = 20

// SaveMemory makes the program collect garbage early. An operator's GOGC is respected.
func SaveMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
}
