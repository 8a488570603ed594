package web

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
)

// bundlePath lists what the page is made of, as `sha256sum --check` reads it. Its own SHA-256 is the bundle's hash.
const bundlePath = "bundle.txt"

// Bundle is the hash that tells one build of the client from another: to be held against the one of a release, or of a
// build of one's own. The page shows it, too, but a server that delivers other code can also show another hash.
var Bundle = sync.OnceValue(func() string {
	sum := Handler().(*handler).files[bundlePath].sum
	return hex.EncodeToString(sum[:])
})

// bundle has one line a file, sorted by name: its SHA-256 and its path.
func bundle(files map[string]*file) *file {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	var list bytes.Buffer
	for _, name := range names {
		fmt.Fprintf(&list, "%x  %s\n", files[name].sum, name)
	}
	return madeFile(bundlePath, list.Bytes())
}
