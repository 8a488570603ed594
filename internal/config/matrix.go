package config

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/grotto-meet/grotto/internal/wire"
)

// matrix looks at the settings of the bot.
func (l *loader) matrix() {
	s := &l.Settings
	for name, value := range map[string]string{"matrix-homeserver": s.MatrixHomeserver, "matrix-page": s.MatrixPage, "matrix-client-url": s.MatrixClientURL} {
		u, err := url.Parse(value)
		if value != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "") {
			l.wrong(name, fmt.Sprintf("%q is no address", value), "write https://host, or http://host:port for one beside this server")
		}
	}
	for _, who := range s.MatrixInvite {
		if who == "*" {
			continue
		}
		if server := who[strings.Index(who, ":")+1:]; !wire.ValidServerName(server) && !wire.ValidServerName(who) || strings.HasPrefix(who, "@") && !strings.Contains(who, ":") {
			l.wrong("matrix-invite", fmt.Sprintf("%q is neither a homeserver nor a user", who), "write example.org, or @name:example.org; * is anybody")
		}
	}
	for _, both := range s.MatrixRoom {
		if room, slug := splitRoom(both); !strings.HasPrefix(room, "!") || !wire.ValidSlug(slug) {
			l.wrong("matrix-room", fmt.Sprintf("%q is not a room of Matrix and the name of a room", both), "write !abc:example.org=blue-harbour; clients show the room's id among its settings")
		}
	}
	for _, name := range s.MatrixFederation {
		if name != "*" && !wire.ValidServerName(name) {
			l.wrong("matrix-federation", fmt.Sprintf("%q is not the name of a homeserver", name), "write example.org, as behind the colon of its users, or * for any")
		}
	}
	switch {
	case s.MatrixHomeserver == "":
		for name, set := range map[string]bool{"matrix-registration": s.MatrixRegistration != "", "matrix-login": s.MatrixLogin != "", "matrix-ghosts": s.MatrixGhosts,
			"matrix-kick": s.MatrixKick, "matrix-room": len(s.MatrixRoom) > 0, "matrix-invite": len(s.MatrixInvite) > 0, "matrix-page": s.MatrixPage != "",
			"matrix-federation": len(s.MatrixFederation) > 0, "matrix-client-url": s.MatrixClientURL != ""} {
			if set {
				l.wrong(name, "it needs to know the homeserver", "name matrix-homeserver, too")
			}
		}
	case (s.MatrixRegistration == "") == (s.MatrixLogin == ""):
		l.wrong("matrix-homeserver", "the bot needs one of matrix-registration and matrix-login", "grotto-server bridge registration makes the one, grotto-server bridge login the other")
	case s.MatrixGhosts && s.MatrixRegistration == "":
		l.wrong("matrix-ghosts", "only an application service has users of its own", "name matrix-registration")
	case s.MatrixPage == "" && s.Domain == "":
		l.wrong("matrix-homeserver", "the bot has to know how people reach the page", "name the domain, or matrix-page")
	}
}

func splitRoom(both string) (room, slug string) {
	i := strings.LastIndex(both, "=")
	return both[:max(i, 0)], both[i+1:]
}

// MatrixRooms are the rooms of Matrix that were given a meeting.
func (s *Settings) MatrixRooms() map[string]string {
	all := map[string]string{}
	for _, both := range s.MatrixRoom {
		room, slug := splitRoom(both)
		all[room] = slug
	}
	return all
}
