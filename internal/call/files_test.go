package call

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/grotto-meet/grotto/olmkeys"
)

// A file's chunks are sealed as in the page, and it is saved under the same name.
func TestFileVectors(t *testing.T) {
	var vectors struct {
		ID, Key string
		Size    int
		Chunks  []string // SHA-256 of each, sealed
		Names   []struct{ In, Out string }
	}
	b, err := os.ReadFile("testdata/file.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &vectors); err != nil {
		t.Fatal(err)
	}
	content := pattern(vectors.Size)
	seal := newFileSeal(unbase64(vectors.ID, fileIDSize), unbase64(vectors.Key, fileKeySize), len(content))
	if seal.count() != len(vectors.Chunks) {
		t.Fatalf("%d chunks", seal.count())
	}
	for n, want := range vectors.Chunks {
		chunk := content[n*chunkSize : n*chunkSize+seal.length(n)]
		sealed := seal.seal(n, chunk)
		if sum := sha256.Sum256(sealed); base64.RawStdEncoding.EncodeToString(sum[:]) != want {
			t.Errorf("chunk %d has the hash %s", n, base64.RawStdEncoding.EncodeToString(sum[:]))
		}
		if opened, err := seal.open(n, sealed); err != nil || !bytes.Equal(opened, chunk) {
			t.Errorf("chunk %d: %v", n, err)
		}
		if _, err := seal.open(n^1, sealed); err == nil {
			t.Errorf("chunk %d opens as another", n)
		}
	}
	for _, name := range vectors.Names {
		if got := safeFileName(name.In); got != name.Out {
			t.Errorf("%q becomes %q", name.In, got)
		}
	}
}

func pattern(size int) []byte {
	content := make([]byte, size)
	for i := range content {
		content[i] = byte(i*31 + i>>8)
	}
	return content
}

// inbox is what one took.
type inbox struct {
	mu   sync.Mutex
	got  map[string][]byte
	errs []error
	seen []int // bytes, as they came
}

func (b *inbox) take(f Transfer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen = append(b.seen, f.Have)
	switch {
	case f.Err != nil:
		b.errs = append(b.errs, f.Err)
	case f.Done:
		if b.got == nil {
			b.got = map[string][]byte{}
		}
		b.got[f.Name] = f.Data
	}
}

func (b *inbox) has(name string, content []byte) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Equal(b.got[name], content)
}

func (b *inbox) failed() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return errors.Join(b.errs...)
}

// Files go to those who take them: one to all, one to B alone, of which C hears nothing.
func TestFiles(t *testing.T) {
	w, secret := newWorld(t), newSecret()
	var da, db, dc diary
	var bs inbox
	withFiles := db.config("B")
	withFiles.OnFile = bs.take
	a, b, c := w.join(secret, da.config("A")), w.join(secret, withFiles), w.join(secret, dc.config("C"))
	for _, member := range []*Call{a, b, c} {
		member.Meet(t.Context())
	}
	large, small := pattern(4*chunkSize+17), []byte("hello")
	mustSay(t, a.Share("../plan.pdf", large))
	eventually(t, "both are told", func() bool { return db.has("A file") && dc.has("A file") })
	toB, err := a.Find("B")
	if err != nil {
		t.Fatal(err)
	}
	mustSay(t, a.Share("note", small, toB))
	eventually(t, "B is told", func() bool { return db.count("A file") == 2 })
	if bs.seen != nil {
		t.Error("something came that was not taken")
	}
	mustSay(t, b.Take(1))
	mustSay(t, b.Take(2))
	if err := b.Take(1); !errors.Is(err, ErrUnsaid) {
		t.Errorf("taken twice at the same time: %v", err)
	}
	eventually(t, "both come", func() bool { return bs.has("_plan.pdf", large) && bs.has("note", small) })
	eventually(t, "A is told", func() bool { return da.count("B file_taken") == 2 })
	if dc.count("A file") != 1 {
		t.Error("C heard of what was for B")
	}
	for what, err := range map[string]error{"nothing": a.Share("x", nil), "too much": a.Share("x", make([]byte, MaxFile+1)), "unknown": b.Take(9)} {
		if !errors.Is(err, ErrUnsaid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	a.Leave()
	eventually(t, "what A offered is gone", func() bool { return errors.Is(c.Take(1), ErrUnsaid) })
}

// What a hostile member sends is no file: nothing is handed over whose chunks or hash are not as promised.
func TestHostileFiles(t *testing.T) {
	var told []string
	s, hear := listener(&told)
	var got inbox
	s.call.config.OnFile = got.take
	s.carrying = 1 // what it would say is not looked at here
	content, id, key := pattern(chunkSize+5), make([]byte, fileIDSize), make([]byte, fileKeySize)
	b64 := base64.RawStdEncoding.EncodeToString
	offer := func(change func(*fileOffer)) string {
		hash := sha256.Sum256(content)
		o := fileOffer{ID: b64(id), Name: "a/b\x1b[2J.pdf", Size: len(content), Key: b64(key), Hash: b64(hash[:])}
		change(&o)
		return string(bodyOf(o))
	}
	for _, change := range []func(*fileOffer){
		func(o *fileOffer) { o.ID = "x" }, func(o *fileOffer) { o.Key = b64(id) }, func(o *fileOffer) { o.Hash = "" },
		func(o *fileOffer) { o.Size = 0 }, func(o *fileOffer) { o.Size = -1 }, func(o *fileOffer) { o.Size = MaxFile + 1 },
	} {
		hear(false, fileKind, offer(change))
	}
	if told != nil {
		t.Errorf("told %q", told)
	}
	wrong := offer(func(o *fileOffer) { o.Hash = b64(key) })
	hear(true, fileKind, wrong)
	hear(true, fileKind, wrong) // the same again is no other
	if len(told) != 1 || told[0] != "file 1 a_b [2J.pdf true" {
		t.Errorf("told %q", told)
	}
	begin := func() {
		s.files.theirs[1].parts = make([][]byte, 2)
		s.watchFile(1, s.files.theirs[1])
	}
	seal := newFileSeal(id, key, len(content))
	chunk := func(n int, data []byte) string { return string(bodyOf(fileChunk{b64(id), n, b64(data)})) }
	hear(false, chunkKind, chunk(0, seal.seal(0, content[:chunkSize]))) // not taken yet
	begin()
	for _, none := range []string{chunk(-1, nil), chunk(2, nil), `{"id":1}`, `[]`, `{"id":"` + b64(id) + `","n":0,"data":"!"}`} {
		hear(false, chunkKind, none)
	}
	if got.seen != nil {
		t.Error("counted what was no chunk")
	}
	hear(false, chunkKind, chunk(1, seal.seal(0, content[:5]))) // another's place
	if err := got.failed(); err == nil || !strings.Contains(err.Error(), "not what was promised") {
		t.Error(err)
	}
	begin()
	hear(false, chunkKind, chunk(0, seal.seal(0, content[:chunkSize])))
	hear(false, chunkKind, chunk(1, seal.seal(1, content[chunkSize:])))
	if len(got.errs) != 2 || got.got != nil {
		t.Errorf("another hash: %v, %d files", got.errs, len(got.got))
	}
	told = nil
	for i := range 100 {
		copy(id, fmt.Sprint(i))
		hear(false, fileKind, offer(func(*fileOffer) {}))
	}
	if len(told) != maxOffers-1 {
		t.Errorf("of one who floods %d are told", len(told))
	}
	s.leftWithFiles(olmkeys.Ref{User: "@b:localhost", Device: "BBBBBBBBBB"})
	if len(s.files.theirs)+len(s.files.byID) != 0 {
		t.Error("who left is remembered")
	}
}

// Who wants a file is sent it three times at most, and never one that was for somebody else.
func TestWanting(t *testing.T) {
	var told []string
	s, hear := listener(&told)
	s.carrying = 1
	key := make([]byte, fileKeySize)
	f := &ourFile{id: "x", content: pattern(100), seal: newFileSeal(key[:fileIDSize], key, 100), wanting: map[olmkeys.Ref]*wanting{}, to: olmkeys.Ref{User: "@c:localhost"}}
	s.files.ours["x"], s.files.order = f, []string{"x"}
	want := func() int {
		s.later = nil
		hear(true, wantKind, `{"id":"x","want":[[0,0]]}`)
		return len(s.later)
	}
	if want() != 0 {
		t.Error("sent to one it was not for")
	}
	f.to = olmkeys.Ref{}
	for _, none := range []string{`{"id":"x","want":[[0,1]]}`, `{"id":"x","want":[[-1,0]]}`, `{"id":"x","want":[[0,0]`, `{"id":"y","want":[[0,0]]}`} {
		hear(true, wantKind, none)
	}
	if len(s.later) != 0 {
		t.Error("sent what there is not")
	}
	s.files.room = 100
	for i := range 5 {
		if s.files.timer != nil {
			s.files.timer.Stop()
			s.files.timer = nil
		}
		if sent := want(); sent != 1 && i < timesShared || sent != 0 && i >= timesShared {
			t.Errorf("time %d: %d chunks", i, sent)
		}
	}
}
