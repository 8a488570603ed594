package deploy

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/grotto-meet/grotto/internal/config"
)

type compose struct {
	Services map[string]struct {
		Image       string
		Build       struct{ Context, Dockerfile string }
		Environment map[string]string
		Ports       []string
		Volumes     []string
		ReadOnly    bool `yaml:"read_only"`
		Tmpfs       []string
		CapDrop     []string `yaml:"cap_drop"`
		SecurityOpt []string `yaml:"security_opt"`
		Sysctls     map[string]string
		Restart     string
		StopGrace   string `yaml:"stop_grace_period"`
	}
	Volumes map[string]any
}

// instructions are the lines of the Containerfile.
func instructions(t *testing.T) (all [][2]string) {
	t.Helper()
	body, err := os.ReadFile("container/Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(body)) {
		if name, rest, found := strings.Cut(strings.TrimSpace(line), " "); found && name != "#" {
			all = append(all, [2]string{name, rest})
		}
	}
	return all
}

func readCompose(t *testing.T) (c compose) {
	t.Helper()
	file, err := os.Open("container/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	dec := yaml.NewDecoder(file)
	dec.KnownFields(true)
	if err := dec.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

// The compose file publishes the ports that the server listens on, sets what it knows, and needs two variables.
func TestCompose(t *testing.T) {
	c := readCompose(t)
	s, one := c.Services["grotto"]
	if !one || len(c.Services) != 1 {
		t.Fatalf("%+v", c.Services)
	}
	if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) {
		t.Errorf("it may do more than it has to: %+v", s)
	}
	var environ, asked []string
	for name, value := range s.Environment {
		if found := regexp.MustCompile(`^\$\{([A-Z_]+):\?.+\}$`).FindStringSubmatch(value); found != nil {
			asked = append(asked, found[1])
			value = map[string]string{"GROTTO_DOMAIN": "meet.example.org", "GROTTO_PUBLIC_IP": "203.0.113.7"}[found[1]]
		}
		environ = append(environ, name+"="+value)
	}
	if slices.Sort(asked); !slices.Equal(asked, []string{"GROTTO_DOMAIN", "GROTTO_PUBLIC_IP"}) {
		t.Errorf("it asks for %v", asked)
	}
	var volume string
	for _, i := range instructions(t) {
		switch i[0] {
		case "ENV":
			environ = append(environ, i[1])
		case "VOLUME":
			volume = i[1]
		}
	}
	set, err := config.Load(config.Sources{Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"80" + ":80/tcp", "443" + set.Listen + "/tcp", "8081" + set.UDP + "/udp"}; !slices.Equal(s.Ports, want) {
		t.Errorf("it publishes %v and not %v", s.Ports, want)
	}
	if _, named := c.Volumes["data"]; !named || set.Data != volume || !slices.Equal(s.Volumes, []string{"data:" + set.Data}) {
		t.Errorf("the data is in %s, the volume is at %s, mounted is %v", set.Data, volume, s.Volumes)
	}
	// Docker asks for it by its folder, from that of the compose file.
	if s.Build.Context != "../../build/release" || s.Build.Dockerfile != "../../deploy/container/Containerfile" {
		t.Errorf("%+v", s.Build)
	}
}

// The image is the server and nobody's root.
func TestContainerfile(t *testing.T) {
	has := map[string]string{}
	for _, i := range instructions(t) {
		has[i[0]] = i[1]
	}
	for name, want := range map[string]string{"FROM": "scratch", "USER": "65532:65532", "ENTRYPOINT": `["/grotto-server"]`, "ADD": "grotto-root_${TARGETARCH}.tar /",
		"EXPOSE": "80/tcp 443/tcp 8081/udp"} {
		if has[name] != want {
			t.Errorf("%s %s, not %s", name, has[name], want)
		}
	}
}
