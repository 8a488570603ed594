package login

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// op is a provider that does as a test says. It takes one sign-in at a time.
type op struct {
	*httptest.Server
	key    *ecdsa.PrivateKey
	asked  url.Values     // of the last sign-in
	claims map[string]any // put over those of its tokens
	method jwt.SigningMethod
	signed any // the key of its tokens
	more   map[string]any
}

const code = "the code"

func newOP(t *testing.T) *op {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	o := &op{key: key, method: jwt.SigningMethodES256, signed: key}
	mux := http.NewServeMux()
	o.Server = httptest.NewServer(mux)
	t.Cleanup(o.Close)
	say := func(w http.ResponseWriter, body any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(body)
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		say(w, map[string]any{"issuer": o.URL, "authorization_endpoint": o.URL + "/auth", "token_endpoint": o.URL + "/token", "jwks_uri": o.URL + "/keys",
			"userinfo_endpoint": o.URL + "/userinfo", "scopes_supported": []string{"openid", "email"}, "id_token_signing_alg_values_supported": []string{"ES256"}})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		b64 := base64.RawURLEncoding.EncodeToString
		say(w, map[string]any{"keys": []map[string]string{{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig",
			"x": b64(key.X.FillBytes(make([]byte, 32))), "y": b64(key.Y.FillBytes(make([]byte, 32)))}}})
	})
	mux.HandleFunc("/auth", func(w http.ResponseWriter, r *http.Request) {
		o.asked = r.URL.Query()
		http.Redirect(w, r, o.asked.Get("redirect_uri")+"?code="+url.QueryEscape(code)+"&state="+url.QueryEscape(o.asked.Get("state")), http.StatusFound)
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if r.FormValue("code") != code || base64.RawURLEncoding.EncodeToString(sum[:]) != o.asked.Get("code_challenge") || o.asked.Get("code_challenge_method") != "S256" {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		claims := jwt.MapClaims{"iss": o.URL, "aud": "grotto", "sub": "7", "nonce": o.asked.Get("nonce"), "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
			"email": "ada@example.org", "email_verified": true}
		for name, value := range o.claims {
			claims[name] = value
		}
		id, err := jwt.NewWithClaims(o.method, claims).SignedString(o.signed)
		if err != nil {
			t.Error(err)
		}
		say(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": id})
	})
	mux.HandleFunc("/userinfo", func(w http.ResponseWriter, _ *http.Request) { say(w, o.more) })
	return o
}
