package sfu

import (
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/rtp"

	"github.com/grotto-meet/grotto/internal/sfu/icetcp"
)

// DefaultAddr is where media goes in and out unless the configuration says otherwise.
const DefaultAddr = ":8081"

// Config says where to listen. The zero value listens on [DefaultAddr].
type Config struct {
	Addr            string         // UDP address to listen on; without a host on every interface, both families
	UDP             net.PacketConn // listens here instead if set; Close closes it
	TCP             bool           // listen on the same TCP port as well, if it is free: for clients whose network drops UDP
	Streams         net.Listener   // media comes over TCP here instead, if set, whatever TCP says; Close closes it
	IncludeLoopback bool           // offer loopback as well: for clients on this machine
	PublicIPs       []string       // IP or IP:PORT that reach the port from outside, offered besides the local ones
	PublicOnly      bool           // ... instead of them
	Voices          int            // of a room that are forwarded at a time; 0: DefaultVoices, less: all
	NoLevels        bool           // audio levels are not read in any room, see Room.WithoutLevels
	Log             *slog.Logger   // nil: no log. Neither addresses nor payloads are ever logged

	// Tap is a hook for tests: it is called with every RTP packet a publisher sent, after SRTP was opened and before it is
	// forwarded or dropped, also with packets that belong to no announced track. It must be quick and must not keep
	// Payload. Never set it in production; nil costs nothing.
	Tap func(TapPacket)

	// Forge makes the SFU a hostile one, for tests: what it returns is sent in the place of the packet. It may keep
	// neither the packet nor its payload, but return them.
	Forge func(TapPacket, *rtp.Packet) []Forgery
}

// TapPacket is what [Config.Tap] sees. Label and Codec are empty for packets of no announced track.
type TapPacket struct {
	Room, Publisher, Label, Codec string
	SSRC                          uint32
	PayloadType                   uint8
	Payload                       []byte // valid during the call
}

// SFU forwards media in any number of rooms over one port. Make it with [New].
type SFU struct {
	config             Config
	log                *slog.Logger
	conn               net.PacketConn
	links              links
	tender             tender
	mux                ice.UDPMux
	publish, subscribe *api
	public             []netip.AddrPort
	listener           net.Listener   // for media over TCP; nil: none
	tcp                *icetcp.Bridge // nil: none
	tcpPort            uint16         // that it is offered by; 0: each address's own
	stats              counters
	allocator          allocator
	serial             atomic.Uint64 // of streams and tracks in session descriptions

	mu      sync.Mutex // before room.mu
	rooms   map[string]*room
	closed  bool
	running sync.WaitGroup // goroutines of ours; Add under mu
}

// New opens the port.
func New(config Config) (*SFU, error) {
	s := &SFU{config: config, log: config.Log, rooms: map[string]*room{}}
	s.links.byAddr = map[netip.AddrPort]*link{}
	s.tender.sfu = s
	if s.config.Voices == 0 {
		s.config.Voices = DefaultVoices
	}
	s.allocator = allocator{sfu: s, wake: make(chan struct{}, 1), began: time.Now()}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var err error
	switch udp := config.UDP.(type) {
	case nil:
		addr := config.Addr
		if addr == "" {
			addr = DefaultAddr
		}
		if err = s.open(addr); err != nil {
			return nil, err
		}
	case *net.UDPConn:
		s.conn = bundled(s, udp)
	default:
		s.conn = watched{udp, s, make([]byte, maxPacket)}
	}
	s.links.conn = s.conn
	if err = s.readPublic(); err == nil {
		s.publish, s.subscribe, s.mux, err = newAPIs(s.conn)
	}
	if err != nil {
		_ = s.conn.Close()
		if s.listener != nil && s.listener != s.config.Streams {
			_ = s.listener.Close()
		}
		return nil, err
	}
	s.serveTCP()
	return s, nil
}

// Addr is where the SFU listens.
func (s *SFU) Addr() net.Addr { return s.conn.LocalAddr() }

// Close ends all connections and waits until nothing of this SFU runs any more, callbacks included. Not from a callback.
func (s *SFU) Close() error {
	s.mu.Lock()
	s.closed = true
	var peers []*Peer
	for _, r := range s.rooms {
		peers = append(peers, r.members()...)
	}
	s.mu.Unlock()
	for _, p := range peers {
		p.Close()
	}
	s.running.Wait()
	if s.tcp != nil {
		_ = s.tcp.Close()
	}
	err := s.mux.Close()
	_ = s.conn.Close() // the mux closes it as well; twice does no harm
	return err
}

// enter is called by a goroutine before it works; after Close it must not. Each true is paired with running.Done.
func (s *SFU) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.running.Add(1)
	return true
}

// Stats is a snapshot of what this SFU does and did.
type Stats struct {
	Rooms, Peers                int
	UpTracks, DownTracks        int64
	PacketsIn, BytesIn          uint64 // RTP from publishers, payload bytes
	PacketsOut, BytesOut        uint64 // RTP to subscribers, payload bytes
	PacketsAgain                uint64 // sent again to subscribers who had lost them
	PacketsEmpty                uint64 // padding, to learn whether there is room for more
	PacketsDropped              uint64 // of no announced track, or not of its codec
	PacketsLeftOut              uint64 // since too much waited for their subscriber's way
	PacketsUnsent               uint64 // that the socket, or a connection on its end, did not take
	KeyFrames, KeyFrameRequests uint64 // key frames seen, requests sent to publishers
	Offers, ConnectionsLost     uint64
	DescriptionsRefused         uint64
}

type counters struct {
	upTracks, downTracks                             atomic.Int64
	packetsIn, bytesIn                               atomic.Uint64
	packetsOut, bytesOut, packetsAgain, packetsEmpty atomic.Uint64
	packetsLeftOut, packetsUnsent                    atomic.Uint64
	dropped, keyFrames, keyFrameRequests             atomic.Uint64
	offers, connectionsLost, descriptions            atomic.Uint64
}

// Stats returns the counters since New.
func (s *SFU) Stats() Stats {
	s.mu.Lock()
	rooms, peers := len(s.rooms), 0
	for _, r := range s.rooms {
		peers += len(r.members())
	}
	s.mu.Unlock()
	c := &s.stats
	return Stats{
		Rooms: rooms, Peers: peers, UpTracks: c.upTracks.Load(), DownTracks: c.downTracks.Load(),
		PacketsIn: c.packetsIn.Load(), BytesIn: c.bytesIn.Load(), PacketsOut: c.packetsOut.Load(), BytesOut: c.bytesOut.Load(), PacketsAgain: c.packetsAgain.Load(), PacketsEmpty: c.packetsEmpty.Load(),
		PacketsDropped: c.dropped.Load(), PacketsLeftOut: c.packetsLeftOut.Load(), PacketsUnsent: c.packetsUnsent.Load(), KeyFrames: c.keyFrames.Load(), KeyFrameRequests: c.keyFrameRequests.Load(),
		Offers: c.offers.Load(), ConnectionsLost: c.connectionsLost.Load(), DescriptionsRefused: c.descriptions.Load(),
	}
}

// name makes a name for session descriptions, so that the caller's opaque ids never get into one.
func (s *SFU) name(prefix string) string {
	return prefix + strconv.FormatUint(s.serial.Add(1), 10)
}
