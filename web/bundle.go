package web

import (
	"bytes"
	"crypto/sha256"
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
	sum := sha256.Sum256(Handler().(*handler).files[bundlePath].body)
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
		fmt.Fprintf(&list, "%x  %s\n", sha256.Sum256(files[name].body), name)
	}
	sum := sha256.Sum256(list.Bytes())
	return &file{body: list.Bytes(), kind: contentTypes[".txt"], etag: hex.EncodeToString(sum[:12]), lifetime: fresh}
}
