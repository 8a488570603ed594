package turn

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v5"
)

const (
	realm = "grotto"

	// Lifetime of credentials, for sessions that last longer than any call should.
	Lifetime = 12 * time.Hour

	// MaxAllocations of one session. A browser makes one for each of its two connections, each network interface and each
	// URL, and keeps the old ones for a while when ICE restarts.
	MaxAllocations = 32

	// MaxRelays are those of all sessions, MaxRelaysPerAddress those of the clients of one [Network]: an office, each with some six.
	MaxRelays           = 4096
	MaxRelaysPerAddress = 1024
)

const peersFor = time.Second

// Config of a [Server]. Any of the sockets may be nil, but not all.
type Config struct {
	UDP     net.PacketConn
	Streams []net.Listener // TCP, and TLS where there is a certificate

	// Peers are the addresses that the media port is offered by, asked for once a second at most, and Dial makes a socket that is connected to it.
	Peers func() []netip.AddrPort
	Dial  func(context.Context) (net.Conn, error)

	Now func() time.Time // time.Now if nil
}

// Server relays. It is safe for concurrent use.
type Server struct {
	config Config
	key    [32]byte
	turn   *turn.Server
	taken  []*streams

	// permits says where a relay may lead. Tests replace it, to show what it is good for.
	permits func(netip.AddrPort) bool
	// These are greetTimeout, MaxRelays and MaxRelaysPerAddress, but in tests.
	greet                         time.Duration
	maxRelays, maxRelaysOfAddress int
	// dial leads there.
	dial func(netip.AddrPort) (net.Conn, error)

	offered atomic.Pointer[offered]

	mu       sync.Mutex
	sessions map[string]*session     // by name
	relays   map[*net.UDPAddr]*relay // by relayed address
	from     map[netip.Prefix]int    // relays, by client
	ports    uint16                  // of relayed addresses; they mean nothing
}

// offered are the addresses of the media port at a time. To list a machine's takes longer than to relay a packet.
type offered struct {
	at    time.Time
	peers []netip.AddrPort
}

func (s *Server) peers() []netip.AddrPort {
	now := s.config.Now()
	if o := s.offered.Load(); o != nil {
		if age := now.Sub(o.at); age >= 0 && age < peersFor {
			return o.peers
		}
	}
	o := &offered{at: now, peers: s.config.Peers()}
	s.offered.Store(o)
	return o.peers
}

// session is who was granted something.
type session struct {
	room    string
	expires time.Time
	relays  map[*relay]struct{}
}

// New serves on the sockets, which it takes over.
func New(config Config) (*Server, error) {
	s, err := prepare(config)
	if err != nil {
		return nil, err
	}
	if err := s.serve(); err != nil {
		return nil, err
	}
	return s, nil
}

func prepare(config Config) (*Server, error) {
	if config.Now == nil {
		config.Now = time.Now
	}
	s := &Server{config: config, sessions: map[string]*session{}, relays: map[*net.UDPAddr]*relay{}, from: map[netip.Prefix]int{},
		greet: greetTimeout, maxRelays: MaxRelays, maxRelaysOfAddress: MaxRelaysPerAddress}
	if _, err := rand.Read(s.key[:]); err != nil {
		return nil, fmt.Errorf("turn: %w", err)
	}
	s.permits = s.isMedia
	s.dial = func(netip.AddrPort) (net.Conn, error) { return config.Dial(context.Background()) }
	return s, nil
}

func (s *Server) serve() error {
	config := s.config
	silent := &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled, ScopeLevels: map[string]logging.LogLevel{}}
	settings := turn.ServerConfig{Realm: realm, AuthHandler: s.authenticate, QuotaHandler: s.withinQuota, LoggerFactory: silent}
	settings.EventHandler.OnAllocationCreated = func(src, dst net.Addr, _, _, _ string, relayed net.Addr, _ int) {
		s.settle(src, relayed)
		s.allocated(src, dst, true)
	}
	settings.EventHandler.OnAllocationDeleted = func(src, dst net.Addr, _, _, _ string) { s.allocated(src, dst, false) }
	if config.UDP != nil {
		settings.PacketConnConfigs = []turn.PacketConnConfig{{PacketConn: config.UDP, RelayAddressGenerator: relays{s}, PermissionHandler: s.permitsIP}}
	}
	for _, l := range config.Streams {
		bounded := newStreams(l, s.greet)
		s.taken = append(s.taken, bounded)
		settings.ListenerConfigs = append(settings.ListenerConfigs, turn.ListenerConfig{Listener: bounded, RelayAddressGenerator: relays{s}, PermissionHandler: s.permitsIP})
	}
	var err error
	if s.turn, err = turn.NewServer(settings); err != nil {
		return fmt.Errorf("turn: %w", err)
	}
	return nil
}

// allocated tells a TCP connection whether it has a relay.
func (s *Server) allocated(src, dst net.Addr, has bool) {
	if _, ok := src.(*net.TCPAddr); !ok {
		return
	}
	for _, l := range s.taken {
		l.allocated(src, dst, has)
	}
}

// Close ends all relays and closes the sockets.
func (s *Server) Close() error {
	err := s.turn.Close()
	for _, l := range s.taken {
		l.closeAll()
	}
	s.mu.Lock()
	var all []string
	for name := range s.sessions {
		all = append(all, name)
	}
	s.mu.Unlock()
	for _, name := range all {
		s.Revoke(name)
	}
	return err
}

// Grant makes credentials for a session in a room. The name is drawn at random by the caller, and has no colon.
func (s *Server) Grant(room, name string) (username, password string) {
	expires := s.config.Now().Add(Lifetime)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[name] = &session{room: room, expires: expires, relays: map[*relay]struct{}{}}
	username = strconv.FormatInt(expires.Unix(), 10) + ":" + name
	return username, s.password(username, room)
}

// Revoke takes the credentials back and ends what was allocated with them.
func (s *Server) Revoke(name string) {
	s.mu.Lock()
	var all []*relay
	if granted := s.sessions[name]; granted != nil {
		for r := range granted.relays {
			all = append(all, r)
		}
	}
	delete(s.sessions, name) // so that no others come
	s.mu.Unlock()
	for _, r := range all {
		_ = r.Close()
	}
}

// Allocations is how many relays there are.
func (s *Server) Allocations() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.relays)
}

func (s *Server) password(username, room string) string {
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write([]byte(username + "\x00" + room))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// authenticate finds the key to a user name. A relay that is there goes on past the expiry, for as long as the session lives.
func (s *Server) authenticate(asked *turn.RequestAttributes) (name string, key []byte, ok bool) {
	_, name, ok = strings.Cut(asked.Username, ":")
	if !ok {
		return "", nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	granted := s.sessions[name]
	if granted == nil || asked.Realm != realm || asked.Method == allocate && s.config.Now().After(granted.expires) {
		return "", nil, false
	}
	return name, turn.GenerateAuthKey(asked.Username, realm, s.password(asked.Username, granted.room)), true
}

func (s *Server) withinQuota(name, _ string, src net.Addr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hasRoom(s.sessions[name]) && s.from[Network(src)] < s.maxRelaysOfAddress
}

// hasRoom says whether a session may have one more relay. The lock is held.
func (s *Server) hasRoom(granted *session) bool {
	return granted != nil && len(granted.relays) < MaxAllocations && len(s.relays) < s.maxRelays
}

// settle counts a relay as its client's, whom the library names only after it was made. Of those that were asked for at the same
// time, some may be too many: they end.
func (s *Server) settle(src, relayed net.Addr) {
	addr, _ := relayed.(*net.UDPAddr)
	s.mu.Lock()
	r := s.relays[addr]
	if r == nil { // its session is over
		s.mu.Unlock()
		return
	}
	r.from, r.settled = Network(src), true
	s.from[r.from]++
	over := s.from[r.from] > s.maxRelaysOfAddress
	s.mu.Unlock()
	if over {
		_ = r.Close()
	}
}

// isMedia is rule S1.
func (s *Server) isMedia(peer netip.AddrPort) bool {
	for _, own := range s.peers() {
		if own == peer {
			return true
		}
	}
	return false
}

// permitsIP answers requests for permissions, which are about addresses without ports. What port is meant shows when something is
// sent there.
func (s *Server) permitsIP(_ net.Addr, ip net.IP) bool {
	peer, ok := netip.AddrFromSlice(ip)
	if !ok {
		return false
	}
	for _, own := range s.peers() {
		if s.permits(netip.AddrPortFrom(peer.Unmap(), own.Port())) {
			return true
		}
	}
	return false
}
