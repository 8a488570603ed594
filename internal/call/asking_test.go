package call

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/grotto-meet/grotto/olmkeys"
)

// The id of a poll is the page's.
func TestPollID(t *testing.T) {
	var vector struct {
		Poll poll
		ID   string
	}
	b, err := os.ReadFile("testdata/poll.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &vector); err != nil {
		t.Fatal(err)
	}
	if !vector.Poll.clean() || vector.Poll.id() != vector.ID {
		t.Errorf("%+v is %s", vector.Poll, vector.Poll.id())
	}
}

// Polls, answers and offers are told once, cleaned; what is none, or too much of it, is not.
func TestAsking(t *testing.T) {
	var told []string
	c := &Call{tally: newTally(), config: Config{OnPerson: func(e PersonEvent) {
		told = append(told, strings.TrimSpace(fmt.Sprintf("%s %s %v", e.What, e.Text, e.Private)))
	}}}
	from := olmkeys.Ref{User: "@b:localhost", Device: "BBBBBBBBBB"}
	s := &session{call: c, people: map[olmkeys.Ref]*person{from: {state: olmkeys.StateNew}}}
	hear := func(private bool, kind, body string) {
		s.heard(olmkeys.Heard{From: from, Kind: kind, Body: []byte(body), Private: private})
	}
	const tea = `{"nonce":"AAECAwQFBgcICQoLDA0ODw","question":" Tea\u202e? ","options":["Yes","No\n"],"many":false}`
	asked := poll{Nonce: "AAECAwQFBgcICQoLDA0ODw", Question: "Tea?", Options: []string{"Yes", "No"}}
	hear(false, pollKind, tea)
	hear(false, pollKind, tea)
	hear(true, pollKind, strings.Replace(tea, "Tea", "Coffee", 1)) // a question is to everybody
	for _, none := range []string{`[]`, `{}`, strings.Replace(tea, "AAEC", "x", 1), strings.Replace(tea, "Yes", "No", 1), strings.Replace(tea, "Yes", "", 1)} {
		hear(false, pollKind, none)
	}
	for _, chosen := range []string{`[1,0]`, `[0]`, `[]`, `[7]`, `"x"`, `[1]`} {
		hear(false, voteKind, fmt.Sprintf(`{"votes":{%q:%s,"other":[0]}}`, asked.id(), chosen))
	}
	hear(true, voteKind, fmt.Sprintf(`{"votes":{%q:[0]}}`, asked.id()))
	hear(false, fileKind, `{"id":"x","name":"plan\u001b[2J.pdf","size":17}`)
	hear(true, fileKind, `{"name":"mine","size":1}`)
	hear(false, fileKind, `{"name":"empty"}`)
	want := []string{"poll Tea? (1) Yes (2) No false", "answer Yes false", "answer No false", "file plan [2J.pdf false", "file mine true"}
	if !slices.Equal(told, want) {
		t.Errorf("told\n%q, not\n%q", told, want)
	}
	told = nil
	for i := range 100 {
		hear(false, pollKind, strings.Replace(tea, "Tea", fmt.Sprint(i), 1))
		hear(false, fileKind, `{"name":"x","size":1}`)
	}
	if len(told) != maxPollsOfOne-1+maxOffers-2 {
		t.Errorf("of one who floods %d are told", len(told))
	}
}
