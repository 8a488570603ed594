package rest

import "time"

// FeatureSettings switch parts of a meeting off or on again.
type FeatureSettings struct {
	JoinScreen         *bool `json:"join_screen_enabled,omitempty" feature:"join_screen" doc:"Whether there is a lobby before the call. Without one, the room's link leads people whose name is known straight in, with microphone and camera off."`
	Chat               *bool `json:"chat_enabled,omitempty" feature:"chat" doc:"Whether people can write to everybody."`
	PrivateChat        *bool `json:"private_chat_enabled,omitempty" feature:"private_chat" doc:"Whether people can write to one another."`
	Files              *bool `json:"file_sharing_enabled,omitempty" feature:"files" doc:"Whether people can send files."`
	Reactions          *bool `json:"reactions_enabled,omitempty" feature:"reactions" doc:"Whether people can react with emoji."`
	RaiseHand          *bool `json:"raise_hand_enabled,omitempty" feature:"raise_hand" doc:"Whether people can raise their hands."`
	Polls              *bool `json:"polls_enabled,omitempty" feature:"polls" doc:"Whether there are polls."`
	Screenshare        *bool `json:"screenshare_enabled,omitempty" feature:"screenshare" doc:"Whether people can share their screens."`
	Recordings         *bool `json:"recordings_enabled,omitempty" feature:"recording" doc:"Whether the page offers to record, on the device of whoever does. The server cannot record."`
	Captions           *bool `json:"captions_enabled,omitempty" feature:"captions" doc:"Whether what people say can be written down, on their own devices."`
	VirtualBackgrounds *bool `json:"virtual_backgrounds_enabled,omitempty" feature:"virtual_backgrounds" doc:"Whether people can have another background."`
	BreakoutRooms      *bool `json:"breakout_rooms_enabled,omitempty" feature:"breakout_rooms" doc:"Whether moderators can divide the meeting into smaller rooms."`

	E2EE          *bool `json:"e2ee_enabled,omitempty" doc:"Always true: there is no way to switch end-to-end encryption off."`
	Transcription *bool `json:"transcription_enabled,omitempty" doc:"Always false: the server hears nothing that it could write down."`
}

// Features are the same as they stand. The names are Digital Samba's where it has the thing.
type Features struct {
	JoinScreen         bool `json:"join_screen_enabled" feature:"join_screen"`
	Chat               bool `json:"chat_enabled" feature:"chat"`
	PrivateChat        bool `json:"private_chat_enabled" feature:"private_chat"`
	Files              bool `json:"file_sharing_enabled" feature:"files"`
	Reactions          bool `json:"reactions_enabled" feature:"reactions"`
	RaiseHand          bool `json:"raise_hand_enabled" feature:"raise_hand"`
	Polls              bool `json:"polls_enabled" feature:"polls"`
	Screenshare        bool `json:"screenshare_enabled" feature:"screenshare"`
	Recordings         bool `json:"recordings_enabled" feature:"recording"`
	Captions           bool `json:"captions_enabled" feature:"captions"`
	VirtualBackgrounds bool `json:"virtual_backgrounds_enabled" feature:"virtual_backgrounds"`
	BreakoutRooms      bool `json:"breakout_rooms_enabled" feature:"breakout_rooms"`

	E2EE          bool `json:"e2ee_enabled" doc:"Always true."`
	Transcription bool `json:"transcription_enabled" doc:"Always false."`
}

// RoomSettings are what a room is made with, or what is changed of it: what is missing stays as it is, in a new room as the server has it.
type RoomSettings struct {
	Privacy         *string   `json:"privacy,omitempty" enum:"public,private" doc:"public: whoever has the link comes in. private: a join token is needed, too."`
	FriendlyURL     *string   `json:"friendly_url,omitempty" pattern:"^[a-z0-9-]{3,64}$" patternDescription:"a name of 3 to 64 of a-z, 0-9 and -" doc:"The room's name in its link: 3 to 64 of a-z, 0-9 and -, without --. Drawn if it is missing. live is taken."`
	Topic           *string   `json:"topic,omitempty" maxLength:"200" doc:"What the room is called in lists of the operator. The server knows it, so write no secret."`
	Description     *string   `json:"description,omitempty" maxLength:"2000" doc:"What else there is to say of it. The server knows it."`
	ExternalID      *string   `json:"external_id,omitempty" maxLength:"255" doc:"What you call it."`
	MaxParticipants *int      `json:"max_participants,omitempty" minimum:"0" maximum:"200" doc:"How many devices may be in it; 0: as many as the server allows."`
	Roles           *[]string `json:"roles,omitempty" enum:"owner,moderator,participant,viewer" maxItems:"4" doc:"The roles that join tokens for it may give; all if empty."`
	DefaultRole     *string   `json:"default_role,omitempty" enum:"moderator,participant,viewer," doc:"The role of whoever comes without a token, or with one that names none. Empty: the first who comes moderates, the others are participants."`
	IsLocked        *bool     `json:"is_locked,omitempty" doc:"People knock, and a moderator lets them in."`
	IsClosed        *bool     `json:"is_closed,omitempty" doc:"Nobody new comes in at all."`
	SessionLength   *int      `json:"session_length,omitempty" minimum:"0" maximum:"1440" doc:"After how many minutes a meeting ends; 0: it does not end by itself."`
	FeatureSettings
}

// Room is one that was made by this API or by the operator.
type Room struct {
	ID              string    `json:"id"`
	Link            string    `json:"link" doc:"Where it is. It is whole only with a # and 16 random bytes (base64url, no padding) behind it, drawn by whoever hands it out: the server must not know them."`
	Privacy         string    `json:"privacy" enum:"public,private"`
	FriendlyURL     string    `json:"friendly_url"`
	Topic           string    `json:"topic"`
	Description     string    `json:"description"`
	ExternalID      string    `json:"external_id"`
	MaxParticipants int       `json:"max_participants" doc:"0: as many as the server allows."`
	Roles           []string  `json:"roles"`
	DefaultRole     string    `json:"default_role"`
	IsLocked        bool      `json:"is_locked"`
	IsClosed        bool      `json:"is_closed"`
	SessionLength   int       `json:"session_length" doc:"Minutes; 0: without end."`
	CreatedAt       time.Time `json:"created_at"`
	UpdatedAt       time.Time `json:"updated_at"`
	Features
}

// Page of a list.
type Page[T any] struct {
	TotalCount int `json:"total_count" doc:"How many there are in all."`
	Data       []T `json:"data"`
}

// TokenSettings are what a join token says.
type TokenSettings struct {
	Role       string `json:"role,omitempty" enum:"owner,moderator,participant,viewer" doc:"One of the room's roles. Its default role if missing."`
	ExternalID string `json:"external_id,omitempty" maxLength:"255" doc:"What you call the person. Two devices of one person may use the same token. Nobody in the meeting is told."`
	ExpiresIn  int    `json:"expires_in,omitempty" minimum:"60" maximum:"2592000" default:"3600" doc:"Seconds for which it is good. When it expires the session that it opened ends, too."`
}

// Token lets somebody into a room.
type Token struct {
	ID        string    `json:"id" doc:"By which it is revoked."`
	Token     string    `json:"token" doc:"A secret: whoever has it comes in by it."`
	Link      string    `json:"link" doc:"The room's link with the token in it; still without the secret behind the #."`
	ExpiresAt time.Time `json:"expires_at"`
}

// LiveRoom is a room with somebody in it, made by this API or not.
type LiveRoom struct {
	RoomID       string    `json:"room_id,omitempty" doc:"Missing where nobody made the room."`
	FriendlyURL  string    `json:"friendly_url"`
	SessionID    string    `json:"session_id"`
	StartedAt    time.Time `json:"started_at"`
	Participants int       `json:"participants"`
	Waiting      int       `json:"waiting" doc:"How many knock."`
	IsLocked     bool      `json:"is_locked"`
	IsClosed     bool      `json:"is_closed"`
}

// Participant is a device in a room. The server does not know what they are called.
type Participant struct {
	ID             string    `json:"id" doc:"New whenever somebody joins."`
	FriendlyURL    string    `json:"friendly_url"`
	SessionID      string    `json:"session_id"`
	ExternalID     string    `json:"external_id,omitempty" doc:"Of the join token."`
	ExternalDevice string    `json:"external_device,omitempty" doc:"Of the join token, where this server made it for somebody who came from Matrix."`
	Role           string    `json:"role"`
	JoinedAt       time.Time `json:"joined_at"`
	Away           bool      `json:"away" doc:"The connection dropped a moment ago."`
	E2EE           bool      `json:"e2ee" doc:"Always true."`
}

// Mute asks for something to be switched off.
type Mute struct {
	Source string `json:"source,omitempty" enum:"mic,camera,screen" default:"mic"`
}

// Session is a time in which a room was occupied. Nobody is named.
type Session struct {
	ID                 string     `json:"id"`
	RoomID             string     `json:"room_id"`
	FriendlyURL        string     `json:"friendly_url"`
	StartedAt          time.Time  `json:"started_at"`
	EndedAt            *time.Time `json:"ended_at,omitempty" doc:"Missing while it lasts, and where nobody knows."`
	Live               bool       `json:"live" doc:"Whether it lasts. A session without an end that is not live was cut off with the server."`
	PeakParticipants   int        `json:"peak_participants" doc:"Devices at a time."`
	TotalParticipants  int        `json:"total_participants" doc:"How often somebody joined."`
	ParticipantSeconds int64      `json:"participant_seconds" doc:"How long they stayed, together."`
}

// Statistics sum up sessions.
type Statistics struct {
	Sessions           int   `json:"sessions"`
	PeakParticipants   int   `json:"peak_participants" doc:"Of the largest session."`
	TotalParticipants  int   `json:"total_participants"`
	ParticipantSeconds int64 `json:"participant_seconds"`
}

// Load is what the server does at the moment.
type Load struct {
	Version      string `json:"version"`
	Rooms        int    `json:"rooms" doc:"With somebody in them."`
	Participants int    `json:"participants"`
	Connections  int    `json:"connections" doc:"WebSockets."`
}

// WebhookSettings are what a webhook is made with, or what is changed of it.
type WebhookSettings struct {
	URL      *string   `json:"url,omitempty" maxLength:"2000" format:"uri" doc:"Where events are sent to: https://, and an address on the internet."`
	Events   *[]string `json:"events,omitempty" enum:"session_started,session_ended,participant_joined,participant_left" maxItems:"16" doc:"Which; all if empty."`
	Disabled *bool     `json:"disabled,omitempty" doc:"Nothing is sent."`
}

// Webhook is told what happens.
type Webhook struct {
	ID        string    `json:"id"`
	URL       string    `json:"url"`
	Events    []string  `json:"events"`
	Disabled  bool      `json:"disabled" doc:"Also set by the server, when the address answered 410."`
	Secret    string    `json:"secret,omitempty" doc:"Signs what is sent. It is shown once, when the webhook is made."`
	CreatedAt time.Time `json:"created_at"`
}

// Delivery is an event that a webhook has not taken yet.
type Delivery struct {
	ID        string    `json:"id"`
	Event     string    `json:"event"`
	CreatedAt time.Time `json:"created_at"`
	NextTry   time.Time `json:"next_try"`
	Tries     int       `json:"tries"`
	Problem   string    `json:"problem,omitempty" doc:"Of the last try."`
}

// Event is what a webhook is sent.
type Event struct {
	Type      string    `json:"type" enum:"session_started,session_ended,participant_joined,participant_left,test"`
	Timestamp time.Time `json:"timestamp"`
	Data      EventData `json:"data"`
}

// EventData is what an event is about.
type EventData struct {
	RoomID      string       `json:"room_id,omitempty"`
	FriendlyURL string       `json:"friendly_url,omitempty"`
	SessionID   string       `json:"session_id,omitempty"`
	Participant *Participant `json:"participant,omitempty" doc:"Of participant_joined and participant_left."`
	Session     *Session     `json:"session,omitempty" doc:"Of session_ended."`
}

// The events that webhooks are told.
const (
	SessionStarted    = "session_started"
	SessionEnded      = "session_ended"
	ParticipantJoined = "participant_joined"
	ParticipantLeft   = "participant_left"
	Test              = "test" // only when it is asked for
)

// Events are those that happen.
var Events = []string{SessionStarted, SessionEnded, ParticipantJoined, ParticipantLeft}

// Some gives settings a value: rest.Some("Weekly").
func Some[T any](value T) *T { return &value }
