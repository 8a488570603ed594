package token

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/wire"
)

// noon is the time of these tests.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func at(moment time.Time) func() time.Time { return func() time.Time { return moment } }

// office signs and verifies with the same keys.
type office struct {
	*testing.T
	secret   []byte
	own      []byte
	key      ed25519.PrivateKey
	signer   *Signer
	verifier *Verifier
}

func newOffice(t *testing.T) *office {
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	secret, own := NewSecret(), NewSecret()
	o := &office{T: t, secret: secret, own: own, key: key, signer: NewSigner(secret), verifier: &Verifier{Secret: secret, Public: public, Own: own, Now: at(noon)}}
	o.signer.now = at(noon)
	return o
}

func (o *office) sign(s *Signer, c Claims) Signed {
	o.Helper()
	s.now = at(noon)
	signed, err := s.Sign(c)
	if err != nil {
		o.Fatal(err)
	}
	return signed
}

func (o *office) admit(token, slug string) (room.Identity, error) {
	return o.verifier.Admit(o.Context(), token, slug)
}

func (o *office) refused(what, token string, code wire.Code) {
	o.Helper()
	who, err := o.admit(token, "blue-harbour")
	if err == nil {
		o.Errorf("%s: admitted as %+v", what, who)
		return
	}
	e, told := errors.AsType[*wire.Error](err)
	if got := wire.CodeBadToken; told && e.Code != code || !told && code != got {
		o.Errorf("%s: %v", what, err)
	}
	if told && (e.Hint == "" || token != "" && strings.Contains(e.Message, token)) {
		o.Errorf("%s: %+v", what, e)
	}
}

func TestRoundTrip(t *testing.T) {
	o := newOffice(t)
	for name, signer := range map[string]*Signer{"HS256": o.signer, "EdDSA": NewKeySigner(o.key)} {
		signed := o.sign(signer, Claims{Room: "blue-harbour", Role: wire.RoleModerator, ExternalID: "staff/7"})
		who, err := o.admit(signed.Token, "blue-harbour")
		if err != nil {
			t.Fatal(name, err)
		}
		if who.Role != wire.RoleModerator || who.ExternalID != "staff/7" || who.TokenID != signed.ID || !who.Expires.Equal(noon.Add(DefaultLife)) {
			t.Errorf("%s: %+v", name, who)
		}
		if !wire.ValidUserID("@"+who.Localpart+":localhost") || strings.Contains(who.Localpart, "staff") {
			t.Errorf("%s: %q", name, who.Localpart)
		}
	}
}

// Two devices of one person are one user; another person, or the same one at another server, is not.
func TestUserIDs(t *testing.T) {
	o, elsewhere := newOffice(t), newOffice(t)
	local := func(o *office, id string) string {
		who, err := o.admit(o.sign(o.signer, Claims{Room: AnyRoom, ExternalID: id}).Token, "blue-harbour")
		if err != nil {
			t.Fatal(err)
		}
		return who.Localpart
	}
	ada := local(o, "ada")
	if ada != local(o, "ada") || ada == local(o, "bob") || ada == local(elsewhere, "ada") {
		t.Error(ada)
	}
	if guest := local(o, ""); guest != "" {
		t.Error(guest)
	}
}

func TestWithoutToken(t *testing.T) {
	o := newOffice(t)
	if who, err := o.admit("", "blue-harbour"); err != nil || who != (room.Identity{}) {
		t.Error(who, err)
	}
	o.verifier.Only = true
	o.refused("no token", "", wire.CodeTokenNeeded)
}

// part makes one of the first two of a token.
func part(t *testing.T, fields map[string]any) string {
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func withHS256(secret []byte, text string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// S4: tokens that nobody signed, or somebody else, or for something else.
func TestS4_ForgedTokens(t *testing.T) {
	o := newOffice(t)
	claims := func(change map[string]any) map[string]any {
		c := map[string]any{"aud": Audience, "room": "blue-harbour", "role": "moderator", "exp": noon.Add(time.Hour).Unix(), "jti": "1"}
		for k, v := range change {
			if v == nil {
				delete(c, k)
			} else {
				c[k] = v
			}
		}
		return c
	}
	hs := map[string]any{"alg": "HS256", "typ": "JWT"}
	signed := func(head map[string]any, change map[string]any) string {
		return withHS256(o.secret, part(t, head)+"."+part(t, claims(change)))
	}
	if _, err := o.admit(signed(hs, nil), "blue-harbour"); err != nil { // what all below is but for one thing
		t.Fatal(err)
	}
	if who, err := o.admit(signed(hs, map[string]any{"jti": nil}), "blue-harbour"); err != nil || who.TokenID == "" {
		t.Fatal("a token without an id of its own cannot be revoked:", err)
	}
	rsaKey, err := rsa.GenerateKey(nil, 2048)
	if err != nil {
		t.Fatal(err)
	}
	byRSA, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims(claims(nil))).SignedString(rsaKey)
	if err != nil {
		t.Fatal(err)
	}
	_, stranger, _ := ed25519.GenerateKey(nil)
	genuine := o.sign(o.signer, Claims{Room: "blue-harbour", Role: wire.RoleParticipant}).Token
	pieces := strings.Split(genuine, ".")
	raised := strings.Replace(mustDecode(t, pieces[1]), `"participant"`, `"owner"`, 1)
	for name, c := range map[string]struct {
		token string
		code  wire.Code
	}{
		"alg none":                 {part(t, map[string]any{"alg": "none"}) + "." + part(t, claims(nil)) + ".", wire.CodeBadToken},
		"alg None":                 {part(t, map[string]any{"alg": "None"}) + "." + part(t, claims(nil)) + ".", wire.CodeBadToken},
		"no alg":                   {withHS256(o.secret, part(t, map[string]any{"typ": "JWT"})+"."+part(t, claims(nil))), wire.CodeBadToken},
		"no signature":             {pieces[0] + "." + pieces[1] + ".", wire.CodeBadToken},
		"HS256 with no secret":     {withHS256(nil, part(t, hs)+"."+part(t, claims(nil))), wire.CodeBadToken},
		"HS256 with the EdDSA key": {withHS256(o.verifier.Public, part(t, hs)+"."+part(t, claims(nil))), wire.CodeBadToken},
		"HS256 called EdDSA":       {signed(map[string]any{"alg": "EdDSA"}, nil), wire.CodeBadToken},
		"HS512":                    {signed(map[string]any{"alg": "HS512"}, nil), wire.CodeBadToken},
		"RS256":                    {byRSA, wire.CodeBadToken},
		"another's EdDSA key":      {o.sign(NewKeySigner(stranger), Claims{Room: "blue-harbour"}).Token, wire.CodeBadToken},
		"another's secret":         {o.sign(NewSigner(NewSecret()), Claims{Room: "blue-harbour"}).Token, wire.CodeBadToken},
		"a key of its own":         {withHS256([]byte("mine"), part(t, map[string]any{"alg": "HS256", "jwk": map[string]string{"kty": "oct", "k": "bWluZQ"}})+"."+part(t, claims(nil))), wire.CodeBadToken},
		"role raised":              {pieces[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(raised)) + "." + pieces[2], wire.CodeBadToken},
		"another room":             {signed(hs, map[string]any{"room": "red-harbour"}), wire.CodeBadToken},
		"a room that begins so":    {signed(hs, map[string]any{"room": "blue"}), wire.CodeBadToken},
		"no room":                  {signed(hs, map[string]any{"room": nil}), wire.CodeBadToken},
		"no such role":             {signed(hs, map[string]any{"role": "admin"}), wire.CodeBadToken},
		"expired":                  {signed(hs, map[string]any{"exp": noon.Unix()}), wire.CodeTokenExpired},
		"expired long ago":         {signed(hs, map[string]any{"exp": noon.Add(-time.Hour).Unix()}), wire.CodeTokenExpired},
		"no end":                   {signed(hs, map[string]any{"exp": nil}), wire.CodeBadToken},
		"an end that is no time":   {signed(hs, map[string]any{"exp": "tomorrow"}), wire.CodeBadToken},
		"not yet":                  {signed(hs, map[string]any{"nbf": noon.Add(skew + time.Second).Unix()}), wire.CodeBadToken},
		"for another program":      {signed(hs, map[string]any{"aud": "billing"}), wire.CodeBadToken},
		"for nobody":               {signed(hs, map[string]any{"aud": nil}), wire.CodeBadToken},
		"critical":                 {signed(map[string]any{"alg": "HS256", "crit": []string{"b64"}}, nil), wire.CodeBadToken},
		"padded":                   {genuine + "=", wire.CodeBadToken},
		"a fourth part":            {genuine + ".", wire.CodeBadToken},
		"long external id":         {signed(hs, map[string]any{"external_id": strings.Repeat("x", MaxExternalID+1)}), wire.CodeBadToken},
		"not a token":              {"let me in", wire.CodeBadToken},
		"nothing":                  {"..", wire.CodeBadToken},
	} {
		o.T.Run(name, func(t *testing.T) { (&office{T: t, verifier: o.verifier}).refused(name, c.token, c.code) })
	}
}

func mustDecode(t *testing.T, text string) string {
	body, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || !bytes.Contains(body, []byte(`"participant"`)) {
		t.Fatal(err, string(body))
	}
	return string(body)
}

func TestS4_RevokedToken(t *testing.T) {
	o := newOffice(t)
	signed := o.sign(o.signer, Claims{Room: "blue-harbour"})
	o.verifier.Revoked = func(_ context.Context, id string) (bool, error) { return id == signed.ID, nil }
	o.refused("revoked", signed.Token, wire.CodeBadToken)
	if _, err := o.admit(o.sign(o.signer, Claims{Room: "blue-harbour"}).Token, "blue-harbour"); err != nil {
		t.Error(err)
	}
	o.verifier.Revoked = func(context.Context, string) (bool, error) { return false, errors.New("the disk is gone") }
	o.refused("nobody knows", signed.Token, wire.CodeBadToken)
}

func TestWhatIsNotSigned(t *testing.T) {
	o := newOffice(t)
	for name, c := range map[string]Claims{
		"no room":      {},
		"bad room":     {Room: "Blue Harbour"},
		"bad role":     {Room: "blue-harbour", Role: "admin"},
		"long id":      {Room: "blue-harbour", ExternalID: strings.Repeat("x", MaxExternalID+1)},
		"over already": {Room: "blue-harbour", Expires: noon},
		"for ever":     {Room: "blue-harbour", Expires: noon.Add(MaxLife + time.Second)},
		"upside down":  {Room: "blue-harbour", NotBefore: noon.Add(2 * time.Hour)},
	} {
		if _, err := o.signer.Sign(c); !errors.Is(err, ErrClaims) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzAdmit(f *testing.F) {
	secret := []byte(strings.Repeat("0123456789abcdef", 2))
	v := &Verifier{Secret: secret, Now: at(noon)}
	signer := NewSigner(secret)
	signer.now = at(noon)
	signed, err := signer.Sign(Claims{Room: "blue-harbour", ExternalID: "ada"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed.Token)
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Fuzz(func(t *testing.T, token string) {
		who, err := v.Admit(t.Context(), token, "blue-harbour")
		if err == nil && token != "" && who.TokenID == "" {
			t.Errorf("%q: %+v", token, who)
		}
	})
}
