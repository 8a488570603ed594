package token

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/wire"
)

func TestOwnTokens(t *testing.T) {
	o := newOffice(t)
	signed := o.sign(NewOwnSigner(o.own), Claims{Room: "blue-harbour", Role: wire.RoleOwner, ExternalID: "@ada:hs.example", Localpart: "mx.ada=3ahs.example",
		ExternalDevice: "QX7PZK29LM", Vouched: true})
	who, err := o.admit(signed.Token, "blue-harbour")
	want := room.Identity{Localpart: "mx.ada=3ahs.example", Role: wire.RoleOwner, ExternalID: "@ada:hs.example", ExternalDevice: "QX7PZK29LM", Vouched: true,
		TokenID: signed.ID, Expires: noon.Add(DefaultLife)}
	who.Expires = who.Expires.UTC()
	if err != nil || who != want {
		t.Errorf("%+v %v", who, err)
	}
	o.refused("another room's", o.sign(NewOwnSigner(o.own), Claims{Room: "red-harbour", Localpart: "mx.ada"}).Token, wire.CodeBadToken)
}

// M5: what only this server may say is refused from everybody else, also from those that share its secret of HS256.
func TestM5_NobodyElseSaysWhoSomebodyIs(t *testing.T) {
	o := newOffice(t)
	claims := func(name string, value any) map[string]any {
		return map[string]any{"aud": Audience, "room": "blue-harbour", "exp": noon.Add(time.Hour).Unix(), "external_id": "ada", name: value}
	}
	hs, own := map[string]any{"alg": "HS256", "typ": "JWT"}, map[string]any{"alg": "HS256", "typ": "JWT", keyID: ownKey}
	good := part(t, own) + "." + part(t, claims("user", "mx.ada=3ahs.example"))
	if who, err := o.admit(withHS256(o.own, good), "blue-harbour"); err != nil || who.Localpart != "mx.ada=3ahs.example" { // what all below is but for one thing
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"a user id by the shared secret":             withHS256(o.secret, part(t, hs)+"."+part(t, claims("user", "mx.ada=3ahs.example"))),
		"a device by the shared secret":              withHS256(o.secret, part(t, hs)+"."+part(t, claims("external_device", "QX7PZK29LM"))),
		"past the waiting room by the shared secret": withHS256(o.secret, part(t, hs)+"."+part(t, claims("vouched", true))),
		"the shared secret under the own's name":     withHS256(o.secret, good),
		"the own secret under no name":               withHS256(o.own, part(t, hs)+"."+part(t, claims("user", "mx.ada=3ahs.example"))),
		"another server's own":                       withHS256(NewSecret(), good),
		"a user id of another kind":                  withHS256(o.own, part(t, own)+"."+part(t, claims("user", "u-ada"))),
		"no user id":                                 withHS256(o.own, part(t, own)+"."+part(t, claims("vouched", true))),
		"no user id at all":                          withHS256(o.own, part(t, own)+"."+part(t, claims("user", "mx:ada"))),
		"a long device":                              withHS256(o.own, part(t, own)+"."+part(t, map[string]any{"aud": Audience, "room": "*", "exp": noon.Add(time.Hour).Unix(), "user": "mx.ada", "external_device": strings.Repeat("x", MaxExternalID+1)})),
	} {
		o.refused(name, token, wire.CodeBadToken)
	}
	o.verifier.Own = nil
	o.refused("a server without Matrix", withHS256(o.own, good), wire.CodeBadToken)
	o.refused("a server without Matrix and no secret", withHS256(nil, good), wire.CodeBadToken)
	for name, signer := range map[string]*Signer{"HS256": o.signer, "EdDSA": NewKeySigner(o.key)} {
		for _, c := range []Claims{{Room: "blue-harbour", Localpart: "mx.ada"}, {Room: "blue-harbour", ExternalDevice: "X"}, {Room: "blue-harbour", Vouched: true}} {
			signer.now = at(noon)
			if _, err := signer.Sign(c); !errors.Is(err, ErrClaims) {
				t.Errorf("%s: %+v: %v", name, c, err)
			}
		}
	}
	mine := NewOwnSigner(o.own)
	mine.now = at(noon)
	for _, local := range []string{"guest-k3v9x2mq", "u-ada", "mx ada", "mx" + strings.Repeat("x", 63)} {
		if _, err := mine.Sign(Claims{Room: "blue-harbour", Localpart: local}); !errors.Is(err, ErrClaims) {
			t.Errorf("%q: %v", local, err)
		}
	}
}

// M7: who has a token from before is looked at again, and only they are.
func TestM7_OwnTokensAreLookedAtAgain(t *testing.T) {
	o := newOffice(t)
	var asked []string
	var verdict error
	o.verifier.Still = func(_ context.Context, who room.Identity, slug string) (room.Identity, error) {
		asked = append(asked, who.ExternalID+" "+slug)
		who.Role = wire.RoleViewer
		return who, verdict
	}
	token := o.sign(NewOwnSigner(o.own), Claims{Room: AnyRoom, Role: wire.RoleOwner, ExternalID: "@ada:hs.example", Localpart: "mx.ada"}).Token
	if who, err := o.admit(token, "blue-harbour"); err != nil || who.Role != wire.RoleViewer {
		t.Error(who, err)
	}
	verdict = &wire.Error{Code: wire.CodeNotAdmitted, Message: "not in the Matrix room any more", Hint: "ask to be invited"}
	o.refused("kicked", token, wire.CodeNotAdmitted)
	if _, err := o.admit(o.sign(o.signer, Claims{Room: AnyRoom, ExternalID: "ben"}).Token, "blue-harbour"); err != nil {
		t.Error(err)
	}
	if len(asked) != 2 || asked[0] != "@ada:hs.example blue-harbour" {
		t.Error(asked)
	}
}
