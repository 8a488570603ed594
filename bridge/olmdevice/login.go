package olmdevice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"
)

// patienceForAnswers is longer than a /sync without news.
const patienceForAnswers = time.Minute

// login gives a client that the homeserver knows, by the kept session where that still works.
func login(ctx context.Context, c *Config) (*mautrix.Client, error) {
	kept, err := c.kept()
	if err != nil {
		return nil, err
	}
	hs, err := c.homeserver(ctx, kept)
	if err != nil {
		return nil, err
	}
	client, err := mautrix.NewClient(hs, c.User, "")
	if err != nil {
		return nil, &Error{Class: ErrLogin, What: fmt.Sprintf("%q is no homeserver's address", hs), Hint: "for example https://matrix.example.org", Err: err}
	}
	client.Client.Timeout = patienceForAnswers
	if kept != nil {
		client.AccessToken, client.DeviceID = kept.Token, kept.Device
		who, err := client.Whoami(ctx)
		switch {
		case err == nil && who.UserID == c.User && (who.DeviceID == "" || who.DeviceID == kept.Device):
			return client, nil
		case err == nil || errors.Is(err, mautrix.MUnknownToken):
			// Logged out elsewhere: that device is gone, and its keys with it.
			if err := c.forget(); err != nil {
				return nil, &Error{Class: ErrStore, What: err.Error(), Err: err}
			}
			client.AccessToken, client.DeviceID = "", ""
		default:
			return nil, refusedBy(hs, err)
		}
	}
	if err := c.enter(ctx, client); err != nil {
		return nil, err
	}
	if err := c.keep(session{Homeserver: hs, User: client.UserID, Device: client.DeviceID, Token: client.AccessToken}); err != nil {
		return nil, &Error{Class: ErrStore, What: err.Error(), Err: err}
	}
	return client, nil
}

func (c *Config) enter(ctx context.Context, client *mautrix.Client) error {
	hs := client.HomeserverURL.String()
	req := &mautrix.ReqLogin{
		Identifier:               mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: string(c.User)},
		InitialDeviceDisplayName: c.DeviceName, StoreCredentials: true,
	}
	switch {
	case c.Token != "":
		client.AccessToken = c.Token
		who, err := client.Whoami(ctx)
		if err != nil {
			return refusedBy(hs, err)
		}
		if who.UserID != c.User || who.DeviceID == "" {
			return &Error{Class: ErrLogin, What: fmt.Sprintf("the access token is not one of a device of %s", c.User)}
		}
		client.DeviceID = who.DeviceID
		return nil
	case c.AppserviceToken != "":
		client.AccessToken, req.Type = c.AppserviceToken, mautrix.AuthTypeAppservice
	case c.Password != "":
		req.Type, req.Password = mautrix.AuthTypePassword, c.Password
	default:
		return &Error{Class: ErrLogin, What: fmt.Sprintf("there is no session of %s here", c.User), Hint: "give the account's password", Err: ErrNoPassword}
	}
	answer, err := client.Login(ctx, req)
	if err != nil {
		return refusedBy(hs, err)
	}
	if answer.UserID != c.User {
		return &Error{Class: ErrLogin, What: fmt.Sprintf("the homeserver logs in %s, not %s", answer.UserID, c.User), Hint: "write the Matrix id as the homeserver does"}
	}
	return nil
}

func (c *Config) homeserver(ctx context.Context, kept *session) (string, error) {
	if _, _, err := id.UserID.Parse(c.User); err != nil {
		return "", &Error{Class: ErrLogin, What: fmt.Sprintf("%q is no Matrix id", c.User), Hint: "for example @alice:example.org", Err: err}
	}
	if c.Homeserver != "" {
		return c.Homeserver, nil
	}
	if kept != nil {
		return kept.Homeserver, nil
	}
	found, err := mautrix.DiscoverClientAPI(ctx, c.User.Homeserver())
	if err != nil {
		return "", &Error{Class: ErrLogin, What: fmt.Sprintf("%s does not say where its homeserver is", c.User.Homeserver()), Hint: "give its address", Err: err}
	}
	if found == nil || found.Homeserver.BaseURL == "" {
		return "https://" + c.User.Homeserver(), nil
	}
	return found.Homeserver.BaseURL, nil
}

func refusedBy(hs string, err error) error {
	if answer, ok := errors.AsType[mautrix.HTTPError](err); ok && answer.RespError != nil {
		return &Error{Class: ErrLogin, What: fmt.Sprintf("%s refuses: %s", hs, answer.RespError.Err), Hint: "is the Matrix id, and what proves it, right?", Err: err}
	}
	return &Error{Class: ErrLogin, What: fmt.Sprintf("%s does not answer as a homeserver does", hs), Hint: "is its address right?", Err: err}
}
