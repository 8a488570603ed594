package api

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// refusedTag is on what is only there to be refused.
const refusedTag = "Not with end-to-end encryption"

// impossible answers what other APIs of meetings have and an end-to-end encrypted one cannot: with 409 and the reason, so that who
// moves here learns it at once, and not from a 404.
func (a *api) impossible() {
	const (
		recording = "the server cannot record: it forwards sealed frames, and has no key. People record on their own devices, in the page or by grotto record."
		speech    = "the server cannot write down what is said: it has sealed sound only. People switch captions on, on their own devices."
		written   = "the server does not have what people write: it is sealed. People save the chat on their own devices."
		whatWas   = "the server does not know what was said, so there is nothing to sum up."
		polls     = "the server does not have polls, or answers to them: they are sealed."
		raised    = "the server does not know whose hand is up: that is sealed."
	)
	for _, is := range []struct{ method, path, why string }{
		{http.MethodPost, "/rooms/{room}/recordings/start", recording},
		{http.MethodPost, "/rooms/{room}/recordings/stop", recording},
		{http.MethodGet, "/rooms/{room}/recordings", recording},
		{http.MethodGet, "/sessions/{session}/recordings", recording},
		{http.MethodGet, "/recordings", recording},
		{http.MethodPost, "/rooms/{room}/transcripts/start", speech},
		{http.MethodPost, "/rooms/{room}/transcripts/stop", speech},
		{http.MethodGet, "/rooms/{room}/transcripts/export", speech},
		{http.MethodGet, "/sessions/{session}/transcripts/export", speech},
		{http.MethodGet, "/sessions/{session}/summary", whatWas},
		{http.MethodGet, "/rooms/{room}/chat/export", written},
		{http.MethodDelete, "/rooms/{room}/chat", written},
		{http.MethodGet, "/sessions/{session}/chat", written},
		{http.MethodGet, "/rooms/{room}/questions/export", written},
		{http.MethodGet, "/rooms/{room}/polls", polls},
		{http.MethodGet, "/sessions/{session}/polls", polls},
		{http.MethodPost, "/rooms/{room}/participants/{participant}/raise-hand", raised},
		{http.MethodPost, "/rooms/{room}/participants/{participant}/lower-hand", raised},
	} {
		why := "not with end-to-end encryption: " + is.why
		op := operation(is.method, is.path, operationID(is.method, is.path), refusedTag, RoomsRead, "Refused", clashing)
		op.Description = is.why
		if strings.Contains(is.path, "{participant}") {
			huma.Register(a.huma, op, func(context.Context, *Somebody) (*struct{}, error) { return nil, refuse(http.StatusConflict, why) })
			continue
		}
		huma.Register(a.huma, op, func(context.Context, *struct{}) (*struct{}, error) { return nil, refuse(http.StatusConflict, why) })
	}
}

var notLetters = regexp.MustCompile(`[^a-z]+`)

func operationID(method, path string) string {
	return strings.Trim(strings.ToLower(method)+notLetters.ReplaceAllString(path, "-"), "-")
}
