package homeserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"
)

// User is an account, signed in on one device.
type User struct {
	ID       string // @alice:localhost
	Device   string
	Token    string
	Password string
}

// password is good enough for an account that lives for a test.
const password = "correct horse battery"

// Register makes an account. Where the name is taken, by another test of the package, it gets a number: use [User.ID].
func (s *Server) Register(t testing.TB, localpart string) User {
	t.Helper()
	wanted := localpart
	for i := 2; ; i++ {
		var answer struct {
			ID     string `json:"user_id"`
			Device string `json:"device_id"`
			Token  string `json:"access_token"`
		}
		err := s.Call("", http.MethodPost, "/_matrix/client/v3/register", map[string]any{
			"auth": map[string]string{"type": "m.login.dummy"}, "username": localpart, "password": password,
		}, &answer)
		if refused, ok := err.(*Refused); ok && refused.Code == "M_USER_IN_USE" {
			localpart = fmt.Sprintf("%s-%d", wanted, i)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		return User{ID: answer.ID, Device: answer.Device, Token: answer.Token, Password: password}
	}
}

// Login signs the account in on another device.
func (s *Server) Login(t testing.TB, user User) User {
	t.Helper()
	var answer struct {
		Device string `json:"device_id"`
		Token  string `json:"access_token"`
	}
	if err := s.Call("", http.MethodPost, "/_matrix/client/v3/login", map[string]any{
		"type": "m.login.password", "password": user.Password,
		"identifier": map[string]string{"type": "m.id.user", "user": user.ID},
	}, &answer); err != nil {
		t.Fatal(err)
	}
	user.Device, user.Token = answer.Device, answer.Token
	return user
}

// Refused is an answer of a homeserver that is an error.
type Refused struct {
	Status int
	Code   string `json:"errcode"`
	Reason string `json:"error"`
}

func (r *Refused) Error() string {
	return fmt.Sprintf("homeserver: %d %s: %s", r.Status, r.Code, r.Reason)
}

// client waits longer than a /sync does.
var client = &http.Client{Timeout: time.Minute}

// Call sends a request with a body in JSON (nil: none) and reads the answer into out (nil: not at all). The error of a refusal is a [*Refused].
func (s *Server) Call(token, method, path string, in, out any) error {
	return call(s.URL, token, method, path, in, out)
}

func call(base, token, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(encoded)
	}
	req, err := http.NewRequest(method, base+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		refused := &Refused{Status: resp.StatusCode}
		_ = json.Unmarshal(answer, refused) // else the status says it all
		return refused
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}
