package bridge

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
	"maunium.net/go/mautrix/id"
)

// Registration tells a homeserver of an application service (Application Service API, "Registration"). It holds secrets.
type Registration struct {
	ID              string  `yaml:"id"`
	URL             *string `yaml:"url"` // null: the bot asks, the homeserver pushes nothing
	AppToken        string  `yaml:"as_token"`
	ServerToken     string  `yaml:"hs_token"`
	SenderLocalpart string  `yaml:"sender_localpart"`
	RateLimited     bool    `yaml:"rate_limited"`
	Namespaces      struct {
		Users []namespace `yaml:"users"`
	} `yaml:"namespaces"`
}

type namespace struct {
	Exclusive bool   `yaml:"exclusive"`
	Regex     string `yaml:"regex"`
}

// DefaultBot is the localpart of the bot, unless another is wanted.
const DefaultBot = "grotto"

// ghostMark stands between the localpart of the bot and the number of a ghost.
const ghostMark = "_guest_"

// ErrRegistration says that a file is no registration of ours.
var ErrRegistration = errors.New("bridge: no registration of an application service")

// NewRegistration makes one with tokens of its own, for the bot with this localpart on this homeserver.
func NewRegistration(bot, server string) (*Registration, error) {
	if bot == "" {
		bot = DefaultBot
	}
	if _, _, err := id.NewUserID(bot, server).ParseAndValidateStrict(); err != nil {
		return nil, fmt.Errorf("%w: %q and %q make no user id", ErrRegistration, bot, server)
	}
	r := &Registration{ID: "grotto", AppToken: rand.Text() + rand.Text(), ServerToken: rand.Text() + rand.Text(), SenderLocalpart: bot}
	host := regexp.QuoteMeta(server)
	r.Namespaces.Users = []namespace{
		{Exclusive: true, Regex: "^@" + regexp.QuoteMeta(bot) + ":" + host + "$"},
		{Exclusive: true, Regex: "^@" + regexp.QuoteMeta(bot+ghostMark) + "[0-9]+:" + host + "$"},
	}
	return r, nil
}

// Write writes it as homeservers read it.
func (r *Registration) Write(w io.Writer) error {
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	return enc.Encode(r)
}

// ReadRegistration reads one.
func ReadRegistration(path string) (*Registration, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var r Registration
	if err := yaml.NewDecoder(bytes.NewReader(text)).Decode(&r); err != nil {
		return nil, fmt.Errorf("%w: %s is not in form", ErrRegistration, path) // not what stands there: it may be a secret
	}
	if r.AppToken == "" || r.SenderLocalpart == "" {
		return nil, fmt.Errorf("%w: %s has no as_token or no sender_localpart", ErrRegistration, path)
	}
	return &r, nil
}

// User is the bot. Which homeserver it is of stands in the first pattern of users alone.
func (r *Registration) User() (id.UserID, error) {
	if len(r.Namespaces.Users) > 0 {
		_, server, _ := strings.Cut(strings.TrimSuffix(r.Namespaces.Users[0].Regex, "$"), ":")
		user := id.NewUserID(r.SenderLocalpart, strings.ReplaceAll(server, `\`, ""))
		if _, _, err := user.ParseAndValidateStrict(); err == nil {
			return user, nil
		}
	}
	return "", fmt.Errorf("%w: its first pattern of users does not say which homeserver it is for", ErrRegistration)
}
