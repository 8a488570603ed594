// Package olmdevice is one device of one Matrix account, with Olm. [Open] logs it in, keeps its keys in SQLite and signs
// it with the account's identity; [Device.Run] follows the homeserver until the context ends. What other devices send it
// comes out of [Device.Received], already decrypted and judged; [Device.Send] encrypts for each device by itself and says
// which were left out, and why.
//
// Nothing comes out of Received but what was Olm-encrypted, by a device that its account lists at this moment under the
// very keys that encrypted it, and that is trusted as far as [Config.Policy] asks. All else is told to [Config.Refused].
// Send holds to the same policy. Who may say what in which room is the caller's affair: see [Device.Joined].
//
// Olm comes from mautrix, in pure Go, with the build tag goolm. Without it Open answers [ErrNoOlm].
//
// All methods may be called from several goroutines. Handlers run one after the other in the loop of Run, and hold it up.
//
// # Does not protect
//
// The homeserver learns who sends how much to whom and when, may hold messages back, and says which devices an account
// has. With the policy [CrossSigned], the first identity that is seen of an account is taken on trust: a homeserver that
// replaced it before that reads along until somebody verifies. The access token is sealed under [Config.PickleKey], as the
// keys are, but who has this file and that key is this device. Names and members of rooms are not sealed in the file.
package olmdevice
