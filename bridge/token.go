package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/token"
	"github.com/grotto-meet/grotto/internal/wire"
)

// TokenRequest asks for a join token: POST /matrix/token. One of RoomID and Slug is enough.
type TokenRequest struct {
	RoomID   id.RoomID   `json:"room_id,omitempty"`
	Slug     string      `json:"slug,omitempty"`
	OpenID   OpenIDToken `json:"openid_token"`
	DeviceID id.DeviceID `json:"device_id"`
}

// TokenAnswer is what comes of it. Link has no secret: the members' clients have that, and it goes from one to the other and never to Bot.
type TokenAnswer struct {
	Token   string    `json:"token"`
	Expires time.Time `json:"expires_at"`
	Slug    string    `json:"slug"`
	Link    string    `json:"link"`
	RoomID  id.RoomID `json:"room_id"`
	User    id.UserID `json:"user"`
	Role    wire.Role `json:"role"`
	Bot     id.UserID `json:"bot"`
}

func (s *SignIn) grotto(w http.ResponseWriter, r *http.Request) error {
	var in TokenRequest
	if err := read(r, &in); err != nil {
		return err
	}
	out, err := s.vouch(r.Context(), in)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, out)
	return nil
}

// vouch makes a join token for somebody whom their homeserver knows and who is in the room.
func (s *SignIn) vouch(ctx context.Context, in TokenRequest) (*TokenAnswer, error) {
	switch {
	case in.RoomID == "" && in.Slug == "":
		return nil, missing("room_id or slug")
	case in.DeviceID == "":
		return nil, missing("device_id")
	case len(in.DeviceID) > token.MaxExternalID || strings.ContainsFunc(string(in.DeviceID), func(r rune) bool { return r < ' ' || r == 0x7f }):
		return nil, invalid("device_id is not one")
	}
	user, err := s.ids.verify(ctx, in.OpenID)
	if err != nil {
		return nil, err
	}
	// Not before: who is nobody learns nothing of which rooms there are.
	link, err := s.linked(in.RoomID, in.Slug)
	if err != nil {
		return nil, err
	}
	is, err := s.cfg.Links.Member(ctx, link.room, user)
	switch {
	case err != nil:
		s.cfg.Log.Warn("nobody is let in by Matrix: the members of a room are not known", "error", err)
		return nil, &matrixError{status: http.StatusBadGateway, Code: "M_UNKNOWN", Text: "the homeserver does not say who is in this room; hint: try again in a moment"}
	case !is.Joined:
		return nil, forbidden("you are not in this room of Matrix; hint: join it, or ask to be invited")
	}
	role := RoleOf(is.Power)
	signed, err := s.cfg.Signer.Sign(token.Claims{Room: link.slug, Role: role, ExternalID: string(user), ExternalDevice: string(in.DeviceID), Localpart: rtc.Localpart(user),
		Vouched: true, Expires: s.now().Add(TokenLife)})
	if err != nil {
		return nil, err
	}
	return &TokenAnswer{Token: signed.Token, Expires: signed.Expires.UTC(), Slug: link.slug, Link: s.cfg.Public + "/r/" + link.slug, RoomID: link.room, User: user, Role: role,
		Bot: s.cfg.Bot}, nil
}

type linked struct {
	room id.RoomID
	slug string
}

// linked finds a room by either of its names; if both are said, they are of one room.
func (s *SignIn) linked(in id.RoomID, slug string) (linked, error) {
	l, ok := linked{in, slug}, false
	if in != "" {
		l.slug, ok = s.cfg.Links.Linked(in)
	} else {
		l.room, ok = s.cfg.Links.RoomOf(slug)
	}
	if !ok || slug != "" && l.slug != slug {
		return l, &matrixError{status: http.StatusNotFound, Code: "M_NOT_FOUND", Text: "no meeting here belongs to this room; hint: write !call in it, with this server's bot in the room"}
	}
	return l, nil
}

// Still refuses those who are not in the room any more since their token was made, and gives the others the role that they have by now. It is
// for [token.Verifier].
func (s *SignIn) Still(ctx context.Context, who room.Identity, slug string) (room.Identity, error) {
	in, ok := s.cfg.Links.RoomOf(slug)
	if !ok {
		return room.Identity{}, &wire.Error{Code: wire.CodeBadToken, Message: "this meeting belongs to no room of Matrix any more", Hint: "ask for a new link"}
	}
	is, err := s.cfg.Links.Member(ctx, in, id.UserID(who.ExternalID))
	if err != nil {
		s.cfg.Log.Warn("nobody is let in by Matrix: the members of a room are not known", "error", err)
		return room.Identity{}, &wire.Error{Code: wire.CodeInternal, Message: "the homeserver does not say who is in this room", Hint: "try again in a moment"}
	}
	if !is.Joined {
		return room.Identity{}, &wire.Error{Code: wire.CodeBadToken, Message: "you are not in this room of Matrix any more", Hint: "join it, or ask to be invited"}
	}
	who.Role = RoleOf(is.Power)
	return who, nil
}

// sfuGet and getToken are asked as MSC4195's service is asked for tokens of LiveKit. What they give is for clients of ours alone: the address of the
// signalling, and a join token.
func (s *SignIn) sfuGet(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Room     id.RoomID   `json:"room"`
		OpenID   OpenIDToken `json:"openid_token"`
		DeviceID id.DeviceID `json:"device_id"`
	}
	if err := read(r, &in); err != nil {
		return err
	}
	return s.focus(w, r, TokenRequest{RoomID: in.Room, OpenID: in.OpenID, DeviceID: in.DeviceID}, "")
}

func (s *SignIn) getToken(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		RoomID id.RoomID   `json:"room_id"`
		SlotID string      `json:"slot_id"`
		OpenID OpenIDToken `json:"openid_token"`
		Member struct {
			ID     string      `json:"id"`
			User   id.UserID   `json:"claimed_user_id"`
			Device id.DeviceID `json:"claimed_device_id"`
		} `json:"member"`
	}
	if err := read(r, &in); err != nil {
		return err
	}
	switch {
	case in.SlotID != "m.call#ROOM":
		return invalid("there is one call in a room; hint: slot_id is m.call#ROOM")
	case in.Member.User == "":
		return missing("member.claimed_user_id")
	}
	return s.focus(w, r, TokenRequest{RoomID: in.RoomID, OpenID: in.OpenID, DeviceID: in.Member.Device}, in.Member.User)
}

func (s *SignIn) focus(w http.ResponseWriter, r *http.Request, in TokenRequest, claimed id.UserID) error {
	out, err := s.vouch(r.Context(), in)
	if err != nil {
		return err
	}
	if claimed != "" && claimed != out.User {
		return forbidden("the OpenID token is another user's; hint: member.claimed_user_id is who asks")
	}
	answer(w, http.StatusOK, struct {
		URL string `json:"url"`
		JWT string `json:"jwt"`
	}{strings.Replace(s.cfg.Public, "http", "ws", 1) + signalPath, out.Token})
	return nil
}

const signalPath = "/v1/signal" // see docs/protocol.md

// read takes one JSON object. Unknown fields are of later versions.
func read(r *http.Request, into any) error {
	err := json.NewDecoder(r.Body).Decode(into)
	switch {
	case err == nil:
		return nil
	case errors.As(err, new(*http.MaxBytesError)):
		return &matrixError{status: http.StatusRequestEntityTooLarge, Code: "M_TOO_LARGE", Text: "the request is too large"}
	case errors.As(err, new(*json.UnmarshalTypeError)):
		return &matrixError{status: http.StatusBadRequest, Code: "M_BAD_JSON", Text: "the request has not the form that is asked for; hint: docs/matrix.md shows it"}
	}
	return &matrixError{status: http.StatusBadRequest, Code: "M_NOT_JSON", Text: "the request is not JSON"}
}

func missing(what string) error {
	return &matrixError{status: http.StatusBadRequest, Code: "M_MISSING_PARAM", Text: what + " is missing"}
}

func invalid(what string) error {
	return &matrixError{status: http.StatusBadRequest, Code: "M_INVALID_PARAM", Text: what}
}

func forbidden(what string) error {
	return &matrixError{status: http.StatusForbidden, Code: "M_FORBIDDEN", Text: what}
}
