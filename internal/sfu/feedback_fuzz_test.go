package sfu

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

// FuzzRTCP: whatever reports a client sends, reading them does not panic, and of those that are well-formed what is asked for is
// what Pion, which takes everything apart, finds in them.
func FuzzRTCP(f *testing.F) {
	for _, packets := range [][]rtcp.Packet{
		{&rtcp.PictureLossIndication{SenderSSRC: 1, MediaSSRC: 2}},
		{&rtcp.ReceiverReport{SSRC: 1, Reports: []rtcp.ReceptionReport{{SSRC: 2}}}, &rtcp.TransportLayerNack{SenderSSRC: 1, MediaSSRC: 2, Nacks: []rtcp.NackPair{{PacketID: 65530, LostPackets: 0x8001}}}},
		{&rtcp.FullIntraRequest{SenderSSRC: 1, FIR: []rtcp.FIREntry{{SSRC: 2, SequenceNumber: 3}, {SSRC: 4}}}},
		{&rtcp.SenderReport{SSRC: 1}, &rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{Source: 1, Items: []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: "x"}}}}}, &rtcp.Goodbye{Sources: []uint32{1}}},
		{&rtcp.ReceiverEstimatedMaximumBitrate{SenderSSRC: 1, Bitrate: 1e6, SSRCs: []uint32{2}}},
	} {
		raw, err := rtcp.Marshal(packets)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		f.Add(raw[:len(raw)-1])
	}
	f.Add([]byte{0x8f, 205, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var got, want []string
		readFeedback(raw, func(media uint32) bool { got = append(got, fmt.Sprint("key ", media)); return true },
			func(media uint32, sequence uint16) bool {
				got = append(got, fmt.Sprint("lost ", media, sequence))
				return true
			})
		(&intake{inlets: map[uint32]*inlet{}}).report(raw, time.Unix(0, 0))
		packets, err := rtcp.Unmarshal(raw)
		if err != nil {
			return
		}
		for _, p := range packets {
			switch p := p.(type) {
			case *rtcp.PictureLossIndication:
				want = append(want, fmt.Sprint("key ", p.MediaSSRC))
			case *rtcp.FullIntraRequest:
				for _, entry := range p.FIR {
					want = append(want, fmt.Sprint("key ", entry.SSRC))
				}
			case *rtcp.TransportLayerNack:
				for _, pair := range p.Nacks {
					for _, sequence := range pair.PacketList() {
						want = append(want, fmt.Sprint("lost ", p.MediaSSRC, sequence))
					}
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

// A packet of 8 kB can name 34,000 lost ones. What is beyond the budget is not even looked at, and the budget comes back.
func TestS5_RequestsHaveABudget(t *testing.T) {
	raw := []byte{0x80 | formatNACK, rtcpTransport, 2002 >> 8, 2002 & 0xff, 0, 0, 0, 9, 0, 0, 0, 1}
	raw = append(raw, bytes.Repeat([]byte{0, 0, 0xff, 0xff}, 2000)...)
	var budget requests
	at := time.Unix(1_800_000_000, 0)
	heard := func() (n int) {
		readFeedback(raw, nil, func(uint32, uint16) bool {
			if !budget.allow(at) {
				return false
			}
			n++
			return true
		})
		return n
	}
	if n := heard(); n != requestBurst {
		t.Errorf("%d of 34,000 requests were heard at once, %d expected", n, requestBurst)
	}
	if n := heard(); n != 0 {
		t.Errorf("%d more were", n)
	}
	at = at.Add(100 * time.Millisecond)
	if n := heard(); n != requestsPerSecond/10 {
		t.Errorf("%d after a tenth of a second, %d expected", n, requestsPerSecond/10)
	}
}
