package call

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

const (
	maxOffers     = 20 // of one participant; more are not told
	maxTaking     = 3  // at a time
	maxSharing    = 5  // at a time, for they stay in memory
	stalledFor    = 10 * time.Second
	maxStalls     = 5                      // in a row, after each of which what is missing is asked for again
	chunkEvery    = 650 * time.Millisecond // the server takes 64 KiB/s of one client's data: there is room for what else is said
	chunksAtATime = 3                      // after a pause: the server takes 256 KiB at once
	timesShared   = 3                      // that somebody may have the whole file sent
)

// Transfer is how far a file that one takes has come: to Config.OnFile. Data is the whole of it once Done, its hash
// right; Err says why it will not come.
type Transfer struct {
	File int // the number that Offered told
	Name string
	Have int // bytes, of
	Size int
	Done bool
	Data []byte
	Err  error
}

// files are those offered to us and by us. The session's goroutine owns them.
type files struct {
	theirs map[int]*theirFile
	byID   map[fileRef]int
	ours   map[string]*ourFile
	order  []string // of ours, whose turn it is first
	room   float64  // chunks that may go out now
	since  time.Time
	timer  *time.Timer // until the next chunk
}

type fileRef struct {
	from olmkeys.Ref
	id   string
}

type theirFile struct {
	fileRef
	offer  fileOffer
	seal   *fileSeal
	hash   []byte
	parts  [][]byte // nil until it is taken
	have   int
	stalls int
	timer  *time.Timer
}

type ourFile struct {
	id      string
	name    string
	content []byte
	seal    *fileSeal
	to      olmkeys.Ref // the zero Ref for everybody
	wanting map[olmkeys.Ref]*wanting
	next    int
}

type wanting struct {
	chunks map[int]bool
	asked  int
}

func newFiles() files {
	return files{theirs: map[int]*theirFile{}, byID: map[fileRef]int{}, ours: map[string]*ourFile{},
		room: chunksAtATime, since: time.Now()}
}

// heardFile takes in what somebody says of files.
func (s *session) heardFile(e olmkeys.Heard, p *person) {
	switch e.Kind {
	case fileKind:
		s.heardOffer(e, p)
	case wantKind:
		var w fileWant
		if e.Private && json.Unmarshal(e.Body, &w) == nil {
			s.wanted(e.From, w)
		}
	case chunkKind:
		var c fileChunk
		if !e.Private && json.Unmarshal(e.Body, &c) == nil {
			s.heardChunk(fileRef{e.From, c.ID}, c)
		}
	case fileGoneKind:
		var g fileGone
		if json.Unmarshal(e.Body, &g) == nil {
			s.dropFile(fileRef{e.From, g.ID}, "it is offered no more")
		}
	}
}

func (s *session) heardOffer(e olmkeys.Heard, p *person) {
	var o fileOffer
	if json.Unmarshal(e.Body, &o) != nil || p.offers >= maxOffers {
		return
	}
	seal, hash, ok := o.opened()
	ref := fileRef{e.From, o.ID}
	if _, known := s.files.byID[ref]; !ok || known {
		return
	}
	p.offers++
	s.call.lastFile++
	s.files.theirs[s.call.lastFile] = &theirFile{fileRef: ref, offer: o, seal: seal, hash: hash}
	s.files.byID[ref] = s.call.lastFile
	s.happened(PersonEvent{From: e.From, What: Offered, Text: o.Name, File: s.call.lastFile, Size: o.Size, Private: e.Private})
}

// Take has a file sent that somebody offers, by the number that Offered told; what comes of it goes to Config.OnFile.
func (c *Call) Take(number int) error {
	return c.inSession(func(s *session) error {
		f := s.files.theirs[number]
		taking := 0
		for _, other := range s.files.theirs {
			if other.parts != nil {
				taking++
			}
		}
		switch {
		case f == nil:
			return unsaid(fmt.Sprintf("there is no file %d to be had", number), "who offered it may have left")
		case f.parts != nil:
			return unsaid(fmt.Sprintf("file %d is being taken", number), "")
		case taking >= maxTaking:
			return unsaid(fmt.Sprintf("%d files are being taken", taking), "wait until one has come")
		}
		f.parts, f.have, f.stalls = make([][]byte, f.seal.count()), 0, 0
		s.askFor(number, f)
		return nil
	})
}

// askFor asks for what is missing, and again when nothing comes.
func (s *session) askFor(number int, f *theirFile) {
	w := fileWant{ID: f.id, Want: missing(f.parts)}
	s.handle(olmkeys.SayTo{To: []olmkeys.Ref{f.from}, Kind: wantKind, Body: bodyOf(w)})
	s.watchFile(number, f)
}

func (s *session) watchFile(number int, f *theirFile) {
	if f.timer != nil {
		f.timer.Stop()
	}
	f.timer = time.AfterFunc(stalledFor, func() {
		s.post(func() {
			if s.files.theirs[number] != f || f.parts == nil {
				return
			}
			if f.stalls++; f.stalls > maxStalls {
				s.notTaken(number, f, "it does not come")
				return
			}
			s.askFor(number, f)
		})
	})
}

// missing are the ranges of what is not there; the rest of it where these would be too many.
func missing(parts [][]byte) (ranges [][2]int) {
	for n, part := range parts {
		last := len(ranges) - 1
		switch {
		case part != nil:
		case last >= 0 && (ranges[last][1] == n-1 || len(ranges) == maxRanges):
			ranges[last][1] = n
		default:
			ranges = append(ranges, [2]int{n, n})
		}
	}
	return ranges
}

func (s *session) heardChunk(ref fileRef, c fileChunk) {
	number := s.files.byID[ref]
	f := s.files.theirs[number]
	if f == nil || f.parts == nil || c.N < 0 || c.N >= len(f.parts) || f.parts[c.N] != nil {
		return
	}
	sealed, err := base64.RawStdEncoding.DecodeString(c.Data)
	if err != nil {
		return
	}
	part, err := f.seal.open(c.N, sealed)
	if err != nil {
		s.notTaken(number, f, "it is not what was promised")
		return
	}
	f.parts[c.N], f.stalls = part, 0
	f.have += len(part)
	if f.have < f.offer.Size {
		s.watchFile(number, f)
		s.transferred(Transfer{File: number, Name: f.offer.Name, Have: f.have, Size: f.offer.Size})
		return
	}
	whole := make([]byte, 0, f.offer.Size)
	for _, part := range f.parts {
		whole = append(whole, part...)
	}
	if sum := sha256.Sum256(whole); string(sum[:]) != string(f.hash) {
		s.notTaken(number, f, "it is not what was promised")
		return
	}
	f.timer.Stop()
	f.parts = nil
	s.handleSoon(olmkeys.SayTo{To: []olmkeys.Ref{f.from}, Kind: wantKind, Body: bodyOf(fileWant{f.id, [][2]int{}})})
	s.transferred(Transfer{File: number, Name: f.offer.Name, Have: f.offer.Size, Size: f.offer.Size, Done: true, Data: whole})
}

// notTaken ends the taking. It can be tried again.
func (s *session) notTaken(number int, f *theirFile, why string) {
	f.timer.Stop()
	f.parts = nil
	s.transferred(Transfer{File: number, Name: f.offer.Name, Size: f.offer.Size, Err: unsaid("the file did not come: "+why, "")})
}

func (s *session) transferred(t Transfer) {
	if f := s.call.config.OnFile; f != nil {
		f(t)
	}
}

// dropFile forgets what is offered no more.
func (s *session) dropFile(ref fileRef, why string) {
	number, known := s.files.byID[ref]
	if !known {
		return
	}
	f := s.files.theirs[number]
	if f.parts != nil {
		s.notTaken(number, f, why)
	}
	delete(s.files.theirs, number)
	delete(s.files.byID, ref)
}

// leftWithFiles: somebody is gone, and with them what they offered and wanted.
func (s *session) leftWithFiles(who olmkeys.Ref) {
	for ref := range s.files.byID {
		if ref.from == who {
			s.dropFile(ref, "its sender has left")
		}
	}
	for _, f := range s.files.ours {
		delete(f.wanting, who)
	}
}

// endFiles: what was offered in this session is looked for in vain in the next.
func (s *session) endFiles() {
	for ref := range s.files.byID {
		s.dropFile(ref, "the connection was lost")
	}
	if s.files.timer != nil {
		s.files.timer.Stop()
	}
}

// Share offers a file to everybody, or to the one that is given. It is sent to who takes it, for as long as the call lives.
func (c *Call) Share(name string, content []byte, to ...olmkeys.Ref) error {
	switch {
	case len(content) == 0:
		return unsaid("there is nothing in this file", "")
	case len(content) > MaxFile:
		return unsaid(fmt.Sprintf("the file has %d bytes", len(content)), fmt.Sprintf("at most %d", MaxFile))
	}
	return c.inSession(func(s *session) error {
		if err := s.has(wire.FeatureFiles); err != nil {
			return err
		}
		switch {
		case len(s.files.ours) >= maxSharing:
			return unsaid(fmt.Sprintf("%d files are offered already", maxSharing), "")
		case len(to) == 0 && !s.accompanied():
			return unsaid("nobody is here to take it", "wait until somebody has joined")
		case len(to) > 0 && (s.people[to[0]] == nil || !s.people[to[0]].listens()):
			return unsaid("that participant has left", "")
		}
		id, key := make([]byte, fileIDSize), make([]byte, fileKeySize)
		_, _ = rand.Read(id) // never fails
		_, _ = rand.Read(key)
		hash := sha256.Sum256(content)
		offer := fileOffer{ID: base64.RawStdEncoding.EncodeToString(id), Name: safeFileName(name), Size: len(content),
			Key: base64.RawStdEncoding.EncodeToString(key), Hash: base64.RawStdEncoding.EncodeToString(hash[:])}
		f := &ourFile{id: offer.ID, name: offer.Name, content: content, seal: newFileSeal(id, key, len(content)), wanting: map[olmkeys.Ref]*wanting{}}
		s.files.ours[f.id] = f
		s.files.order = append(s.files.order, f.id)
		if len(to) == 0 {
			s.say(fileKind, offer)
			return nil
		}
		f.to = to[0]
		s.handle(olmkeys.SayTo{To: to, Kind: fileKind, Body: bodyOf(offer)})
		return nil
	})
}

// wanted: somebody asks for chunks of a file of ours, or has them all.
func (s *session) wanted(from olmkeys.Ref, w fileWant) {
	f := s.files.ours[w.ID]
	if f == nil || f.to != (olmkeys.Ref{}) && f.to != from || !w.valid(f.seal.count()) {
		return
	}
	if len(w.Want) == 0 {
		if f.wanting[from] != nil {
			delete(f.wanting, from)
			s.happened(PersonEvent{From: from, What: Took, Text: f.name})
		}
		return
	}
	who := f.wanting[from]
	if who == nil {
		who = &wanting{chunks: map[int]bool{}}
		f.wanting[from] = who
	}
	for _, r := range w.Want {
		who.asked += r[1] - r[0] + 1
	}
	if who.asked > timesShared*f.seal.count() {
		return // had it sent often enough
	}
	for _, r := range w.Want {
		for n := r[0]; n <= r[1]; n++ {
			who.chunks[n] = true
		}
	}
	s.sendChunks()
}

// sendChunks sends what there is room for, of all files in turn, and comes back for the rest.
func (s *session) sendChunks() {
	q := &s.files
	if q.timer != nil {
		return // it is on its way
	}
	now := time.Now()
	q.room = min(chunksAtATime, q.room+float64(now.Sub(q.since))/float64(chunkEvery))
	q.since = now
	for q.room >= 1 {
		f, n, to := s.nextChunk()
		if f == nil {
			return
		}
		q.room--
		data := f.seal.seal(n, f.content[n*chunkSize:n*chunkSize+f.seal.length(n)])
		s.handleSoon(olmkeys.SayToAll{Kind: chunkKind, Relay: to, Body: bodyOf(fileChunk{f.id, n, base64.RawStdEncoding.EncodeToString(data)})})
	}
	q.timer = time.AfterFunc(time.Duration((1-q.room)*float64(chunkEvery)), func() {
		s.post(func() {
			q.timer = nil
			s.sendChunks()
		})
	})
}

// nextChunk is one that somebody wants, and who; of the next file each time.
func (s *session) nextChunk() (*ourFile, int, []olmkeys.Ref) {
	q := &s.files
	for range q.order {
		f := q.ours[q.order[0]]
		q.order = append(q.order[1:], q.order[0])
		for range f.seal.count() {
			n := f.next
			f.next = (f.next + 1) % f.seal.count()
			var to []olmkeys.Ref
			for ref, who := range f.wanting {
				if who.chunks[n] {
					delete(who.chunks, n)
					to = append(to, ref)
				}
			}
			if len(to) > 0 {
				return f, n, to
			}
		}
	}
	return nil, 0, nil
}
