package call

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf8"
)

// Files in transit: crypto.md, section 8.
const (
	MaxFile      = 8 << 20 // bytes: at what the server relays of one client, four minutes
	chunkSize    = 24_000  // bytes of the file: in base64 twice they stay below a data frame's 32 KiB
	fileKeySize  = 32
	fileIDSize   = 16
	fileLabel    = "grotto v1 file"
	maxFileName  = 120 // characters
	maxEnding    = 16
	maxRanges    = 64
	fileKind     = "grotto.file"
	wantKind     = "grotto.file.want"
	chunkKind    = "grotto.file.chunk"
	fileGoneKind = "grotto.file.gone"
)

// fileOffer is what its sender says of a file. Bytes are unpadded base64.
type fileOffer struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int    `json:"size"`
	Key  string `json:"key"`
	Hash string `json:"hash"` // SHA-256 of the whole
}

// fileWant asks for ranges of chunks, both ends included; with none, one has them all.
type fileWant struct {
	ID   string   `json:"id"`
	Want [][2]int `json:"want"`
}

type fileChunk struct {
	ID   string `json:"id"`
	N    int    `json:"n"`
	Data string `json:"data"`
}

type fileGone struct {
	ID string `json:"id"`
}

// opened checks an offer and makes it fit to be shown.
func (o *fileOffer) opened() (seal *fileSeal, hash []byte, ok bool) {
	id, key, hash := unbase64(o.ID, fileIDSize), unbase64(o.Key, fileKeySize), unbase64(o.Hash, 32)
	if id == nil || key == nil || hash == nil || o.Size <= 0 || o.Size > MaxFile {
		return nil, nil, false
	}
	o.Name = safeFileName(o.Name)
	return newFileSeal(id, key, o.Size), hash, true
}

// valid says whether all ranges lie in a file of so many chunks.
func (w *fileWant) valid(count int) bool {
	for _, r := range w.Want {
		if r[0] < 0 || r[0] > r[1] || r[1] >= count {
			return false
		}
	}
	return len(w.Want) <= maxRanges
}

// fileSeal seals and opens the chunks of one file. A key seals one file, and a chunk's number is its nonce.
type fileSeal struct {
	aead  cipher.AEAD
	bound []byte
	size  int
}

func newFileSeal(id, key []byte, size int) *fileSeal {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // of its length only
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	bound := append([]byte(fileLabel), id...)
	return &fileSeal{aead, binary.BigEndian.AppendUint64(bound, uint64(size)), size}
}

func (f *fileSeal) count() int { return (f.size + chunkSize - 1) / chunkSize }

// length is how many bytes of the file chunk n has.
func (f *fileSeal) length(n int) int { return min(chunkSize, f.size-n*chunkSize) }

func (f *fileSeal) nonce(n int) []byte {
	nonce := make([]byte, f.aead.NonceSize())
	binary.BigEndian.PutUint32(nonce[8:], uint32(n))
	return nonce
}

func (f *fileSeal) seal(n int, chunk []byte) []byte {
	return f.aead.Seal(nil, f.nonce(n), chunk, f.bound)
}

var errChunk = errors.New("call: a chunk of another length")

// open refuses what was not sealed as this chunk of this file.
func (f *fileSeal) open(n int, sealed []byte) ([]byte, error) {
	if n < 0 || n >= f.count() || len(sealed) != f.length(n)+f.aead.Overhead() {
		return nil, errChunk
	}
	return f.aead.Open(nil, f.nonce(n), sealed, f.bound)
}

// safeFileName is a name to save a file under: one line, no part of a path, nothing that a file system refuses or that hides
// the ending. What is too long is cut before its ending.
func safeFileName(name string) string {
	clean := cleanLine(name, utf8.RuneCountInString(name))
	clean = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, clean)
	clean = strings.Trim(clean, ". ")
	characters := []rune(clean)
	switch {
	case cleanText(clean) == "":
		return "file" // nothing of it would be seen
	case len(characters) <= maxFileName:
		return clean
	}
	ending := []rune(nil)
	if dot := lastIndex(characters, '.'); dot > 0 && len(characters)-dot <= maxEnding {
		ending = characters[dot:]
	}
	return strings.TrimRight(string(characters[:maxFileName-len(ending)]), " ") + string(ending)
}

func lastIndex(runes []rune, r rune) int {
	for i := len(runes) - 1; i >= 0; i-- {
		if runes[i] == r {
			return i
		}
	}
	return -1
}

// unbase64 is nil for what is not so many bytes.
func unbase64(text string, size int) []byte {
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || len(b) != size {
		return nil
	}
	return b
}
