package call

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// The kinds of what people say besides media, and how much of it is looked at.
const (
	profileKind  = "grotto.profile"
	chatKind     = "grotto.chat"
	reactionKind = "grotto.reaction"

	maxProfileSize     = 4 << 10
	reactionsPerSecond = 5 // of one participant; more are not handed on
)

// Reactions are all there are.
var Reactions = []string{"👍", "👏", "❤️", "😂", "😮", "🎉"}

// profile is what a participant says about itself, sealed.
type profile struct {
	Name      string `json:"name"`
	Mic       bool   `json:"mic"`
	Camera    bool   `json:"camera"`
	Screen    bool   `json:"screen"`
	Hand      int64  `json:"hand"`                // ms since 1970 when it was raised; 0: it is down
	Recording bool   `json:"recording,omitempty"` // writes what it receives to files of its own
}

type chat struct {
	Text string `json:"text"`
}

type reaction struct {
	Emoji string `json:"emoji"`
}

// ChatLine is something that somebody wrote. Text and Name are cleaned: they hold no control characters but line
// breaks, in Text.
type ChatLine struct {
	From    olmkeys.Ref
	Name    string
	Text    string
	Private bool // to us only
}

// Happening is what else somebody did.
type Happening string

// The happenings.
const (
	Joined      Happening = "joined" // and said a name
	Left        Happening = "left"
	Raised      Happening = "hand_raised"
	Lowered     Happening = "hand_lowered"
	Records     Happening = "recording" // says that it writes what it receives to files
	RecordsNot  Happening = "recording_ended"
	Reacted     Happening = "reaction"
	Asked       Happening = "poll"         // everybody a question
	Answered    Happening = "answer"       // one
	Closed      Happening = "poll_closed"  // a question of their own: nobody answers any more
	Offered     Happening = "file"         // a file: see Call.Take
	Took        Happening = "file_taken"   // one of ours
	WrongSecret Happening = "wrong_secret" // is there with another secret: nothing is exchanged
	Knocks      Happening = "knocks"       // waits to be let in: see Call.Admit
	RoleChanged Happening = "role"         // has another role
	ChangedKey  Happening = "changed_key"  // goes by the name or user id of somebody remembered under another key
	Bypassed    Happening = "bypassed"     // the server spoke in its name, past Config.Transport: it was not heard
	Unvouched   Happening = "unvouched"    // Config.Transport does not reach it: it gets no keys
)

// PersonEvent is something that somebody did.
type PersonEvent struct {
	From  olmkeys.Ref
	Name  string
	What  Happening
	Emoji string // with Reacted

	// Text is the question and its answers in one line with Asked, and how often each was chosen with Closed; what was
	// chosen with Answered; the file's name with Offered and Took. Private says that a file is offered to us only.
	Text    string
	Private bool
	Poll    int  // the number of the poll, from 1
	File    int  // the number of the file with Offered, from 1, and
	Size    int  // its bytes
	Role    Role // with RoleChanged
}

// person is somebody who is there now, in this session.
type person struct {
	state   olmkeys.PeerState
	name    string
	named   bool // has said a profile
	hand    bool
	records bool
	sends   Sending
	reacted []time.Time // in the last second
	polls   int
	offers  int
	ballot  map[string][]int // what they answer, by poll
}

// listens says whether what we say to all is for them.
func (p *person) listens() bool {
	switch p.state {
	case "", olmkeys.StateWrongSecret, olmkeys.StateRefused, olmkeys.StateBlocked:
		return false
	default:
		return true
	}
}

// noted takes notice of who comes and goes.
func (s *session) noted(e olmkeys.Effect) {
	switch e := e.(type) {
	case olmkeys.Show:
		if e.State == olmkeys.StateRefused { // nothing of it is used, and nothing tells when it is gone
			delete(s.people, e.From)
			break
		}
		p := s.people[e.From]
		if p == nil {
			p = &person{}
			s.people[e.From] = p
			defer s.showsPeer(e.From)
		}
		if e.State == olmkeys.StateWrongSecret && p.state != e.State {
			s.tell(e.From, WrongSecret, "")
		}
		changed := e.State == olmkeys.StateChangedKey && p.state != e.State
		p.state = e.State
		if changed {
			s.tell(e.From, ChangedKey, "")
		}
	case olmkeys.DropDevice:
		if p := s.people[e.From]; p != nil && p.named {
			s.tell(e.From, Left, "")
		}
		delete(s.people, e.From)
		s.leftWithFiles(e.From)
	case olmkeys.Heard:
		s.heard(e)
	default:
		return
	}
	s.checkMet()
}

func (s *session) tell(from olmkeys.Ref, what Happening, emoji string) {
	s.happened(PersonEvent{From: from, What: what, Emoji: emoji})
}

func (s *session) happened(e PersonEvent) {
	if f := s.call.config.OnPerson; f != nil {
		e.Name = s.nameOf(e.From)
		f(e)
	}
}

// nameOf is what to call somebody who is there; where two go by one name, with the device.
func (s *session) nameOf(ref olmkeys.Ref) string {
	p := s.people[ref]
	switch {
	case p == nil || !p.listens():
		return stranger
	case p.name == "":
		return nameless
	}
	for other, q := range s.people {
		if other != ref && q.name == p.name {
			return p.name + " " + ref.Device
		}
	}
	return p.name
}

// heard takes in what somebody said. Only chat is for some alone.
func (s *session) heard(e olmkeys.Heard) {
	p := s.people[e.From]
	if p == nil || !p.listens() || !s.hears(e.Kind, e.Private) {
		return
	}
	switch {
	case e.Kind == chatKind:
		var c chat
		if json.Unmarshal(e.Body, &c) != nil {
			return
		}
		text := cleanText(cut(cleanText(c.Text), maxText)) // the cut may leave what is not seen
		if f := s.call.config.OnChat; f != nil && text != "" {
			f(ChatLine{From: e.From, Name: s.nameOf(e.From), Text: text, Private: e.Private})
		}
	case e.Kind == fileKind, e.Kind == wantKind, e.Kind == chunkKind, e.Kind == fileGoneKind:
		s.heardFile(e, p)
	case e.Private && e.Kind == askKind:
		s.asked(e.From, e.Body)
	case e.Private && e.Kind == breakoutKind:
		s.sentAway(e.From, e.Body)
	case e.Private:
	case e.Kind == pollKind:
		s.heardPoll(e, p)
	case e.Kind == voteKind:
		s.heardVotes(e, p)
	case e.Kind == profileKind:
		s.heardProfile(e.From, p, e.Body)
	case e.Kind == reactionKind:
		var r reaction
		if json.Unmarshal(e.Body, &r) == nil && slices.Contains(Reactions, r.Emoji) && p.mayReact(time.Now()) {
			s.tell(e.From, Reacted, r.Emoji)
		}
	}
}

func (p *person) mayReact(now time.Time) bool {
	p.reacted = slices.DeleteFunc(p.reacted, func(t time.Time) bool { return now.Sub(t) >= time.Second })
	if len(p.reacted) >= reactionsPerSecond {
		return false
	}
	p.reacted = append(p.reacted, now)
	return true
}

func (s *session) heardProfile(from olmkeys.Ref, p *person, body []byte) {
	var said profile
	if len(body) > maxProfileSize || json.Unmarshal(body, &said) != nil {
		return
	}
	p.name = cleanName(said.Name)
	s.call.tally.name(from, p.name)
	if s.call.config.Player != nil && len(s.offered) > 0 {
		s.show() // it may be who is played
	}
	if !p.named {
		p.named = true
		s.tell(from, Joined, "")
	}
	switch hand := said.Hand > 0; {
	case hand && !p.hand:
		s.tell(from, Raised, "")
	case !hand && p.hand:
		s.tell(from, Lowered, "")
	}
	p.hand = said.Hand > 0
	switch {
	case said.Recording && !p.records:
		s.tell(from, Records, "")
	case !said.Recording && p.records:
		s.tell(from, RecordsNot, "")
	}
	p.records = said.Recording
	now := Sending{from, said.Mic, said.Camera, said.Screen}
	if f := s.call.config.OnSending; f != nil && now != p.sends {
		f(now)
	}
	p.sends = now
}

// introduce says who we are to everybody: at the beginning, for each newcomer, and when something of it has changed. The
// agent holds it back until newcomers can read it.
func (s *session) introduce() {
	if !s.inCall {
		return
	}
	s.call.mu.Lock()
	p := profile{Name: cleanName(s.call.config.Name), Hand: s.call.hand, Recording: s.call.config.Recorder != nil}
	s.call.mu.Unlock()
	if s.lacks(wire.FeatureRaiseHand) {
		p.Hand = 0
	}
	for _, m := range s.call.publishing() {
		on := func(source wire.Source) bool { return m.Source == source && !s.call.isOff(source) && !s.views() }
		p.Mic = p.Mic || on(wire.SourceMic)
		p.Camera = p.Camera || on(wire.SourceCamera)
		p.Screen = p.Screen || on(wire.SourceScreen)
	}
	s.say(profileKind, p)
}

func (s *session) say(kind string, what any) {
	s.handle(olmkeys.SayToAll{Kind: kind, Body: bodyOf(what)})
}

func bodyOf(what any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // it would make one byte six
	if err := encoder.Encode(what); err != nil {
		panic(err) // strings, numbers and booleans
	}
	return bytes.TrimSpace(b.Bytes())
}
