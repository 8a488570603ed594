package rtc

import (
	"fmt"
	"net/url"
	"strings"
)

const (
	// TransportType is of media by a Grotto server.
	TransportType = Prefix + "sfu"
	// LiveKitType is of media by a LiveKit server, Element Call's.
	LiveKitType = "livekit"
)

// Transport says where media go. What a type does not use is empty.
type Transport struct {
	Type string `json:"type"`
	// URL is of the room, without its secret, where Type is TransportType: https://host/r/slug
	URL string `json:"url,omitempty"`
	// Service gives tokens for a LiveKit server, Alias is the room.
	Service string `json:"livekit_service_url,omitempty"`
	Alias   string `json:"livekit_alias,omitempty"`
}

// maxTransports is more than clients offer.
const maxTransports = 16

func checkTransports(list []Transport) ([]Transport, error) {
	if len(list) > maxTransports {
		return nil, fmt.Errorf("%w: %d transports", ErrInvalid, len(list))
	}
	for _, t := range list {
		if t.Type == "" {
			return nil, fmt.Errorf("%w: a transport has no type", ErrInvalid)
		}
	}
	return list, nil
}

// Ours gives the first transport that is a room of a Grotto server.
func (m Membership) Ours() (url string, ok bool) {
	for _, t := range m.Transports {
		if _, err := slugOf(t.URL); t.Type == TransportType && err == nil {
			return t.URL, true
		}
	}
	return "", false
}

// slugOf takes https://host/r/slug and nothing more: no secret, no question, no password. HTTP is for servers on one's own machine.
func slugOf(room string) (slug string, err error) {
	u, err := url.Parse(room)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	slug, found := strings.CutPrefix(u.Path, "/r/")
	if plain := (url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/r/" + slug}); !found || !validSlug(slug) || u.Hostname() == "" ||
		(u.Scheme != "https" && u.Scheme != "http") || plain.String() != room {
		return "", fmt.Errorf("%w: the address is not https://host/r/slug", ErrInvalid)
	}
	return slug, nil
}
