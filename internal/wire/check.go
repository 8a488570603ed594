package wire

// Sizes of what has one size.
const (
	joinIDSize    = 16
	callIDSize    = 16
	keySize       = 32
	sigSize       = 64
	proofSize     = 32
	deviceIDSize  = 10
	maxUserID     = 255 // as in Matrix
	maxLocalpart  = 64
	maxKeyID      = 64
	maxMID        = 16 // RFC 9143 leaves it open; BUNDLE sends it in every packet, so it is short everywhere
	maxPixels     = 16384
	maxRoomID     = 325 // "!" slug ":" server name
	maxICEServers = 8
	maxFeatures   = 64
	maxFeature    = 32
	maxText       = 512 // of an error's or bye's message, hint, and the server's version
	curveText     = 43  // characters of 32 bytes, unpadded
)

// all runs checks in order and gives the first failure.
func all(errs ...*Error) *Error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func require(ok bool, message string) *Error {
	if ok {
		return nil
	}
	return bad(message, "see the message's example in docs/protocol.md")
}

func within(what string, n, limit int) *Error {
	if n <= limit {
		return nil
	}
	return tooLarge(what, limit)
}

func size(b Base64, n int, name string) *Error {
	return require(len(b) == n, name+" has not its size")
}

func number(n uint64, name string) *Error {
	return require(n <= MaxInteger, name+" is out of range")
}

// each checks every element of a list that may not be longer than limit, nor left out: a publish without tracks must not
// pass for one that ends them all.
func each[T any](what string, list []T, limit int, check func(*T) *Error) *Error {
	if err := all(require(list != nil, what+" is missing"), within(what, len(list), limit)); err != nil {
		return err
	}
	for i := range list {
		if err := check(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

func validSource(s Source) bool {
	switch s {
	case SourceMic, SourceCamera, SourceScreen, SourceScreenAudio:
		return true
	}
	return false
}

func validCodec(c Codec) bool {
	switch c {
	case CodecOpus, CodecVP8, CodecVP9, CodecAV1, CodecH264:
		return true
	}
	return false
}

func (d *Device) check() *Error {
	return all(require(ValidUserID(d.User), "user is not a user id"),
		require(ValidDeviceID(d.Device), "device is not a device id"),
		size(d.JoinID, joinIDSize, "join_id"))
}

func (m *Member) check() *Error {
	return all(m.Device.check(), checkKeys(m.CallKeys, m.Sig, m.Proof), require(m.Role == "" || validRole(m.Role), "unknown role"))
}

func checkKeys(callKeys, sig, proof Base64) *Error {
	if len(proof) != 0 {
		if err := size(proof, proofSize, "proof"); err != nil {
			return err
		}
	}
	return all(require(len(callKeys) > 0, "call_keys is empty"), within("call_keys", len(callKeys), MaxCallKeysSize),
		size(sig, sigSize, "sig"))
}

func (k *SignedKey) check() *Error {
	return all(require(len(k.KeyID) >= 1 && len(k.KeyID) <= maxKeyID && only(k.KeyID, visible), "key_id is not the name of a key"),
		size(k.Key, keySize, "key"), size(k.Sig, sigSize, "sig"))
}

func (p *Publication) check() *Error {
	if err := within("layers", len(p.Layers), MaxLayers); err != nil {
		return err
	}
	for _, l := range p.Layers {
		if err := all(require(len(l.RID) <= maxMID && only(l.RID, letterOrDigit), "rid is not the name of a stream"),
			checkPixels(l.Width), checkPixels(l.Height)); err != nil {
			return err
		}
	}
	return all(checkMID(p.MID), require(validSource(p.Source), "unknown source"), require(validCodec(p.Codec), "unknown codec"))
}

// checkPixels: no screen is larger, and products stay small.
func checkPixels(n int) *Error { return require(n >= 0 && n <= maxPixels, "a size is out of range") }

func validRank(r Rank) bool {
	switch r {
	case RankScreen, RankPinned, RankSpeaker, RankGrid:
		return true
	}
	return false
}

func validRole(r Role) bool {
	switch r {
	case RoleOwner, RoleModerator, RoleParticipant, RoleViewer:
		return true
	}
	return false
}

func (k *Knocker) check() *Error {
	return all(number(k.Knock, "knock"), require(ValidUserID(k.User), "user is not a user id"),
		require(ValidDeviceID(k.Device), "device is not a device id"), within("body", len(k.Body), MaxKnockSize))
}

func (s *Subscription) check() *Error {
	return all(checkMID(s.MID), s.From.check(), require(validSource(s.Source), "unknown source"),
		require(validCodec(s.Codec), "unknown codec"))
}

func checkMID(mid string) *Error {
	return require(len(mid) >= 1 && len(mid) <= maxMID && only(mid, visible), "mid is not the name of an m-line")
}

func (e *Envelope) check() *Error {
	return all(e.To.check(), require(e.Olm == 0 || e.Olm == 1, "olm is 0 or 1"),
		require(e.Body != "", "body is empty"), within("body", len(e.Body), MaxEnvelopeSize),
		require(only(e.Body, base64Char), "body is not base64"),
		require(len(e.Sender) == curveText && only(e.Sender, base64Char), "sender_key is not a key"))
}

func checkSDP(sdp string, limit int) *Error {
	return all(require(sdp != "", "sdp is empty"), within("sdp", len(sdp), limit))
}

func (m *Hello) check() *Error {
	return all(require(m.Device == "" || ValidDeviceID(m.Device), "device is not a device id"),
		within("room", len(m.Room), MaxTokenSize), within("token", len(m.Token), MaxTokenSize),
		within("replaces", len(m.Replaces), MaxTokenSize))
}

func (m *Resume) check() *Error {
	return all(within("token", len(m.Token), MaxTokenSize), number(m.Seq, "seq"))
}

func (m *Join) check() *Error {
	return all(size(m.JoinID, joinIDSize, "join_id"), checkKeys(m.CallKeys, m.Sig, m.Proof),
		each("one_time_keys", m.OneTimeKeys, MaxOneTimeKeys, (*SignedKey).check), m.FallbackKey.check())
}

func (m *UploadKeys) check() *Error {
	if m.FallbackKey != nil {
		if err := m.FallbackKey.check(); err != nil {
			return err
		}
	}
	return each("one_time_keys", m.OneTimeKeys, MaxOneTimeKeys, (*SignedKey).check)
}

func (m *ClaimKeys) check() *Error { return each("devices", m.Devices, MaxClaims, (*Device).check) }

func (m *ToDevice) check() *Error {
	return each("messages", m.Messages, MaxRecipients, (*Envelope).check)
}

func (m *SendData) check() *Error {
	err := all(require(len(m.Body) > 0, "body is empty"), within("body", len(m.Body), MaxDataSize))
	if err != nil || m.To == nil {
		return err
	}
	return each("to", m.To, MaxRecipients, (*Device).check)
}

func (m *Prove) check() *Error { return size(m.Proof, proofSize, "proof") }

func (m *Publish) check() *Error {
	seen := map[string]bool{}
	return all(checkSDP(m.SDP, MaxSDPSize), each("tracks", m.Tracks, MaxTracks, func(p *Publication) *Error {
		if seen[p.MID] {
			return bad("a mid stands twice", "")
		}
		seen[p.MID] = true
		return p.check()
	}))
}

func (m *SubscribeAnswer) check() *Error {
	return all(checkSDP(m.SDP, MaxSDPSize), number(m.Offer, "offer"))
}

func (m *Show) check() *Error {
	seen := map[string]bool{}
	return all(each("videos", m.Videos, MaxShown, func(s *Shown) *Error {
		if seen[s.MID] {
			return bad("a mid stands twice", "")
		}
		seen[s.MID] = true
		return all(checkMID(s.MID), checkPixels(s.Width), checkPixels(s.Height), require(validRank(s.Rank), "unknown rank"))
	}), each("silent", m.Silent, MaxShown, func(mid *string) *Error { return checkMID(*mid) }))
}

func (m *Restart) check() *Error { return nil }

func (m *Knock) check() *Error { return within("body", len(m.Body), MaxKnockSize) }

func (m *Admit) check() *Error { return number(m.Knock, "knock") }

func (m *SetRoom) check() *Error { return nil }

func (m *SetRole) check() *Error {
	return all(m.Device.check(), require(validRole(m.Role), "unknown role"))
}

func (m *Expel) check() *Error { return m.Device.check() }

func (m *EndCall) check() *Error { return nil }

func (m *TellBreakout) check() *Error {
	return all(within("room", len(m.Room), MaxTokenSize), require(len(m.Body) > 0, "body is missing"), within("body", len(m.Body), MaxWordSize))
}

func (m *Ping) check() *Error { return number(m.Seq, "seq") }

func (m *Leave) check() *Error { return nil }

func (m *Welcome) check() *Error {
	return all(answer(m.ID, m.Seq), require(validRoomID(m.Room) && len(m.Room) <= maxRoomID, "room is not a room id"),
		size(m.Call, callIDSize, "call"), require(ValidUserID(m.User), "user is not a user id"),
		require(ValidDeviceID(m.DeviceID), "device is not a device id"), within("server", len(m.Server), maxText),
		within("resume", len(m.Resume), MaxTokenSize), require(m.ResumeSecs >= 0, "resume_secs is out of range"),
		checkOff(m.Off), each("ice_servers", m.ICEServers, maxICEServers, func(s *ICEServer) *Error {
			return all(within("url", len(s.URL), maxText), within("username", len(s.Username), maxText), within("credential", len(s.Credential), maxText))
		}))
}

// checkOff: a client knows not all features of newer servers.
func checkOff(features []Feature) *Error {
	if features == nil {
		return nil
	}
	return each("off", features, maxFeatures, func(f *Feature) *Error {
		return all(require(*f != "", "off holds an empty name"), within("off", len(*f), maxFeature))
	})
}

func (m *Resumed) check() *Error { return all(number(m.ID, "id"), number(m.LastID, "last_id")) }

func (m *Joined) check() *Error {
	return all(answer(m.ID, m.Seq), number(m.Version, "roster_version"), each("members", m.Members, maxListed, (*Member).check),
		require(m.EndsIn >= 0, "ends_in is out of range"))
}

func (m *Roster) check() *Error {
	return all(number(m.Seq, "seq"), number(m.Version, "roster_version"),
		each("left", m.Left, maxListed, (*Device).check), each("joined", m.Joined, maxListed, (*Member).check))
}

// maxListed is no limit of its own: MaxServerMessage bounds what a server can list.
const maxListed = MaxServerMessage

func (m *ClaimedKeys) check() *Error {
	return all(answer(m.ID, m.Seq), each("keys", m.Keys, MaxClaims, func(k *ClaimedKey) *Error {
		return all(k.Device.check(), k.Key.check())
	}))
}

func (m *KeyCount) check() *Error {
	return all(number(m.Seq, "seq"), require(m.OneTimeKeys >= 0, "one_time_keys is out of range"))
}

func (m *DeviceMessage) check() *Error {
	return all(number(m.Seq, "seq"), m.From.check(), m.Envelope.check())
}

func (m *Data) check() *Error {
	return all(number(m.Seq, "seq"), m.From.check(), require(len(m.Body) > 0, "body is empty"),
		within("body", len(m.Body), MaxDataSize))
}

func (m *Proof) check() *Error {
	return all(number(m.Seq, "seq"), m.Device.check(), size(m.Proof, proofSize, "proof"))
}

func (m *Published) check() *Error { return all(answer(m.ID, m.Seq), checkSDP(m.SDP, MaxSDPSize)) }

func (m *SubscribeOffer) check() *Error {
	return all(number(m.Seq, "seq"), number(m.Offer, "offer"), checkSDP(m.SDP, MaxOfferSize),
		each("tracks", m.Tracks, maxListed, (*Subscription).check))
}

func (m *Wanted) check() *Error {
	return all(number(m.Seq, "seq"), each("tracks", m.Tracks, MaxTracks, func(t *WantedTrack) *Error {
		return all(checkMID(t.MID), require(t.Layers >= 0 && t.Layers <= MaxLayers, "layers is out of range"))
	}))
}

func (m *Streams) check() *Error {
	return all(number(m.Seq, "seq"), each("tracks", m.Tracks, maxListed, func(s *Stream) *Error {
		return all(checkMID(s.MID), require(s.Layer >= -1 && s.Layer < MaxLayers, "layer is out of range"),
			require(s.State == StreamLive || s.State == StreamHidden || s.State == StreamPaused, "unknown state"))
	}))
}

func (m *Speakers) check() *Error {
	return all(number(m.Seq, "seq"), each("devices", m.Devices, maxListed, (*Device).check))
}

func (m *RoomState) check() *Error { return number(m.Seq, "seq") }

func (m *Knocks) check() *Error {
	return all(number(m.Seq, "seq"), each("waiting", m.Waiting, MaxKnocking, (*Knocker).check))
}

func (m *FromMain) check() *Error {
	return all(number(m.Seq, "seq"), within("body", len(m.Body), MaxWordSize))
}

func (m *RoleChanged) check() *Error {
	return all(number(m.Seq, "seq"), m.Device.check(), require(validRole(m.Role), "unknown role"))
}

func (m *SwitchOff) check() *Error {
	return all(number(m.Seq, "seq"), require(m.Source == SourceMic || m.Source == SourceCamera || m.Source == SourceScreen, "source: this is not switched off"))
}

func (m *Stopping) check() *Error {
	return all(number(m.Seq, "seq"), require(m.Seconds >= 0, "seconds: less than none"))
}

func (m *OK) check() *Error   { return answer(m.ID, m.Seq) }
func (m *Pong) check() *Error { return number(m.ID, "id") }

func (m *Error) check() *Error {
	return all(answer(m.ID, m.Seq), require(m.Code != "", "code is empty"), within("message", len(m.Message), maxText),
		within("hint", len(m.Hint), maxText))
}

func (m *Bye) check() *Error {
	return all(number(m.Seq, "seq"), require(m.Code != "", "code is empty"), within("message", len(m.Message), maxText))
}

func answer(id, seq uint64) *Error { return all(number(id, "id"), number(seq, "seq")) }
