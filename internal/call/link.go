package call

import (
	"fmt"
	"net/url"
	"regexp"

	"github.com/grotto-meet/grotto/olmkeys"
)

// signalPath is where a server takes WebSocket connections.
const signalPath = "/v1/signal"

// The path of a room's page is roomPrefix and the room's slug.
const roomPrefix = "/r/"

var slugPattern = regexp.MustCompile(`^[a-z0-9-]{3,64}$`)

// tokenNames are the parameters of an address that a join token may stand in. The second one is Jitsi's.
var tokenNames = []string{"token", "jwt"}

// Link is a meeting's link, taken apart. It prints without its secret and its join token.
type Link struct {
	Slug   string // the room's name on its server
	Signal string // ws:// or wss:// URL of the server's signalling
	secret []byte
	token  string // lets in where the server asks for one
}

// WithToken is the link with a join token in the place of its own, if it had one.
func (l Link) WithToken(token string) Link {
	l.token = token
	return l
}

// String names the room and never the secret.
func (l Link) String() string { return l.Signal + " room " + l.Slug }

// GoString is String: %#v must not print the secret either.
func (l Link) GoString() string { return l.String() }

// ParseLink takes a link of the form https://host/r/<room>#<secret> apart. The part behind the # is the meeting's
// secret: it never leaves this program.
func ParseLink(raw string) (Link, error) {
	l, fragment, err := parseLink(raw)
	if err != nil {
		return Link{}, err
	}
	if fragment == "" {
		return badLink("the link is incomplete: the secret behind the # is missing", "copy the whole link, it ends in #...; in a shell, put it in quotes")
	}
	if l.secret, err = olmkeys.ParseSecret(fragment); err != nil {
		// The agent's error is not passed on: it may quote what it read.
		return badLink("the secret behind the # is not valid", "copy the whole link again: 22 characters or eight words follow the #")
	}
	return l, nil
}

// ParseRoomLink takes a link of the form https://host/r/<room> apart: of a meeting whose keys come from outside, and
// which therefore has no secret.
func ParseRoomLink(raw string) (Link, error) {
	l, fragment, err := parseLink(raw)
	if err == nil && fragment != "" {
		return badLink("the link has a secret behind the #, though the key is given beside it", "one or the other: the link without #..., or no key")
	}
	return l, err
}

func badLink(what, hint string) (Link, error) {
	return Link{}, &Error{Class: ErrLink, What: what, Hint: hint}
}

// parseLink takes apart what all links have.
func parseLink(raw string) (l Link, fragment string, err error) {
	bad := func(what, hint string, args ...any) (Link, string, error) {
		l, err := badLink(fmt.Sprintf(what, args...), hint)
		return l, "", err
	}
	u, err := url.Parse(raw)
	if err != nil {
		// url.Error repeats the whole input, and with it the secret.
		return bad("this is not a URL", "copy the whole link from the meeting; it looks like https://host/r/room#secret")
	}
	var scheme string
	switch u.Scheme {
	case "http":
		scheme = "ws"
	case "https":
		scheme = "wss"
	default:
		return bad("the link starts with %q, not with http:// or https://", "copy the whole link from the meeting; it looks like https://host/r/room#secret", u.Scheme+":")
	}
	if u.Host == "" {
		return bad("the link names no server", "copy the whole link from the meeting; it looks like https://host/r/room#secret")
	}
	if len(u.Path) <= len(roomPrefix) || u.Path[:len(roomPrefix)] != roomPrefix {
		return bad("the link names no room", "a room's link has the path "+roomPrefix+"<room>")
	}
	slug := u.Path[len(roomPrefix):]
	if !slugPattern.MatchString(slug) {
		return bad("the room's name in the link is not valid", "names have 3 to 64 letters a-z, digits and dashes")
	}
	signal := url.URL{Scheme: scheme, Host: u.Host, Path: signalPath}
	l = Link{Slug: slug, Signal: signal.String()}
	for _, name := range tokenNames {
		if value := u.Query().Get(name); value != "" {
			l.token = value
			break
		}
	}
	return l, u.Fragment, nil
}
