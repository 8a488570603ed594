package lkroom

// The messages of LiveKit's signalling that are used here (livekit_rtc.proto and livekit_models.proto of its protocol,
// version 15), with those of their fields that are. One of the fields of request and response is set.

type request struct {
	Offer        *description  `pb:"1"`
	Answer       *description  `pb:"2"`
	Trickle      *trickle      `pb:"3"`
	AddTrack     *addTrack     `pb:"4"`
	Mute         *mute         `pb:"5"`
	Subscription *subscription `pb:"6"`
	Leave        *leave        `pb:"8"`
	Ping         *ping         `pb:"16"`
}

type response struct {
	Join         *joined      `pb:"1"`
	Answer       *description `pb:"2"`
	Offer        *description `pb:"3"`
	Trickle      *trickle     `pb:"4"`
	Update       *update      `pb:"5"`
	Published    *published   `pb:"6"`
	Leave        *leave       `pb:"8"`
	Mute         *mute        `pb:"9"`
	RefreshToken string       `pb:"16"`
	Pong         *pong        `pb:"20"`
	Refused      *refused     `pb:"22"`
}

type joined struct {
	Participant  *Participant   `pb:"2"`
	Others       []*Participant `pb:"3"`
	ICEServers   []*iceServer   `pb:"5"`
	PingTimeout  int32          `pb:"10"` // seconds
	PingInterval int32          `pb:"11"`
	SIFTrailer   []byte         `pb:"13"`
}

type iceServer struct {
	URLs       []string `pb:"1"`
	Username   string   `pb:"2"`
	Credential string   `pb:"3"`
}

// Participant is somebody in a LiveKit room.
type Participant struct {
	SID      string   `pb:"1"`
	Identity string   `pb:"2"`
	State    State    `pb:"3"`
	Tracks   []*Track `pb:"4"`
}

// State is how far a participant is.
type State int32

// Gone is the state of a participant who has left; those below are there.
const Gone State = 3

// Track is what a participant publishes.
type Track struct {
	SID        string     `pb:"1"`
	Muted      bool       `pb:"4"`
	Source     Source     `pb:"9"`
	MIMEType   string     `pb:"11"`
	Encryption Encryption `pb:"16"`
}

// Source is what a track shows.
type Source int32

// The sources.
const (
	Camera Source = iota + 1
	Microphone
	Screen
	ScreenAudio
)

// Video says whether it is pictures.
func (s Source) Video() bool { return s == Camera || s == Screen }

// Encryption is how a track's frames are sealed.
type Encryption int32

// GCM is LiveKit's own end-to-end encryption.
const GCM Encryption = 1

type description struct {
	Type string `pb:"1"`
	SDP  string `pb:"2"`
	ID   uint32 `pb:"3"`
}

// Which of the two connections a candidate is for.
const (
	targetPublisher  = 0
	targetSubscriber = 1
)

type trickle struct {
	Candidate string `pb:"1"` // RTCIceCandidateInit as JSON
	Target    int32  `pb:"2"`
}

type addTrack struct {
	ClientID   string     `pb:"1"` // the track's id in the offer
	Name       string     `pb:"2"`
	Type       int32      `pb:"3"` // 0 sound, 1 pictures
	Muted      bool       `pb:"6"`
	Source     Source     `pb:"8"`
	DisableRED bool       `pb:"13"` // redundancy would need two frames in a packet
	Encryption Encryption `pb:"14"`
	Stream     string     `pb:"15"`
}

type published struct {
	ClientID string `pb:"1"`
	Track    *Track `pb:"2"`
}

type update struct {
	Participants []*Participant `pb:"1"`
}

type subscription struct {
	Tracks    []string `pb:"1"`
	Subscribe bool     `pb:"2"`
}

type mute struct {
	SID   string `pb:"1"`
	Muted bool   `pb:"2"`
}

// What the server wants after leave.
const (
	actionDisconnect = 0
	reasonDuplicate  = 2 // somebody else has joined as us
)

type leave struct {
	CanReconnect bool  `pb:"1"`
	Reason       int32 `pb:"2"`
	Action       int32 `pb:"3"`
}

type ping struct {
	Timestamp int64 `pb:"1"` // ms
	RTT       int64 `pb:"2"`
}

type pong struct {
	LastPing int64 `pb:"1"`
}

type refused struct {
	Reason  int32  `pb:"2"`
	Message string `pb:"3"`
}
