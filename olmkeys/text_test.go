package olmkeys

import (
	"encoding/json"
	"os"
	"testing"
)

// What pages show and what is compared here is the same name: the page reads these vectors, too.
func TestTextVectors(t *testing.T) {
	b, err := os.ReadFile("testdata/text.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Names []struct{ What, In, Out string }
	}
	if err := json.Unmarshal(b, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors.Names {
		if got := cleanName(v.In); got != v.Out || cleanName(got) != got {
			t.Errorf("%s: %+q becomes %+q, then %+q", v.What, v.In, got, cleanName(got))
		}
	}
}
