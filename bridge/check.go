package bridge

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/id"
)

// Finding is something that [Bridge.Check] looked at.
type Finding struct {
	OK   bool   `json:"ok"`
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
}

// Check asks the homeserver whether the bridge would work. It makes no device, and the bot if there is none.
func (b *Bridge) Check(ctx context.Context) (all []Finding) {
	say := func(ok bool, text, hint string) bool {
		if ok {
			hint = ""
		}
		all = append(all, Finding{ok, text, hint})
		return ok
	}
	client, err := b.newClient()
	if err != nil {
		say(false, why(err), "look at matrix-homeserver")
		return all
	}
	versions, err := client.Versions(ctx)
	if err != nil {
		say(false, "The homeserver does not answer: "+why(err), "matrix-homeserver is where its Client-Server API is reached from here")
		return all
	}
	say(true, "The homeserver answers.", "")
	if b.cfg.Account != nil {
		client.UserID, client.AccessToken = b.cfg.Account.User, b.cfg.Account.Token
	} else {
		client.AccessToken = b.cfg.Registration.AppToken
		if err := register(ctx, client, b.cfg.Registration.SenderLocalpart); err != nil {
			say(false, "The homeserver does not take the application service: "+why(err), "give it the registration file, and start it again, see docs/matrix.md")
			return all
		}
	}
	is, err := client.Whoami(ctx)
	if !say(err == nil, "The bot's account is signed in.", "the account is signed out: grotto-server bridge login, with another file") {
		return all
	}
	bot, err := b.Bot()
	say(err == nil && bot == is.UserID, fmt.Sprintf("The bot is %s.", is.UserID), "the files are of another homeserver, or of another account")
	say(CheckOpenID(ctx, b.cfg.Homeserver) == nil, "People can sign in: the homeserver says whose OpenID tokens are whose.",
		"it has to answer /_matrix/federation/v1/openid/userinfo at this address: with Synapse the listener needs the resource openid")
	say(Encrypts, "Encrypted rooms can be read.", "this program was built without: go build -tags goolm")
	if versions.UnstableFeatures[featureDelayed] {
		say(true, "The homeserver ends memberships of clients that are gone (MSC4140).", "")
	} else {
		say(true, "The homeserver has no delayed events (MSC4140): memberships of clients that are gone stay until they expire.", "")
	}
	return all
}

// Bot is who the bot is.
func (b *Bridge) Bot() (id.UserID, error) {
	if b.cfg.Account != nil {
		return b.cfg.Account.User, nil
	}
	return b.cfg.Registration.User()
}
