package sfu

import (
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"github.com/grotto-meet/grotto/internal/sfu/reception"
)

const (
	feedbackEvery = 100 * time.Millisecond
	reportEvery   = time.Second
	intakeRest    = 2 * time.Second // without a packet: nothing is asked for any more

	// maxStrangers is how many packets of streams that no track is known for are left to Pion, which makes out what they
	// belong to; it keeps something of each.
	maxStrangers = 1024

	ownSSRC = 1 // we send nothing, so our reports may bear any
)

// intake is what arrives on a publishing connection: it finds the track of each packet, and tells the publisher what is
// missing and when packets came. Everything is under the link's receiving lock.
type intake struct {
	link  *link
	began time.Time

	transportID uint8 // of the header extension with transport-wide numbers; 0: not negotiated
	midID       uint8 // of those with the MID, RID and repaired RID
	ridIDs      [2]uint8
	arrivals    *reception.Arrivals // nil until something came
	inlets      map[uint32]*inlet   // by the SSRC of a stream, and of its retransmission
	all         []*inlet
	strangers   int

	last, fedBack, reported time.Duration // since began
	tended                  bool
	out                     []byte
}

// inlet is one stream of a publisher.
type inlet struct {
	source *source
	remote *webrtc.TrackRemote
	ids    extensionIDs
	codecs map[uint8]*codec // by payload type
	again  map[uint8]uint8  // of retransmission, the payload type of what is retransmitted
	mid    string
	rid    string // "" for an only encoding
	ssrc   uint32
	repair uint32 // SSRC of the retransmission; 0: not known yet
	asks   bool   // NACK was negotiated
	packet rtp.Packet

	account *reception.Stream
}

func newIntake(l *link) *intake {
	i := &intake{link: l, began: time.Now(), inlets: map[uint32]*inlet{}}
	l.rtp, l.rtcp = i.receive, i.report
	return i
}

// newInlet knows what was negotiated for a stream.
func newInlet(s *source, remote *webrtc.TrackRemote, parameters webrtc.RTPParameters) *inlet {
	in := &inlet{source: s, remote: remote, ids: newExtensionIDs(parameters.HeaderExtensions), codecs: map[uint8]*codec{}, again: map[uint8]uint8{}, ssrc: uint32(remote.SSRC())}
	for _, p := range parameters.Codecs {
		for _, c := range codecs {
			if equalMIME(c.capability.MimeType, p.MimeType) {
				in.codecs[uint8(p.PayloadType)] = c
				in.asks = in.asks || slices.Contains(p.RTCPFeedback, webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBNACK})
			}
		}
		if of, ok := retransmits(p); ok {
			in.again[uint8(p.PayloadType)] = of
		}
	}
	in.account = newAccount(remote.Kind())
	return in
}

func newAccount(kind webrtc.RTPCodecType) *reception.Stream {
	if kind == webrtc.RTPCodecTypeVideo {
		return reception.NewVideo(videoClock)
	}
	return reception.NewAudio(audioClock)
}

// retransmits: RFC 4588 §8.1.
func retransmits(p webrtc.RTPCodecParameters) (of uint8, ok bool) {
	if !equalMIME(p.MimeType, webrtc.MimeTypeRTX) {
		return 0, false
	}
	var apt uint8
	for _, c := range p.SDPFmtpLine[min(len("apt="), len(p.SDPFmtpLine)):] {
		if c < '0' || c > '9' {
			break
		}
		apt = apt*10 + uint8(c-'0')
	}
	return apt, apt != 0
}

// add makes a stream's packets known. It may be called again for one that goes on under another SSRC.
func (i *intake) add(in *inlet, parameters webrtc.RTPParameters) {
	i.link.receiving.Lock()
	defer i.link.receiving.Unlock()
	for _, e := range parameters.HeaderExtensions {
		switch e.URI {
		case sdp.TransportCCURI:
			i.transportID = uint8(e.ID)
		case sdp.SDESMidURI:
			i.midID = uint8(e.ID)
		case sdp.SDESRTPStreamIDURI:
			i.ridIDs[0] = uint8(e.ID)
		case sdp.SDESRepairRTPStreamIDURI:
			i.ridIDs[1] = uint8(e.ID)
		}
	}
	i.inlets[in.ssrc] = in
	i.all = append(i.all, in)
	i.learnRepair(in)
	i.strangers = 0 // of those that were left to Pion, this was one
}

// find returns nil for a stream that was not added.
func (i *intake) find(remote *webrtc.TrackRemote) *inlet {
	i.link.receiving.Lock()
	defer i.link.receiving.Unlock()
	for _, in := range i.all {
		if in.remote == remote {
			return in
		}
	}
	return nil
}

func (i *intake) remove(in *inlet) {
	i.link.receiving.Lock()
	defer i.link.receiving.Unlock()
	for ssrc, other := range i.inlets {
		if other == in {
			delete(i.inlets, ssrc)
		}
	}
	i.all = slices.DeleteFunc(i.all, func(other *inlet) bool { return other == in })
}

// learnRepair: the description names the stream of retransmissions, or Pion finds it by its header extensions.
func (i *intake) learnRepair(in *inlet) {
	if ssrc := uint32(in.remote.RtxSSRC()); ssrc != in.repair {
		in.repair = ssrc
		i.inlets[ssrc] = in
	}
}

// repairs finds the encoding of which a stranger is the retransmission. Pion would find it too, but it takes one that names the
// encoding by its RID, as senders on Pion do, for the encoding itself.
func (i *intake) repairs(h *rtp.Header) *inlet {
	if i.midID == 0 {
		return nil
	}
	mid := string(h.GetExtension(i.midID))
	for _, id := range i.ridIDs {
		if id == 0 {
			continue
		}
		rid := string(h.GetExtension(id))
		for _, in := range i.all {
			if _, again := in.again[h.PayloadType]; again && rid != "" && in.mid == mid && in.rid == rid {
				i.repairedBy(in, h.SSRC)
				return in
			}
		}
	}
	return nil
}

// repairedBy notes the stream of retransmissions; there is one at a time.
func (i *intake) repairedBy(in *inlet, ssrc uint32) {
	if in.repair != 0 && i.inlets[in.repair] == in && in.repair != in.ssrc {
		delete(i.inlets, in.repair)
	}
	in.repair = ssrc
	i.inlets[ssrc] = in
}

// late takes a packet that Pion had received before the link did, or whose stream only Pion could tell.
func (i *intake) late(in *inlet, b []byte, at time.Time) {
	i.link.receiving.Lock()
	defer i.link.receiving.Unlock()
	if in.packet.Unmarshal(b) != nil {
		in.source.peer.sfu.stats.dropped.Add(1)
		return
	}
	if _, again := in.again[in.packet.PayloadType]; again && in.packet.SSRC != in.ssrc {
		i.repairedBy(in, in.packet.SSRC)
		i.repaired(in, at)
		return
	}
	switch ssrc := in.packet.SSRC; {
	case ssrc == in.ssrc:
	case i.inlets[ssrc] != nil: // one that it went on from, or another's
		in.source.peer.sfu.stats.dropped.Add(1)
		return
	default:
		i.moved(in, ssrc)
	}
	i.forward(in, at, false)
}

// moved: the stream of a RID goes on under another SSRC (RFC 8852 §3.1), with numbers and timestamps of its own. The former
// one stays among the inlets, where what still comes of it is taken for nothing.
func (i *intake) moved(in *inlet, ssrc uint32) {
	in.ssrc = ssrc
	i.inlets[ssrc] = in
	in.account = newAccount(in.remote.Kind())
	if up := in.source.track.Load(); up != nil {
		if s := up.stream(in.remote); s != nil {
			s.moved(in.packet.SequenceNumber)
		}
	}
}

// receive is the link's rtp.
func (i *intake) receive(h *rtp.Header, b []byte, at time.Time) bool {
	now := at.Sub(i.began)
	if i.transportID != 0 {
		if number := h.GetExtension(i.transportID); len(number) == 2 {
			if i.arrivals == nil {
				i.arrivals = &reception.Arrivals{}
			}
			i.arrivals.Arrived(binary.BigEndian.Uint16(number), now)
		}
	}
	in := i.inlets[h.SSRC]
	if in == nil {
		in = i.repairs(h)
	}
	if in == nil {
		i.strangers++
		return i.strangers > maxStrangers
	}
	i.last = now
	if !i.tended {
		i.tended = true
		i.link.sfu.tender.add(i)
	}
	if in.packet.Unmarshal(b) != nil {
		in.source.peer.sfu.stats.dropped.Add(1)
		return true
	}
	if h.SSRC != in.ssrc {
		return i.repaired(in, at)
	}
	i.forward(in, at, false)
	return true
}

// repaired undoes RFC 4588 §4. Packets without a payload are padding, by which senders measure the network.
func (i *intake) repaired(in *inlet, at time.Time) bool {
	p := &in.packet
	if media, ok := in.again[p.PayloadType]; ok && len(p.Payload) >= 2 {
		p.SequenceNumber, p.SSRC, p.PayloadType = binary.BigEndian.Uint16(p.Payload), in.ssrc, media
		p.Payload = p.Payload[2:]
		i.forward(in, at, true)
	}
	return true
}

func (i *intake) forward(in *inlet, at time.Time, repaired bool) {
	if len(in.packet.Payload) > maxPacket { // it could be sent to nobody
		in.source.peer.sfu.stats.dropped.Add(1)
		return
	}
	now := at.Sub(i.began)
	in.account.Arrived(in.packet.SequenceNumber, in.packet.Timestamp, now, repaired)
	in.source.take(in, &in.packet)
	if in.asks && in.account.Due(now) {
		i.out = in.account.AppendNACK(i.out[:0], ownSSRC, in.ssrc, now)
		_ = i.link.writeRTCP(i.out) // fails only when the connection is gone
	}
	if in.asks && in.account.Missing() {
		i.link.sfu.tender.hurry()
	}
}

// report is the link's rtcp: of the publisher's, sender reports matter.
func (i *intake) report(compound []byte, at time.Time) {
	packets, err := rtcp.Unmarshal(compound)
	if err != nil {
		return
	}
	for _, p := range packets {
		report, ok := p.(*rtcp.SenderReport)
		if !ok {
			continue
		}
		if in := i.inlets[report.SSRC]; in != nil && report.SSRC == in.ssrc {
			in.account.SenderReport(report.NTPTime, at.Sub(i.began))
			if up := in.source.track.Load(); up != nil {
				up.report(in.remote, report)
			}
		}
	}
}

// tend sends what is due, and reports whether more will be soon.
func (i *intake) tend(at time.Time) (soon bool) {
	i.link.receiving.Lock()
	defer i.link.receiving.Unlock()
	now := at.Sub(i.began)
	b := i.out[:0]
	send := func(most int) {
		if len(b) > most {
			_ = i.link.writeRTCP(b) // fails only when the connection is gone
			b = b[:0]
		}
	}
	if now-i.reported >= reportEvery {
		i.reported = now
		b = reception.AppendReceiverReport(b, ownSSRC, func(b []byte) []byte {
			for _, in := range i.all[:min(len(i.all), maxReportBlocks)] {
				b = in.account.AppendReport(b, in.ssrc, now)
				i.learnRepair(in)
			}
			return b
		})
	}
	for _, in := range i.all {
		if in.asks {
			b = in.account.AppendNACK(b, ownSSRC, in.ssrc, now)
			send(maxCompound)
			soon = soon || in.account.Missing()
		}
	}
	if now-i.fedBack >= feedbackEvery && len(i.all) > 0 && i.arrivals != nil {
		i.fedBack = now
		for more := true; more; {
			send(maxCompound)
			b, more = i.arrivals.AppendFeedback(b, ownSSRC, i.all[0].ssrc)
		}
	}
	send(0)
	i.out = b
	if i.link.closed || now-i.last >= intakeRest {
		i.tended = false
		i.link.sfu.tender.remove(i)
	}
	return soon
}

const (
	maxReportBlocks = 31
	maxCompound     = 300 // bytes, before something is added
)

const (
	tendOften = 10 * time.Millisecond // where packets are read
	tendSoon  = 20 * time.Millisecond // else, if anything is missing
	tendEvery = feedbackEvery         // else
)

// tender looks after all connections on which something arrives: where packets have just been read, or else from one goroutine that is
// there while there are any. A wake-up costs more than all there is to do. Its lock turning comes before a link's, and mu after it.
type tender struct {
	sfu     *SFU
	hurried atomic.Bool

	turning sync.Mutex // of what follows
	timer   *time.Timer
	round   []*intake
	turned  time.Time

	mu      sync.Mutex
	intakes []*intake
	running bool
}

func (t *tender) add(i *intake) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.intakes = append(t.intakes, i)
	if !t.running && t.sfu.enter() {
		t.running = true
		go t.run()
	}
}

func (t *tender) run() {
	defer t.sfu.running.Done()
	t.turning.Lock()
	timer := time.NewTimer(tendSoon)
	t.timer = timer
	t.turning.Unlock()
	defer timer.Stop()
	for at := range timer.C {
		t.sfu.readReports()
		t.mu.Lock()
		t.running = len(t.intakes) > 0
		running := t.running
		t.mu.Unlock()
		if !running {
			return
		}
		t.turning.Lock()
		t.turn(at)
		t.turning.Unlock()
	}
}

// passed is called where packets have been read, without a lock of a link.
func (t *tender) passed() {
	if !t.turning.TryLock() {
		return
	}
	defer t.turning.Unlock()
	switch now := time.Now(); {
	case t.timer == nil:
	case now.Sub(t.turned) >= tendOften:
		t.turn(now)
	case t.hurried.Swap(false):
		t.timer.Reset(tendSoon)
	}
}

// hurry is called when something is missing.
func (t *tender) hurry() {
	if !t.hurried.Load() {
		t.hurried.Store(true)
	}
}

// turn must be called with turning held.
func (t *tender) turn(at time.Time) {
	t.mu.Lock()
	t.round = append(t.round[:0], t.intakes...)
	t.mu.Unlock()
	t.hurried.Store(false)
	next := tendEvery
	for _, i := range t.round {
		if i.tend(at) {
			next = tendSoon
		}
	}
	clear(t.round)
	t.turned = at
	t.timer.Reset(next)
}

func (t *tender) remove(i *intake) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.intakes = slices.DeleteFunc(t.intakes, func(other *intake) bool { return other == i })
}
