package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"

	"github.com/pion/dtls/v3"
	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
)

// floor is the least that forwards: Pion as its own example of an SFU uses it. One TrackLocalStaticRTP a publication,
// written to in a loop; the default interceptors; a socket a PeerConnection; a POST a direction for signalling.
type floor struct {
	*http.ServeMux
	api *webrtc.API

	mu    sync.Mutex
	fresh *sync.Cond
	feeds map[string][]*webrtc.TrackLocalStaticRTP
}

// tracksEach: a publisher has sound and a picture.
const tracksEach = 2

// floorRequest is an offer to publish as ID, or to subscribe to Feeds. The answer is a floorAnswer.
type floorRequest struct {
	Room, ID string
	Feeds    []string
	SDP      string
}

type floorAnswer struct {
	SDP string `json:"sdp"`
}

func newFloor() (*floor, error) {
	var media webrtc.MediaEngine
	if err := media.RegisterDefaultCodecs(); err != nil {
		return nil, err
	}
	registry := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(&media, registry); err != nil {
		return nil, err
	}
	f := &floor{ServeMux: http.NewServeMux(), feeds: map[string][]*webrtc.TrackLocalStaticRTP{}}
	f.fresh = sync.NewCond(&f.mu)
	f.api = webrtc.NewAPI(webrtc.WithMediaEngine(&media), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(loopbackOnly()))
	f.HandleFunc("POST /publish", f.handle(f.publish))
	f.HandleFunc("POST /subscribe", f.handle(f.subscribe))
	return f, nil
}

// loopbackOnly is how both ends of the benchmark find each other, and the cipher that all of them use.
func loopbackOnly() webrtc.SettingEngine {
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetIPFilter(func(ip net.IP) bool { return ip.Equal(net.IPv4(127, 0, 0, 1)) })
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM)
	return settings
}

func (f *floor) handle(apply func(*webrtc.PeerConnection, floorRequest) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var request floorRequest
		err := json.NewDecoder(r.Body).Decode(&request)
		var pc *webrtc.PeerConnection
		if err == nil {
			pc, err = f.api.NewPeerConnection(webrtc.Configuration{})
		}
		if err == nil {
			err = apply(pc, request)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_ = json.NewEncoder(w).Encode(floorAnswer{pc.LocalDescription().SDP}) // the load has gone: nothing to do
	}
}

func (f *floor) publish(pc *webrtc.PeerConnection, request floorRequest) error {
	pc.OnTrack(func(remote *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		local, err := webrtc.NewTrackLocalStaticRTP(remote.Codec().RTPCodecCapability, remote.ID(), remote.StreamID())
		if err != nil {
			return
		}
		f.mu.Lock()
		f.feeds[request.ID] = append(f.feeds[request.ID], local)
		f.fresh.Broadcast()
		f.mu.Unlock()
		buffer := make([]byte, 1500)
		for {
			n, _, err := remote.Read(buffer)
			if err != nil {
				return
			}
			if _, err := local.Write(buffer[:n]); err != nil {
				return
			}
		}
	})
	return answerOffer(pc, request.SDP)
}

func (f *floor) subscribe(pc *webrtc.PeerConnection, request floorRequest) error {
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: request.SDP}); err != nil {
		return err
	}
	for _, id := range request.Feeds {
		f.mu.Lock()
		for len(f.feeds[id]) < tracksEach {
			f.fresh.Wait()
		}
		locals := append([]*webrtc.TrackLocalStaticRTP(nil), f.feeds[id]...)
		f.mu.Unlock()
		for _, local := range locals {
			sender, err := pc.AddTrack(local)
			if err != nil {
				return err
			}
			go drain(func(b []byte) error { _, _, err := sender.Read(b); return err })
		}
	}
	return answerNow(pc)
}

func drain(read func([]byte) error) {
	buffer := make([]byte, 1500)
	for read(buffer) == nil {
	}
}

func answerOffer(pc *webrtc.PeerConnection, offer string) error {
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return fmt.Errorf("offer: %w", err)
	}
	return answerNow(pc)
}

// answerNow waits for the candidates: nothing trickles here.
func answerNow(pc *webrtc.PeerConnection) error {
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(answer); err != nil {
		return err
	}
	<-gathered
	return nil
}
