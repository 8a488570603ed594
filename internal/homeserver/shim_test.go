package homeserver

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

type shimmed struct {
	*Shim
	direct *Server
	user   User
	room   string
}

func newShimmed(t *testing.T) shimmed {
	s := Shared(t)
	ada := s.Register(t, "shim")
	return shimmed{NewShim(t, s.URL), s, ada, createRoom(t, s, ada)}
}

func (s shimmed) call(method, path string, in, out any) error {
	return call(s.URL, s.user.Token, method, path, in, out)
}

func (s shimmed) state(t *testing.T, key string) (value string) {
	t.Helper()
	var content struct{ Value string }
	err := s.direct.Call(s.user.Token, http.MethodGet, "/_matrix/client/v3/rooms/"+s.room+"/state/org.example.test/"+key, nil, &content)
	var refused *Refused
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		return "none"
	}
	must(t, err)
	return content.Value
}

func (s shimmed) schedule(t *testing.T, key string, delay string) string {
	t.Helper()
	var answer struct {
		ID string `json:"delay_id"`
	}
	must(t, s.call(http.MethodPut, "/_matrix/client/v3/rooms/"+s.room+"/state/org.example.test/"+key+"?"+delayParam+"="+delay, map[string]string{"value": "late"}, &answer))
	if answer.ID == "" {
		t.Fatal("no delay_id")
	}
	return answer.ID
}

func TestShimPassesOnAndTellsFeatures(t *testing.T) {
	s := newShimmed(t)
	var who struct {
		User string `json:"user_id"`
	}
	must(t, s.call(http.MethodGet, "/_matrix/client/v3/account/whoami", nil, &who))
	if who.User != s.user.ID {
		t.Errorf("it is %q", who.User)
	}
	var with, without struct {
		Features map[string]bool `json:"unstable_features"`
	}
	must(t, s.call(http.MethodGet, versionsPath, nil, &with))
	must(t, s.direct.Call("", http.MethodGet, versionsPath, nil, &without))
	if !with.Features["org.matrix.msc4140"] || without.Features["org.matrix.msc4140"] {
		t.Errorf("%v, without the shim %v", with, without)
	}
}

func TestDelayedEvents(t *testing.T) {
	s := newShimmed(t)
	kept, cancelled, sent := s.schedule(t, "kept", "60000"), s.schedule(t, "cancelled", "60000"), s.schedule(t, "sent", "60000")
	if got := s.Delayed(); !slices.Equal(got, []string{"cancelled", "kept", "sent"}) {
		t.Fatalf("waiting: %v", got)
	}
	must(t, s.call(http.MethodPost, delayedPath+"/"+kept, map[string]string{"action": "restart"}, nil))
	must(t, s.call(http.MethodPost, delayedPath+"/"+cancelled+"/cancel", struct{}{}, nil))
	must(t, s.call(http.MethodPost, delayedPath+"/"+sent+"/send", struct{}{}, nil))
	if s.state(t, "kept") != "none" || s.state(t, "cancelled") != "none" || s.state(t, "sent") != "late" {
		t.Errorf("kept %s, cancelled %s, sent %s", s.state(t, "kept"), s.state(t, "cancelled"), s.state(t, "sent"))
	}
	var refused *Refused
	if err := s.call(http.MethodPost, delayedPath+"/"+sent+"/restart", struct{}{}, nil); !errors.As(err, &refused) || refused.Code != "M_NOT_FOUND" {
		t.Errorf("one that was sent is restarted: %v", err)
	}
	s.Elapse()
	if got := s.state(t, "kept"); got != "late" {
		t.Errorf("its time came: %s", got)
	}

	s.schedule(t, "soon", "20")
	for deadline := time.Now().Add(patience); s.state(t, "soon") != "late"; {
		if time.Now().After(deadline) {
			t.Fatal("a delayed event does not come by itself")
		}
	}
}

func TestTransportsAndBreaking(t *testing.T) {
	s := newShimmed(t)
	var list struct {
		Transports []struct{ Type, URL string } `json:"rtc_transports"`
	}
	s.Transports(`[{"type":"org.example.sfu","url":"https://meet.example.org/r/a"}]`)
	must(t, s.call(http.MethodGet, transportsPath, nil, &list))
	if len(list.Transports) != 1 || list.Transports[0].Type != "org.example.sfu" {
		t.Errorf("%+v", list)
	}
	s.Break("/whoami", http.StatusServiceUnavailable)
	if err := s.call(http.MethodGet, "/_matrix/client/v3/account/whoami", nil, nil); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("not broken: %v", err)
	}
	s.Break("/whoami", 0)
	must(t, s.call(http.MethodGet, "/_matrix/client/v3/account/whoami", nil, nil))
}
