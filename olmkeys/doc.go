// Package olmkeys is the key logic of an end-to-end encrypted call: who is spoken with, and which key seals and opens
// which frame. [NewAgent] makes the keys of a device for one join of one call, and [Agent.Handle] takes in what
// happens (people come and go, messages and frames arrive, time passes) and returns what to do (send, install a key,
// show a state). Everything else in the package is what those two carry.
//
// # How it is used
//
// The Agent does no input or output, has no goroutine and reads no clock: the caller passes the time in with each
// event and sends a [Tick] when the last [WakeAt] said so. The same code runs in the Go client and, as WebAssembly, in
// the browser's worker. Media frames are sealed and opened by the caller (package mediacrypt, or WebCrypto), with the
// keys of [SealWith] and [OpenWith]; data frames ([SayToAll], [Heard]) are sealed and opened here.
//
//	agent, effects, err := olmkeys.NewAgent(olmkeys.Config{Room: room, Call: call, User: user, Device: device, Secret: secret}, time.Now())
//	// send agent.Announcement() with the request to join, do the effects, then for everything that happens:
//	effects = agent.Handle(time.Now(), event)
//
// The frames' key ring reports three things, each cheap and each at most a few times a second and KID: [KeyWanted] for
// a KID it does not hold, again while frames under it keep coming; [FrameFailed] for a frame that does not verify;
// [FrameOpened] for the first frame of a KID that verifies, and for the first one that verifies after a KeyWanted or
// FrameFailed of that sender. Without the last rule a forger could make a tile say "cannot decrypt" while it plays.
//
// # What it does
//
// A device announces its keys (Ed25519, Curve25519, ML-KEM-768) for one call and join, signed, and proves that it has
// the link's secret. Pairwise Olm sessions carry each sender's Megolm ratchet to the others, wrapped once more under
// ML-KEM. Base keys follow from the ratchet and the link's secret. A join advances the ratchet before the newcomer is
// given it; a leave makes a new generation that is sealed with 500 ms later. Each member says, sealed, which devices it
// sees, and is warned of those that see others; [CodeWanted] gives digits to compare. [Remove] takes devices out of
// everybody's keys, and may give the meeting another link's secret: [SecretChanged] says so to all who remain, and [Prove]
// what to announce from then on. docs/crypto.md has the formats.
//
// # Being known again
//
// A device is somebody new in each join unless [Config] has an [Identity], a signing key that the caller keeps as one keeps
// a private key. Then [Pinned] says whom to remember, to be given back as Known in the next call: who is among them shows
// as known, verified or blocked, and who goes by a name or user id of theirs under another key as changed_key.
//
// # Limits
//
// 1,024 devices a call, 32 generations and a look-ahead of 1,024 indices a sender, 65,536 indices a generation, 64
// held data frames a sender for 10 s, 100 messages a second heard of a sender, two changes of
// the link of a device at once and then one in 2 s, 16 private messages waiting for a device
// for 30 s, 16 messages of a device that the roster does not show yet, 32 KiB a data frame, 8 KiB a private message.
//
// # Does not protect
//
// Against a server that withholds a leave: nobody rotates for what nobody learned of ([Warn] says when one member knows
// of it and another does not, [Leaving] tells it sealed). Against a ghost that has the link and is shown to everybody,
// or a call split in two halves that each see the other leave: no lists differ. Against a member who helps the
// server: every receiver holds the sender's symmetric key and can forge its media (data frames are signed). Against a
// device whose memory is read: keys are dropped when they are over but Go does not erase memory. Against somebody who
// has the link: that is the right to join. Olm messages have MACs of 8 bytes; the sender keys inside are wrapped under
// AES-GCM besides. ML-KEM protects confidentiality only, signatures are Ed25519. goolm, the Olm implementation, has
// not been audited. Who talks to whom, when and how much is visible to the server.
package olmkeys
