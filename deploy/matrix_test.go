package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/grotto-meet/grotto/bridge"
	"github.com/grotto-meet/grotto/bridge/rtc"
	"github.com/grotto-meet/grotto/internal/config"
)

// The recipe of docs/matrix.md, in the folder matrix.

type matrixCompose struct {
	Services map[string]struct {
		Image       string
		Build       struct{ Context, Dockerfile string }
		Command     []string
		Environment map[string]string
		Ports       []string
		Volumes     []string
		Networks    []string
		ReadOnly    bool `yaml:"read_only"`
		Tmpfs       []string
		CapDrop     []string `yaml:"cap_drop"`
		SecurityOpt []string `yaml:"security_opt"`
		Restart     string
		StopGrace   string `yaml:"stop_grace_period"`
	}
	Networks map[string]struct {
		IPAM struct{ Config []struct{ Subnet string } }
	}
	Volumes map[string]any
}

func strictYAML(t *testing.T, path string, into any) {
	t.Helper()
	dec := yaml.NewDecoder(strings.NewReader(read(t, path)))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// mounted is where a service finds a file of the folder.
func (c matrixCompose) mounted(service, file string) string {
	for _, v := range c.Services[service].Volumes {
		if parts := strings.Split(v, ":"); parts[0] == "./"+file {
			return parts[1]
		}
	}
	return ""
}

// What the compose file mounts, names and publishes is there.
func TestMatrixCompose(t *testing.T) {
	var c matrixCompose
	strictYAML(t, "matrix/compose.yaml", &c)
	for name, s := range c.Services {
		if !regexp.MustCompile(`:v?\d+\.\d+\.\d+$`).MatchString(s.Image) && s.Build.Dockerfile == "" {
			t.Errorf("%s: %s is no exact version", name, s.Image)
		}
		for _, v := range s.Volumes {
			from, _, _ := strings.Cut(v, ":")
			file, ours := strings.CutPrefix(from, "./")
			_, named := c.Volumes[from]
			_, err := os.Stat(filepath.Join("matrix", file))
			if !named && (!ours || err != nil && file != "registration.yaml") {
				t.Errorf("%s mounts %s, which is not there", name, from)
			}
		}
	}
	if g := c.Services["grotto"]; !g.ReadOnly || !slices.Equal(g.CapDrop, []string{"ALL"}) || !slices.Equal(g.SecurityOpt, []string{"no-new-privileges:true"}) {
		t.Errorf("it may do more than it has to: %+v", g)
	}

	set := matrixSettings(t, c)
	if !slices.Equal(set.Proxies, []string{c.Networks["inside"].IPAM.Config[0].Subnet}) {
		t.Errorf("the proxy is in %v, believed is %v", c.Networks, set.Proxies)
	}
	if set.MatrixRegistration != c.mounted("grotto", "registration.yaml") || set.MatrixHomeserver != "http://synapse:8008" || set.MatrixPage != "https://meet.example.org" || set.MatrixClientURL != "https://matrix.example.org" {
		t.Errorf("%+v", set.Settings)
	}
	if media := []string{"8081" + set.UDP + "/udp", "8081" + set.UDP + "/tcp"}; !slices.Equal(c.Services["grotto"].Ports, media) {
		t.Errorf("it publishes %v and not %v", c.Services["grotto"].Ports, media)
	}
	if want := "--config-path=" + c.mounted("synapse", "synapse.yaml"); !slices.Contains(c.Services["synapse"].Command, want) {
		t.Errorf("Synapse reads %v, not %s", c.Services["synapse"].Command, want)
	}
	testCaddyfile(t, set.Listen)
}

// matrixSettings are the server's, by file and environment.
func matrixSettings(t *testing.T, c matrixCompose) *config.Loaded {
	t.Helper()
	environ := []string{"GROTTO_DATA=/var/lib/grotto"}
	for name, value := range c.Services["grotto"].Environment {
		value = regexp.MustCompile(`\$\{PUBLIC_IP:\?.+\}`).ReplaceAllString(value, "203.0.113.7")
		environ = append(environ, name+"="+strings.ReplaceAll(value, "${DOMAIN}", "example.org"))
	}
	set, err := config.Load(config.Sources{File: "matrix/grotto.yaml", Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// testCaddyfile: what the proxy leads to listens there, and the paths are those that the server answers.
func testCaddyfile(t *testing.T, listen string) {
	t.Helper()
	text := read(t, "matrix/Caddyfile")
	for _, to := range regexp.MustCompile(`reverse_proxy (\S+)`).FindAllStringSubmatch(text, -1) {
		if to[1] != "grotto"+listen && to[1] != "synapse:8008" {
			t.Errorf("nothing listens at %s", to[1])
		}
	}
	for _, path := range bridge.SignInPaths() {
		if path != "/matrix/" && !strings.Contains(text, "handle "+path+" {\n\t\treverse_proxy grotto"+listen) {
			t.Errorf("%s does not lead to the server", path)
		}
	}
	caddy, err := exec.LookPath("caddy")
	if err != nil {
		return // the test is of what is above; whoever has Caddy learns more
	}
	validate := exec.Command(caddy, "validate", "--adapter", "caddyfile", "--config", "matrix/Caddyfile")
	validate.Env = append(os.Environ(), "DOMAIN=example.org")
	if said, err := validate.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}

// Synapse is told of the bot, lets everybody into calls, and ends the memberships of those who are gone.
func TestMatrixSynapse(t *testing.T) {
	var c matrixCompose
	strictYAML(t, "matrix/compose.yaml", &c)
	type rate struct {
		PerSecond  float64 `yaml:"per_second"`
		BurstCount int     `yaml:"burst_count"`
	}
	var s struct {
		Appservices []string `yaml:"app_service_config_files"`
		MaxDelay    string   `yaml:"max_event_delay_duration"`
		Delayed     rate     `yaml:"rc_delayed_event_mgmt"`
		Message     rate     `yaml:"rc_message"`
		Levels      map[string]struct {
			Events map[string]int
		} `yaml:"default_power_level_content_override"`
	}
	strictYAML(t, "matrix/synapse.yaml", &s)
	if !slices.Equal(s.Appservices, []string{c.mounted("synapse", "registration.yaml")}) {
		t.Errorf("%v", s.Appservices)
	}
	if delay, err := time.ParseDuration(s.MaxDelay); err != nil || delay < rtc.DefaultExpiry {
		t.Errorf("%s: %v", s.MaxDelay, err)
	}
	for _, preset := range []string{"private_chat", "public_chat", "trusted_private_chat"} {
		level, set := s.Levels[preset].Events[rtc.MemberType.Type]
		if !set || level != 0 || s.Levels[preset].Events["m.room.power_levels"] != 100 {
			t.Errorf("%s: %v", preset, s.Levels[preset])
		}
	}
}
