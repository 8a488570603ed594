// Package config is what an operator can set: one struct, each of whose fields is a line of a YAML file, an environment variable
// and a flag, under one name.
//
// [Load] reads the three, in that order, so that a flag wins over the environment and that over the file. What it gives is whole:
// nothing in [Settings] needs a default of its own elsewhere. [Fields] is the struct as a list, from which the help, the example
// file and docs/configuration.md are made.
//
// A key that does not exist, a value that does not fit and a variable with a typing error are refused, all at once and each with
// the place where it stands ([Problems]). There is no setting that must be given.
//
// # Limits
//
// A file is one flat YAML mapping of at most 1 MiB, without anchors. Whether a port is free or a certificate fits its key
// shows only when they are used.
package config

import (
	"net"
	"path/filepath"
	"strings"
	"time"
)

// Settings of a server. The tags are kong's but for example, which is a value as the example file has it.
type Settings struct {
	Domain  string   `group:"The page" placeholder:"NAME" example:"meet.example.org" help:"The name that people reach this server by. With it the page and all that goes over TCP is on port 443, and a certificate is got from Let's Encrypt and renewed, unless tls-cert names one: nothing else needs to be set."`
	Listen  string   `group:"The page" placeholder:"HOST:PORT" example:":8443" help:"Address of the page and the signalling (TCP). With HTTPS, relays and media over TCP are on it as well. Default: :8080, with a domain :443."`
	HTTP    string   `group:"The page" name:"http" default:"auto" placeholder:"HOST:PORT|off" help:"Address that leads from plain HTTP to the domain, and where an authority may ask whether we are there. Default: with a domain :80 if that is free, else none."`
	Dev     bool     `group:"The page" help:"Serve the page on localhost only, without TLS, to try things out."`
	EmbedAt []string `group:"The page" name:"embed-origin" placeholder:"ORIGIN" example:"https://www.example.org" help:"Pages of this origin (https://host) may show a room in a frame and talk to it, see docs/embedding.md. Repeatable; without it only this server's own pages may."`

	TLSCert       string `group:"The certificate" placeholder:"FILE" example:"/etc/grotto/cert.pem" help:"Certificate chain (PEM) for HTTPS. It is read again when the file changes."`
	TLSKey        string `group:"The certificate" placeholder:"FILE" example:"/etc/grotto/key.pem" help:"Private key (PEM) for HTTPS."`
	ACMEEmail     string `group:"The certificate" placeholder:"ADDRESS" example:"admin@example.org" help:"Where the authority writes to if something is wrong with the certificate. It is told to nobody else."`
	ACMEDirectory string `group:"The certificate" placeholder:"URL" example:"https://acme-staging-v02.api.letsencrypt.org/directory" help:"Another authority than Let's Encrypt, by the address of its ACME directory."`
	Data          string `group:"The certificate" placeholder:"DIR" example:"/var/lib/grotto" help:"Folder for what is kept between runs: the keys and certificates that were got for the domain, and the database with rooms, keys and secrets. It is made at first, for this user alone, and refused if others can read it. Default: what systemd names, else grotto in the user's folder for state."`

	UDP      string   `group:"Media" name:"udp" placeholder:"HOST:PORT" example:":8081" help:"Address of the media (one UDP port for everybody). Without HTTPS the same TCP port is for clients whose network drops UDP. Leave the host empty: Firefox does not reach a socket bound to loopback. Default: :8081."`
	PublicIP []string `group:"Media" name:"public-ip" placeholder:"IP[:PORT]" example:"203.0.113.7" help:"Address that reaches the media port from outside, if it is behind NAT: IPv4 or IPv6, with a port if that is another one. Repeatable."`

	PublicOnly bool     `group:"Media" help:"Tell clients of the --public-ip addresses only, not of this machine's own."`
	TURN       string   `group:"Media" name:"turn" default:"auto" placeholder:"HOST:PORT|off" help:"Address of the TURN relay (UDP and TCP), for networks that let nothing through to the media port. With HTTPS it is on the page's port as well, whatever stands here. Default: :3478 if that is free."`
	TURNHost   string   `group:"Media" name:"turn-host" placeholder:"NAME" example:"turn.example.org" help:"What clients call the relay, if it is not what they call the page."`
	Voices     int      `group:"Media" default:"8" placeholder:"N" help:"How many voices of a room are forwarded at a time, those who speak first; 0 for all. Default: ${default}."`
	NoLevels   bool     `group:"Media" name:"no-audio-levels" help:"Do not read how loud people are: then nobody is shown who speaks, and every voice is forwarded."`
	NoLevelsIn []string `group:"Media" name:"no-audio-levels-in" placeholder:"SLUG" example:"choir-practice" help:"The same, in this room only. Repeatable."`

	Room       []string `group:"Rooms" placeholder:"SLUG" example:"blue-harbour" help:"Admit to this room only, and to those that were made over the API. Repeatable; without it every room name works."`
	RoomsOnly  bool     `group:"Rooms" help:"Admit only to rooms that were made over the API or by the operator's page, and to those of --room."`
	ServerName string   `group:"Rooms" placeholder:"NAME" example:"meet.example.org" help:"What stands behind the colon of user and room ids. Default: the domain, or localhost."`

	TokenOnly      bool   `group:"Who may enter" help:"People enter with a join token only, or signed in: no guests. A token is made by grotto-server token, over the API or by another program, see docs/tokens.md."`
	TokenSecret    string `group:"Who may enter" placeholder:"FILE" example:"/etc/grotto/token-secret" help:"File with the secret that join tokens are signed with (HS256), if another program is to have the same: at least 32 random bytes. Default: one that is made on the first run and kept in the folder for data."`
	TokenPublicKey string `group:"Who may enter" placeholder:"FILE" example:"/etc/grotto/portal.pub.pem" help:"Public key (Ed25519, PEM) of a program whose join tokens are taken as well, signed with EdDSA."`

	OIDCIssuer       string   `group:"Who may enter" name:"oidc-issuer" placeholder:"URL" example:"https://id.example.org" help:"OpenID provider by which people sign in to moderate, see docs/tokens.md."`
	OIDCClientID     string   `group:"Who may enter" name:"oidc-client-id" placeholder:"ID" example:"grotto" help:"What the provider calls this server."`
	OIDCClientSecret string   `group:"Who may enter" name:"oidc-client-secret" placeholder:"FILE" example:"/etc/grotto/oidc-secret" help:"File with the secret that the provider gave for it. Without it this is a public client."`
	OIDCRedirect     string   `group:"Who may enter" name:"oidc-redirect" placeholder:"URL" example:"https://meet.example.org/login/callback" help:"Where the provider sends people back to, as it was told. Default: /login/callback at the domain, or as the browser reaches this server."`
	OIDCModerator    []string `group:"Who may enter" name:"oidc-moderator" placeholder:"WHO" example:"@example.org" help:"Who of those whom the provider knows moderates: an address of mail, all of a domain as @example.org, group:NAME or sub:ID. Repeatable; without it all of them."`
	OIDCOperator     []string `group:"Who may enter" name:"oidc-operator" placeholder:"WHO" example:"admin@example.org" help:"Who of them may open the operator's page, /admin, and use the API by it. Repeatable; without it nobody, but for the password that grotto-server admin password makes."`
	WebhookPrivate   bool     `group:"Operation" help:"Webhooks of the REST API may lead to addresses that are not on the internet, and use plain HTTP. Without it they cannot reach into this server's own network."`

	MatrixHomeserver   string   `group:"Matrix" name:"matrix-homeserver" placeholder:"URL" example:"https://matrix.example.org" help:"Homeserver of the bot that joins rooms of Matrix and meetings, see docs/matrix.md. Without it there is no bot."`
	MatrixRegistration string   `group:"Matrix" name:"matrix-registration" placeholder:"FILE" example:"/etc/grotto/matrix-registration.yaml" help:"The bot is an application service: the file that grotto-server bridge registration made, which the homeserver has, too."`
	MatrixLogin        string   `group:"Matrix" name:"matrix-login" placeholder:"FILE" example:"/etc/grotto/matrix-login.json" help:"The bot has an ordinary account: the file that grotto-server bridge login made. One of the two is needed."`
	MatrixPage         string   `group:"Matrix" name:"matrix-page" placeholder:"URL" example:"https://meet.example.org" help:"What links in rooms begin with. Default: the domain's address."`
	MatrixInvite       []string `group:"Matrix" name:"matrix-invite" placeholder:"WHO" example:"example.org" help:"Who may invite the bot into rooms: all users of a homeserver by its name, one as @name:example.org, or * for anybody. Repeatable; without it those of the bot's own homeserver."`
	MatrixRoom         []string `group:"Matrix" name:"matrix-room" placeholder:"ROOM=SLUG" example:"!abc:example.org=blue-harbour" help:"The meeting that a room of Matrix gets by !call, if it is to be one that is there already: its moderators moderate there. Repeatable; other rooms get a new one."`
	MatrixKick         bool     `group:"Matrix" name:"matrix-kick" help:"Whom a moderator removes from a meeting is removed from the room of Matrix as well, if that moderator could do so there."`
	MatrixGhosts       bool     `group:"Matrix" name:"matrix-ghosts" help:"Guests of a meeting are shown as members of the room of Matrix while it lasts. It needs matrix-registration."`
	MatrixFederation   []string `group:"Matrix" name:"matrix-federation" placeholder:"NAME|*" example:"example.net" help:"Another homeserver, by the name behind the colon of its users, whose people may sign in here if they are in the room; * for any. Repeatable; without it those of the bot's own homeserver only."`
	MatrixClientURL    string   `group:"Matrix" name:"matrix-client-url" placeholder:"URL" example:"https://matrix.example.org" help:"Where clients reach the homeserver, told under /.well-known/matrix/client, if its name is this server's. Without it nobody is told."`

	Metrics       string        `group:"Operation" placeholder:"HOST:PORT" example:"localhost:9090" help:"Address of figures for Prometheus, under /metrics: how many people and packets, who reads too slowly, what a line has no room for. /healthz and /readyz answer there, too. There are no names in them, but they are for nobody else: not an address that others reach. Default: none."`
	LogLevel      string        `group:"Operation" default:"info" placeholder:"debug|info|warn|error" help:"How much is logged. Rooms and people are never named. After a change in the file, SIGHUP makes the server read it again."`
	Drain         time.Duration `group:"Operation" default:"0s" placeholder:"DURATION" help:"How long calls may go on after SIGTERM: /readyz answers 503 and no call begins, but those that are there go on, and people still join them. When the last one is over or the time is, the server stops, and whoever is there is told and comes back by itself as soon as one answers again. A second signal stops it at once. Default: at once."`
	Proxies       []string      `group:"Operation" name:"trusted-proxy" placeholder:"IP|CIDR" example:"10.0.0.0/8" help:"Address of a proxy before this server whose X-Forwarded-For is believed, so that limits are for each client's network and not for all who come through the proxy at once. Repeatable; without it nobody is believed."`
	NetworkLimits int           `group:"Operation" name:"network-limits" default:"1" placeholder:"N" help:"What the limits of one network at the page's port (docs/operation.md) are multiplied by, for a server that most reach through one address; 0 lifts them. Default: ${default}."`
	Pprof         string        `name:"pprof" group:"Operation" placeholder:"PATH" example:"/run/grotto/pprof.sock" help:"Unix socket, for this user alone, with profiles of the running program (Go's net/http/pprof). They are on no port. Default: none."`
}

// What is in effect unless something else is set.
const (
	defaultListen = ":8080"
	defaultUDP    = ":8081"
	defaultName   = "localhost"
	devListen     = "localhost:8080"

	domainListen = ":443"
)

// Values of [Settings.HTTP] and [Settings.TURN] that are no addresses.
const (
	Auto = "auto" // the usual port if it is free
	Off  = "off"
)

// TLS says whether the page is served over HTTPS.
func (s *Settings) TLS() bool { return s.TLSCert != "" || s.Domain != "" }

// ACME says whether the certificate is to be got from an authority.
func (s *Settings) ACME() bool { return s.Domain != "" && s.TLSCert == "" }

// Host is how people reach the page on a port of this machine. An authority asks on port 443 only, so whatever leads there leads here.
func (s *Settings) Host(port string) string {
	if s.ACME() || port == "443" {
		return s.Domain
	}
	return net.JoinHostPort(s.Domain, port)
}

// Origin is how people reach the page, https://meet.example.org; empty where no domain says so.
func (s *Settings) Origin() string {
	if s.Domain == "" {
		return ""
	}
	_, port, _ := net.SplitHostPort(s.Listen) // was checked
	return "https://" + s.Host(port)
}

// settle fills in what was not set and depends on the rest.
func (s *Settings) settle(environ []string) {
	switch {
	case s.Dev:
		fill(&s.Listen, devListen)
	case s.Domain != "":
		fill(&s.Listen, domainListen)
		fill(&s.ServerName, s.Domain)
	}
	fill(&s.Listen, defaultListen)
	fill(&s.UDP, defaultUDP)
	fill(&s.ServerName, defaultName)
	fill(&s.Data, stateFolder(environ))
}

func fill(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

// stateFolder is where programs keep what they need again: systemd says so, and the XDG Base Directory Specification.
func stateFolder(environ []string) string {
	value := func(name string) string {
		for _, pair := range environ {
			if text, ok := strings.CutPrefix(pair, name+"="); ok {
				return text
			}
		}
		return ""
	}
	if first, _, _ := strings.Cut(value("STATE_DIRECTORY"), ":"); first != "" {
		return first
	}
	if state := value("XDG_STATE_HOME"); state != "" {
		return filepath.Join(state, "grotto")
	}
	if home := value("HOME"); home != "" {
		return filepath.Join(home, ".local", "state", "grotto")
	}
	return "/var/lib/grotto"
}
