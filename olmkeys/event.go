package olmkeys

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
	// SayToAll asks for a sealed data frame of ours, to everybody. Relay names those who need it, where that is not everybody:
	// it saves their lines, and keeps nothing from the others, who could open it.
	SayToAll struct {
		Kind  string `json:"kind"` // "grotto.profile", ...
		Body  Bytes  `json:"body"` // JSON, at most 32 KiB
		Relay []Ref  `json:"relay,omitempty"`
	}
	// SayTo asks for a message of ours to some devices only, each by Olm.
	SayTo struct {
		To   []Ref  `json:"to"`
		Kind string `json:"kind"`
		Body Bytes  `json:"body"` // JSON, at most 8 KiB
	}
	// Verify is a step of comparing emoji with a device, taken by our person; [Verification] tells how it goes.
	Verify struct {
		With Ref        `json:"with"`
		Step VerifyStep `json:"step"`
	}
	// QRWanted asks for the text of a QR code for the device to scan; [QR] answers.
	QRWanted struct {
		With Ref `json:"with"`
	}
	// QRScanned: the text of a code that was scanned from the device's screen.
	QRScanned struct {
		With Ref    `json:"with"`
		Text string `json:"text"`
	}
	// Block takes our keys away from a device and listens to it no more, in this call and, with its identity pinned as
	// blocked, in later ones. The others are not told.
	Block struct {
		Device Ref `json:"device"`
	}
	// Remove takes devices out of everybody's keys. With a new secret the link is changed too: it goes by Olm to those
	// who remain, and who has only the old link gets no key from then on.
	Remove struct {
		Devices []Ref  `json:"devices"`
		Secret  Secret `json:"secret,omitempty"` // from ParseSecret; none keeps the link
	}
	// ProofReceived: a device has announced another proof, after the link was changed.
	ProofReceived struct {
		From  Ref   `json:"from"`
		Proof Bytes `json:"proof"`
	}
	// SetKey gives a key from outside, where [Config].Keys says that keys come from there.
	SetKey struct {
		User       string `json:"user,omitempty"` // whose frames it is for, ourselves too; "" with KeysShared
		Generation uint32 `json:"generation"`     // names the key in the frames; not below one that was set before
		Key        Secret `json:"key"`            // 32 bytes or more of randomness, or what PassphraseKey made
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
	// Resumed: the connection to the server is back after it was lost. What was asked in vain is asked again.
	Resumed struct{}
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
func (SayTo) event()           {}
func (Verify) event()          {}
func (QRWanted) event()        {}
func (QRScanned) event()       {}
func (Block) event()           {}
func (Remove) event()          {}
func (ProofReceived) event()   {}
func (SetKey) event()          {}
func (KeyWanted) event()       {}
func (FrameOpened) event()     {}
func (FrameFailed) event()     {}
func (Resumed) event()         {}
func (Leaving) event()         {}
func (CodeWanted) event()      {}
func (Tick) event()            {}

// ClaimedKey is a key that the server handed out for a device.
type ClaimedKey struct {
	Device Ref       `json:"device"`
	Key    SignedKey `json:"key"`
}
