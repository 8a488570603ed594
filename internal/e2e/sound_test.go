package e2e

import (
	"encoding/binary"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/e2e/badnet"
	"github.com/grotto-meet/grotto/internal/repair"
	"github.com/grotto-meet/grotto/internal/sfu"
)

const (
	audioClock    = 48000
	soundInterval = 20 * time.Millisecond
	// soundInTime is how late sound may come: clients ask so long for it, and play that much later on such a line.
	soundInTime = 250 * time.Millisecond
)

// voice sends Opus that says when it was sent.
type voice struct{ track *webrtc.TrackLocalStaticRTP }

func (v *voice) attach(t *testing.T, pc *webrtc.PeerConnection) (sfu.UpTrack, *webrtc.RTPTransceiver) {
	t.Helper()
	var err error
	v.track, err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "mic", "stream")
	must(t, err)
	transceiver, err := pc.AddTransceiverFromTrack(v.track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	must(t, err)
	go func() { // the interceptors live by it
		for b := make([]byte, 1500); ; {
			if _, _, err := transceiver.Sender().Read(b); err != nil {
				return
			}
		}
	}()
	return sfu.UpTrack{Label: "mic", Codec: "opus"}, transceiver
}

func (v *voice) run(done <-chan struct{}) {
	ticker := time.NewTicker(soundInterval)
	defer ticker.Stop()
	p := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: 65000}} // wraps soon
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
		}
		p.SequenceNumber++
		p.Timestamp += audioClock / uint32(time.Second/soundInterval)
		p.Payload = binary.BigEndian.AppendUint64(make([]byte, 80), uint64(time.Now().UnixNano()))
		_ = v.track.WriteRTP(p) // fails only when the connection is gone
	}
}

// heard is when sound came, by when it was sent.
type heard map[time.Time]time.Time

func (p *person) listen(remote *webrtc.TrackRemote) {
	p.read(remote, &repair.Asker{GiveUp: soundInTime}, func(packet *rtp.Packet) {
		if n := len(packet.Payload) - 8; n >= 0 {
			p.note(func() {
				if p.heard == nil {
					p.heard = heard{}
				}
				p.heard[time.Unix(0, int64(binary.BigEndian.Uint64(packet.Payload[n:])))] = time.Now()
			})
		}
	})
}

// share of the sound from one moment to the other that came in time.
func (p *person) share(from, to time.Time) float64 {
	n := 0
	p.note(func() {
		for sent, came := range p.heard {
			if !sent.Before(from) && sent.Before(to) && came.Sub(sent) < soundInTime {
				n++
			}
		}
	})
	return float64(n) / float64(to.Sub(from)/soundInterval)
}

// TestSound: of lost sound most comes in time after all, in either direction, for little more traffic.
func TestSound(t *testing.T) {
	const length = 30 * time.Second
	for _, c := range []struct {
		badnet.Conditions
		share float64 // that comes in time, at least
	}{
		{badnet.Conditions{Loss: 0.05, Delay: 25 * time.Millisecond}, 0.99},
		{badnet.Conditions{Loss: 0.10, Burst: 3, Delay: 25 * time.Millisecond}, 0.97},
		{badnet.Conditions{Loss: 0.05, Delay: 50 * time.Millisecond, Jitter: 20 * time.Millisecond}, 0.98},
	} {
		for _, d := range []badnet.Direction{badnet.Up, badnet.Down} {
			t.Run(fmt.Sprintf("%s %+v", d, c.Conditions), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newBubble(t)
					defer b.close()
					speaker, listener := b.join("speaker"), b.join("listener")
					line := map[badnet.Direction]*badnet.Link{badnet.Up: speaker.link, badnet.Down: listener.link}[d]
					line.SetOne(d, c.Conditions)
					line.SetOne(1-d, badnet.Conditions{Delay: c.Delay})
					speaker.publish(&voice{})
					time.Sleep(settle)
					begin, before := time.Now(), line.Stats(d).Passed
					time.Sleep(length)
					end := time.Now()
					time.Sleep(soundInTime)
					share, packets := listener.share(begin, end), float64(line.Stats(d).Passed-before)/float64(length/soundInterval)
					t.Logf("%.2f %% in time, %.2f times the packets that would do", 100*share, packets)
					if share < c.share || packets > 1.25 {
						t.Errorf("%.2f %% in time, %.2f times the packets that would do", 100*share, packets)
					}
				})
			})
		}
	}
}
