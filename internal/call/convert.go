package call

import (
	"github.com/grotto-meet/grotto/internal/wire"
	"github.com/grotto-meet/grotto/olmkeys"
)

// The agent knows no wire and the wire no agent; this is where one becomes the other.

func refOf(d wire.Device) olmkeys.Ref {
	ref := olmkeys.Ref{User: d.User, Device: d.Device}
	copy(ref.JoinID[:], d.JoinID) // wire has checked the length
	return ref
}

func deviceOf(ref olmkeys.Ref) wire.Device {
	return wire.Device{User: ref.User, Device: ref.Device, JoinID: ref.JoinID[:]}
}

func announcedOf(m wire.Member) olmkeys.Announced {
	return olmkeys.Announced{Ref: refOf(m.Device), CallKeys: olmkeys.Bytes(m.CallKeys), Sig: olmkeys.Bytes(m.Sig), Proof: olmkeys.Bytes(m.Proof)}
}

func signedKeyOf(k olmkeys.SignedKey) wire.SignedKey {
	return wire.SignedKey{KeyID: k.KeyID, Key: wire.Base64(k.Key), Sig: wire.Base64(k.Sig), Fallback: k.Fallback}
}

func signedKeysOf(keys []olmkeys.SignedKey) []wire.SignedKey {
	return mapped(keys, signedKeyOf)
}

// eventOf is the event that a message of the server is to the agent; nil if it is none.
func eventOf(m wire.ServerMessage) olmkeys.Event {
	switch m := m.(type) {
	case *wire.Joined:
		return olmkeys.RosterChanged{Joined: mapped(m.Members, announcedOf)}
	case *wire.Roster:
		return olmkeys.RosterChanged{Left: mapped(m.Left, refOf), Joined: mapped(m.Joined, announcedOf)}
	case *wire.ClaimedKeys:
		return olmkeys.KeysClaimed{Keys: mapped(m.Keys, func(k wire.ClaimedKey) olmkeys.ClaimedKey {
			return olmkeys.ClaimedKey{Device: refOf(k.Device), Key: olmkeys.SignedKey{
				KeyID: k.Key.KeyID, Key: olmkeys.Bytes(k.Key.Key), Sig: olmkeys.Bytes(k.Key.Sig), Fallback: k.Key.Fallback}}
		})}
	case *wire.KeyCount:
		return olmkeys.KeyCount{OneTimeKeys: m.OneTimeKeys}
	case *wire.DeviceMessage:
		return olmkeys.MessageReceived{From: refOf(m.From),
			Envelope: olmkeys.Envelope{Olm: m.Envelope.Olm, Body: m.Envelope.Body, SenderKey: m.Envelope.Sender}}
	case *wire.Data:
		return olmkeys.DataReceived{From: refOf(m.From), Body: olmkeys.Bytes(m.Body)}
	case *wire.Proof:
		return olmkeys.ProofReceived{From: refOf(m.Device), Proof: olmkeys.Bytes(m.Proof)}
	}
	return nil
}

// requestOf is the message to the server that an effect asks for; nil if it asks for none.
func requestOf(e olmkeys.Effect) wire.ClientMessage {
	switch e := e.(type) {
	case olmkeys.SendMessages:
		return &wire.ToDevice{Messages: mapped(e.Messages, func(m olmkeys.OutgoingMessage) wire.Envelope {
			return wire.Envelope{To: deviceOf(m.To), Olm: m.Envelope.Olm, Body: m.Envelope.Body, Sender: m.Envelope.SenderKey}
		})}
	case olmkeys.ClaimKeys:
		return &wire.ClaimKeys{Devices: mapped(e.Devices, deviceOf)}
	case olmkeys.UploadKeys:
		m := &wire.UploadKeys{OneTimeKeys: signedKeysOf(e.OneTimeKeys)}
		if e.FallbackKey != nil {
			k := signedKeyOf(*e.FallbackKey)
			m.FallbackKey = &k
		}
		return m
	case olmkeys.SendData:
		return &wire.SendData{To: mapped(e.To, deviceOf), Body: wire.Base64(e.Body)}
	case olmkeys.Prove:
		return &wire.Prove{Proof: wire.Base64(e.Proof)}
	}
	return nil
}

func mapped[A, B any](list []A, f func(A) B) []B {
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = f(a)
	}
	return out
}
