package call

import (
	"slices"

	"github.com/grotto-meet/grotto/internal/wire"
)

// features are what is said in the name of each, of what a room may be without.
var features = map[string]wire.Feature{
	chatKind: wire.FeatureChat, reactionKind: wire.FeatureReactions, pollKind: wire.FeaturePolls, voteKind: wire.FeaturePolls,
	fileKind: wire.FeatureFiles, wantKind: wire.FeatureFiles, chunkKind: wire.FeatureFiles, fileGoneKind: wire.FeatureFiles,
}

// lacks says whether who runs the server switched a feature of the room off. Files are at home in the chat, and private lines, too.
func (s *session) lacks(f wire.Feature) bool {
	within := f == wire.FeatureFiles || f == wire.FeaturePrivateChat
	return slices.Contains(s.off, f) || within && slices.Contains(s.off, wire.FeatureChat)
}

// has refuses what the room is without.
func (s *session) has(features ...wire.Feature) error {
	for _, f := range features {
		if s.lacks(f) {
			return unsaid("it is switched off in this room", "ask whoever runs the server")
		}
	}
	return nil
}

// hears says whether what somebody said is taken in: a changed client may say what the room is without.
func (s *session) hears(kind string, private bool) bool {
	f, ok := features[kind]
	return !ok || !s.lacks(f) && !(private && f == wire.FeatureChat && s.lacks(wire.FeaturePrivateChat))
}

// welcomed takes in what the room is without.
func (s *session) welcomed(off []wire.Feature) error {
	s.off = off
	if s.call.config.Recorder != nil && s.lacks(wire.FeatureRecording) {
		return &Error{Class: ErrRefused, What: "recording is switched off in this room", Hint: "join without recording, or ask whoever runs the server", Code: string(wire.CodeNotAllowed)}
	}
	return nil
}
