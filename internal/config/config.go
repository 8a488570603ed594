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

// Settings of a server. The tags are kong's but for example, which is a value as the example file has it.
type Settings struct {
	Listen   string   `group:"The page" placeholder:"HOST:PORT" example:":8443" help:"Address of the page and the signalling (TCP). Default: :8080."`
	Dev      bool     `group:"The page" help:"Serve the page on localhost only, without TLS, to try things out."`
	TLSCert  string   `group:"The page" placeholder:"FILE" example:"/etc/grotto/cert.pem" help:"Certificate chain (PEM) for HTTPS."`
	TLSKey   string   `group:"The page" placeholder:"FILE" example:"/etc/grotto/key.pem" help:"Private key (PEM) for HTTPS."`
	EmbedAt  []string `group:"The page" name:"embed-origin" placeholder:"ORIGIN" example:"https://www.example.org" help:"Pages of this origin (https://host) may show a room in a frame and talk to it, see docs/embedding.md. Repeatable; without it only this server's own pages may."`
	UDP      string   `group:"Media" name:"udp" placeholder:"HOST:PORT" example:":8081" help:"Address of the media (one UDP port for everybody, and the same TCP port for clients whose network drops UDP). Leave the host empty: Firefox does not reach a socket bound to loopback. Default: :8081."`
	PublicIP []string `group:"Media" name:"public-ip" placeholder:"IP[:PORT]" example:"203.0.113.7" help:"Address that reaches the media port from outside, if it is behind NAT: IPv4 or IPv6, with a port if that is another one. Repeatable."`

	PublicOnly bool     `group:"Media" help:"Tell clients of the --public-ip addresses only, not of this machine's own."`
	TURN       string   `group:"Media" name:"turn" default:"auto" placeholder:"HOST:PORT|off" help:"Address of the TURN relay (UDP and TCP), for networks that let nothing through to the media port. With HTTPS it is on the page's port as well, whatever stands here. Default: :3478 if that is free."`
	TURNHost   string   `group:"Media" name:"turn-host" placeholder:"NAME" example:"turn.example.org" help:"What clients call the relay, if it is not what they call the page."`
	Voices     int      `group:"Media" default:"8" placeholder:"N" help:"How many voices of a room are forwarded at a time, those who speak first; 0 for all. Default: ${default}."`
	NoLevels   bool     `group:"Media" name:"no-audio-levels" help:"Do not read how loud people are: then nobody is shown who speaks, and every voice is forwarded."`
	NoLevelsIn []string `group:"Media" name:"no-audio-levels-in" placeholder:"SLUG" example:"choir-practice" help:"The same, in this room only. Repeatable."`

	Room       []string `group:"Rooms" placeholder:"SLUG" example:"blue-harbour" help:"Admit to this room only. Repeatable; without it every room name works."`
	ServerName string   `group:"Rooms" placeholder:"NAME" example:"meet.example.org" help:"What stands behind the colon of user and room ids. Default: localhost."`
}

// Addresses that are listened on unless others are named.
const (
	defaultListen = ":8080"
	defaultUDP    = ":8081"
	devListen     = "localhost:8080"
	defaultName   = "localhost"
)

// TLS says whether the page is served over HTTPS.
func (s *Settings) TLS() bool { return s.TLSCert != "" }

// settle fills in what was not set and depends on the rest.
func (s *Settings) settle() {
	listen := defaultListen
	if s.Dev {
		listen = devListen
	}
	fill(&s.Listen, listen)
	fill(&s.UDP, defaultUDP)
	fill(&s.ServerName, defaultName)
}

func fill(field *string, value string) {
	if *field == "" {
		*field = value
	}
}
