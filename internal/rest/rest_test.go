package rest

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The secret is drawn here, once; a link that has one keeps it, and no error repeats it.
func TestLinks(t *testing.T) {
	link, err := withSecret(bytes.NewReader(bytes.Repeat([]byte{0xfb}, secretSize)), "https://meet.example/r/weekly")
	if err != nil || link != "https://meet.example/r/weekly#-_v7-_v7-_v7-_v7-_v7-w" {
		t.Fatal(link, err)
	}
	if _, err := withSecret(bytes.NewReader(nil), "https://meet.example/r/weekly"); err == nil {
		t.Error("a secret was drawn from nothing")
	}
	if _, err := WithSecret(link); err == nil || strings.Contains(err.Error(), "-_v7") {
		t.Error(err)
	}
	one, _ := WithSecret("https://meet.example/r/weekly")
	two, _ := WithSecret("https://meet.example/r/weekly")
	if one == two {
		t.Error("two meetings have one secret")
	}
	with, err := WithToken(link, "a.b+c.d")
	if err != nil || with != "https://meet.example/r/weekly?token=a.b%2Bc.d#-_v7-_v7-_v7-_v7-_v7-w" {
		t.Error(with, err)
	}
	for _, bad := range []string{"weekly", "", ":#-_v7", "https://"} {
		if _, err := WithToken(bad, "x"); err == nil || strings.Contains(err.Error(), "-_v7") {
			t.Errorf("%q: %v", bad, err)
		}
		if _, err := WithSecret(bad); err == nil {
			t.Errorf("%q has a secret", bad)
		}
	}
}

// A refusal says what, where and why; what is not of the API is said to be so. Names of rooms stay one part of a path.
func TestAnswers(t *testing.T) {
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.EscapedPath()+" "+r.Header.Get("Authorization"))
		switch len(asked) {
		case 1:
			w.WriteHeader(422)
			_, _ = w.Write([]byte(`{"status":422,"detail":"this cannot be","errors":[{"message":"too long","location":"body.topic"}]}`))
		case 2:
			w.WriteHeader(502)
			_, _ = w.Write([]byte("<html>"))
		case 3:
			_, _ = w.Write([]byte("<html>"))
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	defer s.Close()
	c := &Client{Server: s.URL + "/", Key: "k"}
	_, err := c.Room(t.Context(), "../webhooks?x#y")
	if e, ok := errors.AsType[*Error](err); !ok || e.Status != 422 || err.Error() != "rest: 422: this cannot be; body.topic too long" {
		t.Error(err)
	}
	if asked[0] != "GET /api/v1/rooms/..%2Fwebhooks%3Fx%23y Bearer k" {
		t.Error(asked)
	}
	if _, err = c.Room(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), "502") || !strings.Contains(err.Error(), "hint: is it the address of a Grotto server?") {
		t.Error(err)
	}
	if _, err = c.Room(t.Context(), "x"); err == nil {
		t.Error("a page is a room")
	}
	if err := c.DeleteRoom(t.Context(), "x"); err != nil {
		t.Error(err)
	}
	if err := (&Client{Server: ":"}).DeleteRoom(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), "hint") {
		t.Error(err)
	}
}
