package elementcall

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/olmdevice"
	"github.com/grotto-meet/grotto/bridge/rtc"
)

const (
	// A gateway that is killed leaves its memberships behind for so long.
	expiry  = 15 * time.Minute
	renewal = 5 * time.Minute
	again   = 5 * time.Second // after a refusal

	answerTime = 10 * time.Second
	maxAnswer  = 64 << 10
)

var client = &http.Client{Timeout: answerTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// keepMembership is in the call for as long as the context lasts.
func keepMembership(ctx context.Context, device *olmdevice.Device, room id.RoomID, focus string, notice func(string, ...any)) {
	created := time.Now()
	for told := false; ; {
		self := device.Self()
		m := rtc.Membership{User: self.User, Device: self.Device, ID: string(self.User) + ":" + string(self.Device), Created: created, Expires: time.Now().Add(expiry),
			Intent: "video", Transports: []rtc.Transport{{Type: rtc.LiveKitType, Service: focus, Alias: string(room)}}}
		next := renewal
		if _, err := device.Client().SendStateEvent(ctx, room, rtc.MemberType, rtc.StateKey(self.User, self.Device), m.Content(created)); err != nil {
			if ctx.Err() != nil {
				return
			}
			next = again
			if !told {
				notice("The account cannot take part in the room's calls: %v. hint: let members send %s in the room's permissions", err, rtc.MemberType.Type)
				told = true
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(next):
		}
	}
}

func withdrawMembership(ctx context.Context, device *olmdevice.Device, room id.RoomID) error {
	self := device.Self()
	_, err := device.Client().SendStateEvent(ctx, room, rtc.MemberType, rtc.StateKey(self.User, self.Device), struct{}{})
	return err
}

// foci are the services to ask for tokens: those that were named, else the homeserver's.
func foci(ctx context.Context, hs *mautrix.Client, named []string) ([]string, error) {
	if len(named) > 0 {
		return named, nil
	}
	var offered struct {
		Transports []rtc.Transport `json:"rtc_transports"`
	}
	const path = "/_matrix/client/unstable/org.matrix.msc4143/rtc/transports"
	err := fetch(ctx, http.MethodGet, strings.TrimSuffix(hs.HomeserverURL.String(), "/")+path, hs.AccessToken, nil, &offered)
	for _, t := range offered.Transports {
		if t.Type == rtc.LiveKitType && t.Service != "" {
			named = append(named, t.Service)
		}
	}
	if len(named) == 0 {
		return nil, &Error{"the homeserver names no LiveKit server", "--focus https://..., the livekit_service_url in Element Call's configuration", err}
	}
	return named, nil
}

func sameFocus(a, b string) bool { return strings.TrimSuffix(a, "/") == strings.TrimSuffix(b, "/") }

// admission lets a device into the LiveKit room.
type admission struct {
	URL   string `json:"url"`
	Token string `json:"jwt"`
}

// admit asks a focus, in the form of lk-jwt-service.
func admit(ctx context.Context, device *olmdevice.Device, room id.RoomID, focus string) (a admission, err error) {
	token, err := device.Client().RequestOpenIDToken(ctx)
	if err != nil {
		return a, err
	}
	err = fetch(ctx, http.MethodPost, strings.TrimSuffix(focus, "/")+"/sfu/get", "", map[string]any{
		"room": room, "device_id": device.Self().Device,
		"openid_token": map[string]any{"access_token": token.AccessToken, "token_type": token.TokenType, "matrix_server_name": token.MatrixServerName, "expires_in": token.ExpiresIn},
	}, &a)
	return a, err
}

func fetch(ctx context.Context, method, url, token string, in, out any) error {
	var body io.Reader
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
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
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", req.URL.Host, resp.Status)
	}
	return json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(out)
}
