package olmkeys

import "time"

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
	// SendData: relay this sealed data frame to everybody, or to those who need it.
	SendData struct {
		Body Bytes `json:"body"`
		To   []Ref `json:"to,omitempty"`
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
	// Heard: a data frame of From that verified, in order; or a private message of it, which only we were sent.
	Heard struct {
		From    Ref    `json:"from"`
		Kind    string `json:"kind"`
		Body    Bytes  `json:"body"`
		Private bool   `json:"private,omitempty"`
	}
	// Verification: where comparing emoji with a device stands.
	Verification struct {
		With    Ref          `json:"with"`
		State   VerifyState  `json:"state"`
		Emoji   []int        `json:"emoji,omitempty"`   // 7 indices into Matrix's list, with VerifyCompare
		Decimal []int        `json:"decimal,omitempty"` // 3 numbers for those who cannot see emoji
		Reason  VerifyReason `json:"reason,omitempty"`  // with VerifyCancelled
	}
	// QR answers [QRWanted]: the text to show as a QR code, for this device only and for this once.
	QR struct {
		With Ref    `json:"with"`
		Text string `json:"text"`
	}
	// Pinned: remember this identity, in place of what was remembered under the same key. Only for those who keep an
	// identity themselves.
	Pinned struct {
		Pin Pin `json:"pin"`
	}
	// Prove: announce this proof in place of the one before; the link was changed.
	Prove struct {
		Proof Bytes `json:"proof"`
	}
	// SecretChanged: the meeting's link has another secret now. By is zero if it was us.
	SecretChanged struct {
		Secret Secret `json:"secret"` // see Secret.Fragment
		By     Ref    `json:"by"`
	}
	// Removed: a member removed us. The others drop our keys and give us none; what is left to do is to leave.
	Removed struct {
		By Ref `json:"by"`
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

func (SendMessages) effect()  {}
func (ClaimKeys) effect()     {}
func (UploadKeys) effect()    {}
func (SendData) effect()      {}
func (SealWith) effect()      {}
func (OpenWith) effect()      {}
func (DropKey) effect()       {}
func (DropDevice) effect()    {}
func (Show) effect()          {}
func (Heard) effect()         {}
func (Verification) effect()  {}
func (QR) effect()            {}
func (Pinned) effect()        {}
func (Prove) effect()         {}
func (SecretChanged) effect() {}
func (Removed) effect()       {}
func (Warn) effect()          {}
func (Code) effect()          {}
func (WakeAt) effect()        {}

// OutgoingMessage is one Olm message to one device.
type OutgoingMessage struct {
	To       Ref      `json:"to"`
	Envelope Envelope `json:"envelope"`
}

// PeerState is what a tile says about a device's keys. In no state does unencrypted media flow.
type PeerState string

// The states. Trouble with keys is told before trust: somebody verified whose frames do not open is cannot_decrypt.
const (
	StateVerified      PeerState = "verified"        // like new, and a person compared keys with it, now or earlier
	StateKnown         PeerState = "known"           // like new, and its identity was met before
	StateChangedKey    PeerState = "changed_key"     // like new, but it goes by the user id or name of somebody known with another identity
	StateBlocked       PeerState = "blocked"         // we blocked it: nothing is shared or accepted
	StateOutside       PeerState = "outside_key"     // keys are set from outside; frames open under the one of this device
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

// VerifyStep is what our person does in comparing emoji.
type VerifyStep string

// The steps.
const (
	VerifyRequest  VerifyStep = "request"  // begin, or agree to, comparing with the device
	VerifyMatch    VerifyStep = "match"    // the emoji are the same
	VerifyMismatch VerifyStep = "mismatch" // they are not: ends it, and takes an earlier verification back
	VerifyCancel   VerifyStep = "cancel"
)

// VerifyState is where comparing emoji with a device stands.
type VerifyState string

// The states of a verification.
const (
	VerifyRequested VerifyState = "requested" // the device asks us to compare; VerifyRequest agrees
	VerifyWaiting   VerifyState = "waiting"   // for the device: its person has to agree, or to say that the emoji match
	VerifyCompare   VerifyState = "compare"   // compare the emoji, over a voice one knows or side by side
	VerifyDone      VerifyState = "done"      // both said that they match: the device is verified
	VerifyCancelled VerifyState = "cancelled" // see the reason; nothing is verified
)

// VerifyReason is why a verification ended without success.
type VerifyReason string

// The reasons.
const (
	VerifyByUs      VerifyReason = "by_us"
	VerifyByThem    VerifyReason = "by_them"
	VerifyTimeout   VerifyReason = "timeout"
	VerifyDiffers   VerifyReason = "mismatch" // emoji or keys: somebody may be in between
	VerifyBadFormat VerifyReason = "failed"   // the other side broke the protocol
)

// Pin is what is remembered of an identity.
type Pin struct {
	Identity Bytes  `json:"identity"` // Ed25519 public key
	User     string `json:"user,omitempty"`
	Name     string `json:"name,omitempty"` // as it last called itself
	Verified bool   `json:"verified,omitempty"`
	Blocked  bool   `json:"blocked,omitempty"`
}
