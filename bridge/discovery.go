package bridge

import (
	"net/http"

	"github.com/grotto-meet/grotto/bridge/rtc"
)

// foci are what MatrixRTC calls transports: where media go. Clients of other makers ignore the type. The URL is the server's; a member's has its room.
func (s *SignIn) foci() []rtc.Transport {
	return []rtc.Transport{{Type: rtc.TransportType, URL: s.cfg.Public}}
}

type baseURL struct {
	BaseURL string `json:"base_url"`
}

// wellKnown tells clients where things are, for a homeserver whose name is this server's. Others add the foci to the file of their own.
func (s *SignIn) wellKnown(w http.ResponseWriter, _ *http.Request) {
	out := struct {
		Homeserver *baseURL        `json:"m.homeserver,omitempty"`
		Foci       []rtc.Transport `json:"org.matrix.msc4143.rtc_foci"`
	}{Foci: s.foci()}
	if s.cfg.Client != "" {
		out.Homeserver = &baseURL{s.cfg.Client}
	}
	answer(w, http.StatusOK, out)
}

// transports is MSC4143's answer, for a proxy that leads this path of the homeserver here.
func (s *SignIn) transports(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, struct {
		Transports []rtc.Transport `json:"rtc_transports"`
	}{s.foci()})
}
