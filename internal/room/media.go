package room

import (
	"errors"

	"github.com/grotto-meet/grotto/internal/wire"
)

// Media is what rooms need of an SFU. The names of calls and peers are made here and mean nothing outside.
type Media interface {
	Join(call, peer string, to MediaCallbacks) MediaPeer
}

// MediaPeer is one participant's pair of peer connections. It is used by one goroutine at a time, but for Close and Unpublish.
type MediaPeer interface {
	MediaPublisher
	MediaSubscriber
	Close()
}

// MediaPublisher is the sending one of the two.
type MediaPublisher interface {
	Publish(sdp string, tracks []wire.Publication) (answer string, err error)
	Unpublish() // ends all tracks; Publish may begin others
}

// MediaSubscriber is the receiving one of the two.
type MediaSubscriber interface {
	Answer(offer uint64, sdp string) error
	Show(videos []wire.Shown, silent []string)
	Restart()
}

// MediaCallbacks are called by the SFU from goroutines of its own, never within a call of [MediaPeer].
type MediaCallbacks struct {
	NoLevels bool // no callback: audio levels are neither asked for nor read in this room

	Offer    func(offer uint64, sdp string, tracks []MediaTrack)
	Wanted   func([]wire.WantedTrack)
	Streams  func([]wire.Stream)
	Speakers func(peers []string)
	Failed   func(error)
}

// Relay lends sessions a way to the media for networks that have none. Grant is called under locks and calls nothing here.
type Relay interface {
	// Grant names relays and makes credentials, for a session of this call and name. Host is how the client reached us.
	Grant(host, call, session string) []wire.ICEServer
	// Revoke takes them back.
	Revoke(session string)
}

type noRelay struct{}

func (noRelay) Grant(string, string, string) []wire.ICEServer { return nil }
func (noRelay) Revoke(string)                                 {}

// MediaTrack says what an m-line of an offer carries.
type MediaTrack struct {
	MID    string
	Peer   string // the publisher's
	Source wire.Source
	Codec  wire.Codec
}

// ErrNoMedia is what a server without an SFU answers.
var ErrNoMedia = errors.New("room: this server carries no media")

type noMedia struct{}

func (noMedia) Join(string, string, MediaCallbacks) MediaPeer      { return noMedia{} }
func (noMedia) Publish(string, []wire.Publication) (string, error) { return "", ErrNoMedia }
func (noMedia) Unpublish()                                         {}
func (noMedia) Answer(uint64, string) error                        { return ErrNoMedia }
func (noMedia) Show([]wire.Shown, []string)                        {}
func (noMedia) Restart()                                           {}
func (noMedia) Close()                                             {}
