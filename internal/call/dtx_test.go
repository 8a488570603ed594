package call

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// TestDTXFramesSurvive: while nobody speaks, a frame of sound is its one byte of configuration, or two. Each is sealed, sent,
// opened and recorded as it was.
func TestDTXFramesSurvive(t *testing.T) {
	const (
		tone    = "\x78\x9f\x9a\x35\xc2\x9b\x5d\xe0" // any frame of 20 ms
		pause   = "\x78"
		comfort = "\x78\x00"
	)
	var packets []string
	for i := range 100 {
		packets = append(packets, [...]string{tone, pause, pause, comfort, pause}[i%5])
	}
	path := filepath.Join(t.TempDir(), "quiet.ogg")
	if err := os.WriteFile(path, oggOf(packets), 0o600); err != nil {
		t.Fatal(err)
	}
	media, err := OpenMedia([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	w, secret := newWorld(t), newSecret()
	lengths := make(chan int, 10_000)
	w.join(secret, Config{Name: "B", OnFrame: func(f Frame) { lengths <- len(f.Data) }})
	a, err := Join(t.Context(), Config{Link: w.link(secret), Name: "A", Publish: media})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Leave()
	seen := map[int]int{}
	for seen[len(tone)] < 10 || seen[len(pause)] < 30 || seen[len(comfort)] < 10 {
		seen[<-lengths]++
	}
	for n := range seen {
		if n != len(tone) && n != len(pause) && n != len(comfort) {
			t.Errorf("a frame of %d bytes", n)
		}
	}
}

// oggOf puts packets of less than 255 bytes into pages (RFC 3533 §6) of ten, behind the head and the tags (RFC 7845 §5).
func oggOf(packets []string) (file []byte) {
	page := func(packets ...string) {
		head := make([]byte, oggPageHeaderSize)
		copy(head, oggMagic)
		binary.LittleEndian.PutUint32(head[14:], 1) // serial number
		head[26] = byte(len(packets))
		file = append(file, head...)
		for _, p := range packets {
			file = append(file, byte(len(p)))
		}
		for _, p := range packets {
			file = append(file, p...)
		}
	}
	page(opusHead + "\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00")
	page(opusTags + "\x00\x00\x00\x00\x00\x00\x00\x00")
	for ; len(packets) > 0; packets = packets[10:] {
		page(packets[:10]...)
	}
	return file
}
