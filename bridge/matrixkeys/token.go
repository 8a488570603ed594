package matrixkeys

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/olmdevice"
)

const maxAnswer = 64 << 10

// Token gets a join token of the Grotto server that the room is linked to, by the homeserver's word on who we are.
func (r *Room) Token(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	openID, err := r.device.Client().RequestOpenIDToken(ctx)
	if err != nil {
		return "", &olmdevice.Error{Class: ErrToken, What: "the homeserver does not vouch for us (OpenID)", Err: err}
	}
	link := r.Link()
	body, err := json.Marshal(struct {
		Room   id.RoomID                `json:"room_id"`
		Slug   string                   `json:"slug"`
		Device id.DeviceID              `json:"device_id"`
		Token  *mautrix.RespOpenIDToken `json:"openid_token"`
	}{r.config.Room, link.Slug, r.self.Device, openID})
	if err != nil {
		return "", err
	}
	where, err := url.Parse(link.URL)
	if err != nil {
		return "", err
	}
	where.Path = "/matrix/token"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, where.String(), bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", &olmdevice.Error{Class: ErrToken, What: fmt.Sprintf("%s does not answer", where.Host), Hint: "try again in a moment", Err: err}
	}
	defer resp.Body.Close()
	var answer struct {
		Token string    `json:"token"`
		Bot   id.UserID `json:"bot"`
		Error string    `json:"error"`
	}
	err = json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&answer)
	if err != nil || answer.Token == "" {
		what, hint, _ := strings.Cut(answer.Error, "; hint: ")
		if what == "" {
			what, hint = resp.Status, "is Matrix switched on there?"
		}
		return "", &olmdevice.Error{Class: ErrToken, What: where.Host + " gives no join token: " + what, Hint: hint, Err: err}
	}
	r.mu.Lock()
	r.bot = answer.Bot
	r.mu.Unlock()
	return answer.Token, nil
}
