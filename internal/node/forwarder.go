package node

import (
	"errors"

	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/sfu"
	"github.com/grotto-meet/grotto/internal/wire"
)

// forwarder is the SFU as rooms see it: its labels are the wire's sources.
type forwarder struct{ sfu *sfu.SFU }

func (f forwarder) Join(call, peer string, to room.MediaCallbacks) room.MediaPeer {
	in := f.sfu.Room(call)
	if to.NoLevels {
		in.WithoutLevels()
	}
	return mediaPeer{in.Join(peer, sfu.Callbacks{
		Offer: func(offer uint64, sdp string, tracks []sfu.DownTrack) {
			list := make([]room.MediaTrack, len(tracks))
			for i, t := range tracks {
				list[i] = room.MediaTrack{MID: t.MID, Peer: t.Peer, Source: wire.Source(t.Label), Codec: wire.Codec(t.Codec)}
			}
			to.Offer(offer, sdp, list)
		},
		Wanted: func(tracks []sfu.WantedTrack) {
			list := make([]wire.WantedTrack, len(tracks))
			for i, t := range tracks {
				list[i] = wire.WantedTrack(t)
			}
			to.Wanted(list)
		},
		Streams: func(tracks []sfu.Stream) {
			list := make([]wire.Stream, len(tracks))
			for i, t := range tracks {
				list[i] = wire.Stream{MID: t.MID, State: wire.StreamState(t.State), Layer: t.Layer}
			}
			to.Streams(list)
		},
		Speakers: to.Speakers,
		Failed:   to.Failed,
	})}
}

type mediaPeer struct{ *sfu.Peer }

func (p mediaPeer) Publish(sdp string, tracks []wire.Publication) (string, error) {
	list := make([]sfu.UpTrack, len(tracks))
	for i, t := range tracks {
		list[i] = sfu.UpTrack{MID: t.MID, Label: string(t.Source), Codec: string(t.Codec)}
		for _, l := range t.Layers {
			list[i].Layers = append(list[i].Layers, sfu.Layer(l))
		}
	}
	return p.Peer.Publish(sdp, list)
}

var ranks = map[wire.Rank]sfu.Rank{
	wire.RankScreen: sfu.RankScreen, wire.RankPinned: sfu.RankPinned, wire.RankSpeaker: sfu.RankSpeaker, wire.RankGrid: sfu.RankGrid,
}

func (p mediaPeer) Show(videos []wire.Shown, silent []string) {
	list := make([]sfu.Shown, len(videos))
	for i, v := range videos {
		list[i] = sfu.Shown{MID: v.MID, Width: v.Width, Height: v.Height, Rank: ranks[v.Rank]}
	}
	p.Peer.Show(list, silent)
}

// Answer forgives an answer that is not waited for any more: after a resume a client may have answered twice.
func (p mediaPeer) Answer(offer uint64, sdp string) error {
	if err := p.Peer.Answer(offer, sdp); !errors.Is(err, sfu.ErrNoOffer) {
		return err
	}
	return nil
}
