package olmkeys

import "time"

// Ref names a device in one join. All key state is per Ref: the same device with another join id is another Ref.
type Ref struct {
	User   string `json:"user"`
	Device string `json:"device"`
	JoinID JoinID `json:"join_id"`
}

// Announced is what a device published about itself, as the server relayed it: nothing in it is believed before
// [Agent] has checked Sig, and Proof where the meeting has a secret.
type Announced struct {
	Ref
	CallKeys Bytes `json:"call_keys"`
	Sig      Bytes `json:"sig"`
	Proof    Bytes `json:"proof,omitempty"`
}

// SignedKey is a one-time or fallback key and the device's signature over it.
type SignedKey struct {
	KeyID    string `json:"key_id"`
	Key      Bytes  `json:"key"`
	Sig      Bytes  `json:"sig"`
	Fallback bool   `json:"fallback,omitempty"`
}

// Envelope is an Olm message on its way: the type (0 pre-key, 1 message) and body as Olm writes them.
type Envelope struct {
	Olm       int    `json:"olm"`
	Body      string `json:"body"`
	SenderKey string `json:"sender_key"`
}

// Event is something that happened, given to [Agent.Handle]. The events are the types below; there are no others.
type Event interface{ event() }

// The events.
type (
	// RosterChanged: who is there now. Leaves are handled before joins. The first one may list oneself; it is ignored.
	RosterChanged struct {
		Left   []Ref       `json:"left"`
		Joined []Announced `json:"joined"`
	}
	// KeysClaimed answers [ClaimKeys].
	KeysClaimed struct {
		Keys []ClaimedKey `json:"keys"`
	}
	// KeyCount: how many of our one-time keys the server still holds.
	KeyCount struct {
		OneTimeKeys int `json:"one_time_keys"`
	}
	// MessageReceived is an Olm message; From is the server's word.
	MessageReceived struct {
		From     Ref      `json:"from"`
		Envelope Envelope `json:"envelope"`
	}
	// DataReceived is a sealed data frame; From is the server's word.
	DataReceived struct {
		From Ref   `json:"from"`
		Body Bytes `json:"body"`
	}
	// SayToAll asks for a sealed data frame of ours, to everybody.
	SayToAll struct {
		Kind string `json:"kind"` // "grotto.profile", ...
		Body Bytes  `json:"body"` // JSON, at most 32 KiB
	}
	// KeyWanted: a media frame with a KID that the ring does not hold came from From. Often the effects bring the key.
	// Report it again, a few times a second at most, while such frames keep coming.
	KeyWanted struct {
		From Ref    `json:"from"`
		KID  uint64 `json:"kid,string"`
	}
	// FrameOpened: the first frame under this KID verified; or the first that did after a KeyWanted or FrameFailed of
	// the same sender was reported, so that forged frames between good ones do not look like trouble.
	FrameOpened struct {
		From Ref    `json:"from"`
		KID  uint64 `json:"kid,string"`
	}
	// FrameFailed: a frame under this KID did not verify though the ring held a key.
	FrameFailed struct {
		From Ref    `json:"from"`
		KID  uint64 `json:"kid,string"`
	}
	// Leaving: we are about to leave. The others are told, sealed, and need not wait for the server's word.
	Leaving struct{}
	// CodeWanted asks for the meeting code of the people who are here now. It comes after a second or so, made between
	// other events.
	CodeWanted struct{}
	// Tick: the time an earlier [WakeAt] asked for has come. Early or spurious ticks do nothing.
	Tick struct{}
)

func (RosterChanged) event()   {}
func (KeysClaimed) event()     {}
func (KeyCount) event()        {}
func (MessageReceived) event() {}
func (DataReceived) event()    {}
func (SayToAll) event()        {}
func (KeyWanted) event()       {}
func (FrameOpened) event()     {}
func (FrameFailed) event()     {}
func (Leaving) event()         {}
func (CodeWanted) event()      {}
func (Tick) event()            {}

// ClaimedKey is a key that the server handed out for a device.
type ClaimedKey struct {
	Device Ref       `json:"device"`
	Key    SignedKey `json:"key"`
}

// Effect is something to do, returned by [Agent.Handle], in order. The effects are the types below; there are no others.
type Effect interface{ effect() }

// The effects.
type (
	// SendMessages: relay one Olm message to each device.
	SendMessages struct {
		Messages []OutgoingMessage `json:"messages"`
	}
	// ClaimKeys: ask the server for a one-time key of each device; answer with [KeysClaimed].
	ClaimKeys struct {
		Devices []Ref `json:"devices"`
	}
	// UploadKeys: give the server more one-time keys.
	UploadKeys struct {
		OneTimeKeys []SignedKey `json:"one_time_keys"`
		FallbackKey *SignedKey  `json:"fallback_key,omitempty"`
	}
	// SendData: relay this sealed data frame to everybody.
	SendData struct {
		Body Bytes `json:"body"`
	}
	// SealWith: seal every media frame from now on under this base key. Counters start at 0 for each KID.
	SealWith struct {
		KID     uint64  `json:"kid,string"`
		BaseKey BaseKey `json:"base_key"`
	}
	// OpenWith: frames of From under this KID open with this base key. An installed KID is never given other bytes.
	OpenWith struct {
		From    Ref     `json:"from"`
		KID     uint64  `json:"kid,string"`
		BaseKey BaseKey `json:"base_key"`
	}
	// DropKey: forget this key of From, and its replay window. It does not come back.
	DropKey struct {
		From Ref    `json:"from"`
		KID  uint64 `json:"kid,string"`
	}
	// DropDevice: forget everything of From: all keys, windows, tracks.
	DropDevice struct {
		From Ref `json:"from"`
	}
	// Show: the state of a device to put on its tile.
	Show struct {
		From  Ref       `json:"from"`
		State PeerState `json:"state"`
	}
	// Heard: a data frame of From that verified, in order.
	Heard struct {
		From Ref    `json:"from"`
		Kind string `json:"kind"`
		Body Bytes  `json:"body"`
	}
	// Warn: From does not have the list of participants that we have, or has not said so for long; "" takes it back.
	Warn struct {
		From    Ref     `json:"from"`
		Warning Warning `json:"warning"`
	}
	// Code answers [CodeWanted]: 30 digits in groups of five.
	Code struct {
		Digits string `json:"digits"`
	}
	// WakeAt: send a [Tick] at this time. It replaces an earlier WakeAt. Every Tick is answered with the next one.
	WakeAt struct {
		Time time.Time `json:"time"`
	}
)

func (SendMessages) effect() {}
func (ClaimKeys) effect()    {}
func (UploadKeys) effect()   {}
func (SendData) effect()     {}
func (SealWith) effect()     {}
func (OpenWith) effect()     {}
func (DropKey) effect()      {}
func (DropDevice) effect()   {}
func (Show) effect()         {}
func (Heard) effect()        {}
func (Warn) effect()         {}
func (Code) effect()         {}
func (WakeAt) effect()       {}

// OutgoingMessage is one Olm message to one device.
type OutgoingMessage struct {
	To       Ref      `json:"to"`
	Envelope Envelope `json:"envelope"`
}

// PeerState is what a tile says about a device's keys. In no state does unencrypted media flow.
type PeerState string

// The states. Verified, known, changed key and blocked join them with verification.
const (
	StateWaiting       PeerState = "waiting_for_key" // announced and valid; its sender key is not here yet
	StateNew           PeerState = "new"             // its key is here and it was sent ours: what is said now it can open; not yet verified by a person
	StateCannotDecrypt PeerState = "cannot_decrypt"  // its frames do not open; a new share was asked for
	StateWrongSecret   PeerState = "wrong_secret"    // signed, but the proof is not of this meeting's secret: nothing is shared or accepted
	StateRefused       PeerState = "refused"         // its announcement is not valid: nothing is shared or accepted
)

// Warning is what is wrong with what a device says of the list of participants. It changes nothing about its keys.
type Warning string

// The warnings.
const (
	WarnRosterDiffers Warning = "roster_differs" // it has another list than we have: somebody is shown to one of us only
	WarnSilent        Warning = "silent"         // it has not said which list it has for two states
)
