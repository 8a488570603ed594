package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"

	"github.com/grotto-meet/grotto/internal/internet"
	"github.com/grotto-meet/grotto/internal/wire"
)

// Bounds of what a homeserver may take.
const (
	homeserverTimeout = 10 * time.Second // all that is asked for one token
	maxHomeserver     = 64 << 10         // of an answer; they have a line or two
	maxAccessToken    = 4 << 10
	maxUserID         = 255
	maxAbroad         = 16 // questions to other servers at a time: slow ones do not keep our own people out

	federationPort = 8448 // without a port, a record or a file that says otherwise
)

// OpenIDToken is what a homeserver gives its user to show to others (client-server API, POST …/openid/request_token). It is a secret.
type OpenIDToken struct {
	AccessToken string `json:"access_token"`
	ServerName  string `json:"matrix_server_name"`
}

// openID asks homeservers whose token it is. Ours is at an address that the operator named, the others where their name leads, and only on the internet.
type openID struct {
	home       string
	serverName string
	others     []string
	own        *http.Client
	outside    *http.Client
	lookup     func(ctx context.Context, service, host string) ([]*net.SRV, error)
	abroad     chan struct{} // filled by questions to others
}

// dialled is what a request connects to, if not to the host in its address: certificates are of names, whatever a record leads to.
type dialled struct{}

func newOpenID(cfg SignInConfig) *openID {
	return &openID{abroad: make(chan struct{}, maxAbroad), home: strings.TrimSuffix(cfg.Homeserver, "/"), serverName: cfg.ServerName, others: cfg.Federation,
		own:     client(internet.Transport(&net.Dialer{Timeout: homeserverTimeout}, homeserverTimeout)),
		outside: client(resolving(internet.Transport(internet.Dialer(homeserverTimeout), homeserverTimeout))),
		lookup: func(ctx context.Context, service, host string) ([]*net.SRV, error) {
			_, all, err := net.DefaultResolver.LookupSRV(ctx, service, "tcp", host)
			return all, err
		}}
}

// resolving has a transport connect to what is [dialled].
func resolving(t *http.Transport) *http.Transport {
	dial := t.DialContext
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if to, ok := ctx.Value(dialled{}).(string); ok {
			address = to
		}
		return dial(ctx, network, address)
	}
	t.DisableKeepAlives = true // a connection is of one question, and of what that name led to then
	return t
}

func client(t http.RoundTripper) *http.Client {
	return &http.Client{Transport: t, Timeout: homeserverTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }} // it could lead anywhere
}

// verify says whose token it is. Only a server's own users are believed.
func (o *openID) verify(ctx context.Context, t OpenIDToken) (id.UserID, error) {
	switch {
	case t.AccessToken == "" || t.ServerName == "":
		return "", missing("openid_token.access_token or .matrix_server_name")
	case len(t.AccessToken) > maxAccessToken:
		return "", invalid("openid_token.access_token is too long")
	case !wire.ValidServerName(t.ServerName):
		return "", invalid("openid_token.matrix_server_name is not the name of a server")
	}
	ctx, cancel := context.WithTimeout(ctx, homeserverTimeout)
	defer cancel()
	var user id.UserID
	var err error
	switch {
	case t.ServerName == o.serverName:
		user, err = userinfo(ctx, o.own, o.home, t.AccessToken)
	case slices.Contains(o.others, "*"), slices.Contains(o.others, t.ServerName):
		select {
		case o.abroad <- struct{}{}:
			defer func() { <-o.abroad }()
		default:
			return "", tooMany("other homeservers are slow to answer", time.Second)
		}
		at := o.resolve(ctx, t.ServerName)
		user, err = userinfo(context.WithValue(ctx, dialled{}, at.dial), o.outside, "https://"+at.host, t.AccessToken)
	default:
		return "", forbidden("people of this homeserver cannot sign in here; hint: whoever runs the server names others with matrix-federation")
	}
	if err != nil {
		return "", err
	}
	if server, ok := homeOf(user); !ok || server != t.ServerName {
		return "", unknownToken() // a server that speaks for another one's users
	}
	return user, nil
}

// homeOf is the server of a user id that is in form: nothing in it does harm in a log or to who reads it.
func homeOf(user id.UserID) (server string, ok bool) {
	local, server, ok := strings.Cut(string(user), ":")
	odd := func(r rune) bool { return r <= ' ' || r == 0x7f || r == 0xfffd }
	return server, ok && len(user) <= maxUserID && len(local) > 1 && local[0] == '@' && !strings.ContainsFunc(local, odd)
}

func unknownToken() error {
	return &matrixError{status: http.StatusUnauthorized, Code: "M_UNKNOWN_TOKEN", Text: "the homeserver does not know this OpenID token; hint: ask it for a new one"}
}

// userinfo asks one server (server-server API, OpenID). The token stands in the address, so that errors of the transport are dropped: they have it, too.
func userinfo(ctx context.Context, c *http.Client, base, accessToken string) (id.UserID, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/_matrix/federation/v1/openid/userinfo?access_token="+url.QueryEscape(accessToken), nil)
	if err != nil {
		return "", noAnswer()
	}
	status, body, err := ask(c, r)
	var is struct {
		Sub id.UserID `json:"sub"`
	}
	switch {
	case err != nil: // also where the name leads inside: nobody is to find out what names there are
		return "", noAnswer()
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return "", unknownToken()
	case status != http.StatusOK, json.Unmarshal(body, &is) != nil, is.Sub == "":
		return "", noAnswer()
	}
	return is.Sub, nil
}

// CheckOpenID says whether a homeserver answers whose OpenID token something is, by one that nobody has.
func CheckOpenID(ctx context.Context, homeserver string) error {
	ctx, cancel := context.WithTimeout(ctx, homeserverTimeout)
	defer cancel()
	_, err := userinfo(ctx, client(internet.Transport(&net.Dialer{Timeout: homeserverTimeout}, homeserverTimeout)), strings.TrimSuffix(homeserver, "/"), "nobody's")
	if e, ok := errors.AsType[*matrixError](err); ok && e.status == http.StatusUnauthorized {
		return nil
	}
	return noAnswer() // also if it knows everything
}

func noAnswer() error {
	return &matrixError{status: http.StatusBadGateway, Code: "M_UNKNOWN", Text: "the homeserver does not say whose OpenID token this is; hint: it answers /_matrix/federation/v1/openid/userinfo where it federates, or where its listener has the resource openid"}
}

func ask(c *http.Client, r *http.Request) (status int, body []byte, err error) {
	answer, err := c.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(io.LimitReader(answer.Body, maxHomeserver))
	return answer.StatusCode, body, err
}

// place is where a server is: the name that it has a certificate of, and what is dialled.
type place struct{ host, dial string }

// resolve follows the server-server API, Resolving server names.
func (o *openID) resolve(ctx context.Context, name string) place {
	if direct(name) {
		return at(name)
	}
	if delegated := o.delegated(ctx, name); delegated != "" {
		name = delegated
		if direct(name) {
			return at(name)
		}
	}
	for _, service := range []string{"matrix-fed", "matrix"} {
		if all, err := o.lookup(ctx, service, name); err == nil && len(all) > 0 {
			return place{name, net.JoinHostPort(strings.TrimSuffix(all[0].Target, "."), strconv.Itoa(int(all[0].Port)))}
		}
	}
	return at(name)
}

// direct says whether a name is an address, or has a port: then nothing is looked up.
func direct(name string) bool {
	_, err := netip.ParseAddr(strings.Trim(name, "[]"))
	_, _, split := net.SplitHostPort(name)
	return err == nil || split == nil
}

func at(name string) place {
	if _, _, err := net.SplitHostPort(name); err == nil {
		return place{name, name}
	}
	return place{name, net.JoinHostPort(strings.Trim(name, "[]"), strconv.Itoa(federationPort))}
}

// delegated is the name that a server's file gives; empty if there is none.
func (o *openID) delegated(ctx context.Context, name string) string {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+name+"/.well-known/matrix/server", nil)
	if err != nil {
		return ""
	}
	status, body, err := ask(o.outside, r)
	var file struct {
		Server string `json:"m.server"`
	}
	if err != nil || status != http.StatusOK || json.Unmarshal(body, &file) != nil || !wire.ValidServerName(file.Server) {
		return ""
	}
	return file.Server
}
