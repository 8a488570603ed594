package call

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/grotto-meet/grotto/olmkeys"
)

// The id of a poll, and the nonce that its key makes, are the page's.
func TestPollID(t *testing.T) {
	var vector struct {
		Poll       poll
		ID         string
		Key, Nonce string
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
	if got := pollNonce(vector.Key); got != vector.Nonce {
		t.Errorf("the nonce of %s is %s", vector.Key, got)
	}
}

// listener is a session that hears Bob, and notes what is told.
func listener(told *[]string) (*session, func(private bool, kind, body string)) {
	c := &Call{tally: newTally(), config: Config{OnPerson: func(e PersonEvent) {
		*told = append(*told, strings.TrimSpace(fmt.Sprintf("%s %d %s %v", e.What, max(e.Poll, e.File), e.Text, e.Private)))
	}}}
	from := olmkeys.Ref{User: "@b:localhost", Device: "BBBBBBBBBB"}
	s := &session{call: c, people: map[olmkeys.Ref]*person{from: {state: olmkeys.StateNew}},
		asking: &asking{own: map[string][]int{}}, files: newFiles()}
	return s, func(private bool, kind, body string) {
		s.heard(olmkeys.Heard{From: from, Kind: kind, Body: []byte(body), Private: private})
	}
}

const (
	teaKey  = "AAECAwQFBgcICQoLDA0ODw"
	teaPoll = `{"nonce":"NONCE","question":" Tea\u202e? ","options":["Yes","No\n"],"many":false}`
)

// Polls and answers are told once, cleaned; what is none, or too much of it, is not.
func TestAsking(t *testing.T) {
	var told []string
	s, hear := listener(&told)
	tea := strings.Replace(teaPoll, "NONCE", pollNonce(teaKey), 1)
	asked := poll{Nonce: pollNonce(teaKey), Question: "Tea?", Options: []string{"Yes", "No"}}
	hear(false, pollKind, tea)
	hear(false, pollKind, tea)
	hear(true, pollKind, strings.Replace(tea, "Tea", "Coffee", 1)) // a question is to everybody
	for _, none := range []string{`[]`, `{}`, strings.Replace(tea, `"nonce":"`, `"nonce":"x`, 1), strings.Replace(tea, "Yes", "No", 1), strings.Replace(tea, "Yes", "", 1)} {
		hear(false, pollKind, none)
	}
	for _, chosen := range []string{`[1,0]`, `[0]`, `[]`, `[7]`, `"x"`, `[1]`} {
		hear(false, voteKind, fmt.Sprintf(`{"votes":{%q:%s,"other":[0]}}`, asked.id(), chosen))
	}
	hear(true, voteKind, fmt.Sprintf(`{"votes":{%q:[0]}}`, asked.id()))
	for _, end := range []string{`{}`, `7`, `{"key":"BAECAwQFBgcICQoLDA0ODw","counts":[9,0],"voters":9}`, `{"key":"` + teaKey + `","counts":[9],"voters":9}`,
		`{"key":"` + teaKey + `","counts":[9,0],"voters":8}`, `{"key":"` + teaKey + `","counts":[-1,0],"voters":8}`} {
		hear(false, pollKind, strings.Replace(tea, "}", `,"end":`+end+"}", 1))
	}
	if s.asking.polls[0].end != nil {
		t.Error("closed by what ends nothing")
	}
	end := `,"end":{"key":"` + teaKey + `","counts":[9,0],"voters":9}}`
	hear(false, pollKind, strings.Replace(tea, "}", end, 1)) // we have counted ourselves
	hear(false, pollKind, strings.Replace(tea, "}", end, 1))
	hear(false, voteKind, fmt.Sprintf(`{"votes":{%q:[0]}}`, asked.id()))
	hear(false, pollKind, strings.Replace(strings.Replace(tea, "Tea", "Late", 1), "}", end, 1)) // over before we came
	want := []string{"poll 1 Tea? (1) Yes (2) No false", "answer 1 Yes false", "answer 1 No false", "poll_closed 1 Tea? (1) Yes: 0 (2) No: 1 false",
		"poll 2 Late? (1) Yes (2) No false", "poll_closed 2 Late? (1) Yes: 9 (2) No: 0 false"}
	if !slices.Equal(told, want) {
		t.Errorf("told\n%q, not\n%q", told, want)
	}
	told = nil
	for i := range 100 {
		hear(false, pollKind, strings.Replace(tea, "Tea", fmt.Sprint(i), 1))
	}
	if len(told) != maxPollsOfOne-2 {
		t.Errorf("of one who floods %d are told", len(told))
	}
}

// Two who are there and one who comes later have the same result; whoever asked closes, and nobody else.
func TestVoting(t *testing.T) {
	w, secret := newWorld(t), newSecret()
	var da, db, dc diary
	a, b := w.join(secret, da.config("A")), w.join(secret, db.config("B"))
	a.Meet(t.Context())
	b.Meet(t.Context())
	number, err := a.Ask("Tea?", []string{"Yes", "No"}, false)
	mustSay(t, err)
	eventually(t, "B is asked", func() bool { return db.has("A poll") })
	for what, err := range map[string]error{"no such poll": b.Vote(2, 1), "no such answer": b.Vote(1, 3), "two answers": b.Vote(1, 1, 2), "not B's": b.ClosePoll(1)} {
		if !errors.Is(err, ErrUnsaid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	mustSay(t, b.Vote(1, 2))
	mustSay(t, b.Vote(1))
	mustSay(t, b.Vote(1, 1))
	mustSay(t, a.Vote(number, 1))
	eventually(t, "both answered", func() bool { return db.has("A answer") && votesFor(t, a, 0) == 2 })
	c := w.join(secret, dc.config("C"))
	eventually(t, "the newcomer knows", func() bool { return dc.has("A poll") && votesFor(t, c, 0) == 2 })
	mustSay(t, a.ClosePoll(number))
	eventually(t, "it is closed", func() bool { return db.has("A poll_closed") && dc.has("A poll_closed") })
	if err := b.Vote(1, 2); !errors.Is(err, ErrUnsaid) {
		t.Errorf("an answer to a closed poll: %v", err)
	}
	b.Leave()
	var dd diary
	d := w.join(secret, dd.config("D"))
	eventually(t, "the result is told", func() bool { return dd.has("A poll_closed") })
	for _, c := range []*Call{a, c, d} {
		if votesFor(t, c, 0) != 2 {
			t.Errorf("%d votes", votesFor(t, c, 0))
		}
	}
}

func votesFor(t *testing.T, c *Call, place int) int {
	t.Helper()
	all, err := c.Polls()
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	return all[0].Options[place].Votes
}
