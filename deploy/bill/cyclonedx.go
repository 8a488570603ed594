package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// What is used here of CycloneDX 1.6.
type (
	bom struct {
		Format       string       `json:"bomFormat"`
		SpecVersion  string       `json:"specVersion"`
		SerialNumber string       `json:"serialNumber"`
		Version      int          `json:"version"`
		Metadata     metadata     `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	metadata struct {
		Component component `json:"component"`
	}
	component struct {
		Type       string     `json:"type"`
		Ref        string     `json:"bom-ref"`
		Name       string     `json:"name"`
		Version    string     `json:"version"`
		Hashes     []hash     `json:"hashes,omitempty"`
		Licences   []licence  `json:"licenses,omitempty"`
		URL        string     `json:"purl,omitempty"`
		Properties []property `json:"properties,omitempty"`
	}
	hash struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	licence struct {
		Expression string `json:"expression"`
	}
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	dependency struct {
		Ref       string   `json:"ref"`
		DependsOn []string `json:"dependsOn,omitempty"`
	}
)

const ourLicence = "Apache-2.0"

func writeBill(out io.Writer, version string, programs []program, packages []npmPackage) error {
	whole := component{Type: "application", Ref: "grotto", Name: "grotto", Version: version, Licences: []licence{{ourLicence}}}
	page := component{Type: "application", Ref: "page", Name: "page", Version: version, Licences: []licence{{ourLicence}}}
	parts, uses := []component{page}, []dependency{{Ref: page.Ref}}
	top := dependency{Ref: whole.Ref, DependsOn: []string{page.Ref}}
	for _, p := range packages {
		c, err := p.component()
		if err != nil {
			return err
		}
		parts = append(parts, c)
		uses[0].DependsOn = append(uses[0].DependsOn, c.Ref)
	}
	engine, err := engineOf(modulesOf(programs))
	if err != nil {
		return err
	}
	uses[0].DependsOn = append(uses[0].DependsOn, programs[0].library().Ref)
	for _, m := range engine {
		uses[0].DependsOn = append(uses[0].DependsOn, m.component().Ref)
	}
	all := sha256.New()
	for _, p := range programs {
		body, err := os.ReadFile(p.path)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		all.Write(sum[:])
		name := filepath.Base(p.path)
		ref := "program:" + name
		parts = append(parts, component{Type: "application", Ref: ref, Name: name, Version: version,
			Hashes: []hash{{"SHA-256", hex.EncodeToString(sum[:])}}, Licences: []licence{{ourLicence}}})
		use := dependency{Ref: ref, DependsOn: []string{p.library().Ref}}
		for _, m := range p.modules {
			use.DependsOn = append(use.DependsOn, m.component().Ref)
		}
		uses, top.DependsOn = append(uses, use), append(top.DependsOn, ref)
	}
	parts = append(parts, programs[0].library())
	for _, m := range modulesOf(programs) {
		parts = append(parts, m.component())
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(bom{"CycloneDX", "1.6", serial(all.Sum(nil)), 1, metadata{whole}, parts, append([]dependency{top}, uses...)})
}

// serial is a UUID of version 8 (RFC 9562 §5.8), made of what the bill is of.
func serial(sum []byte) string {
	u := [16]byte(sum)
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// library is Go's own.
func (p program) library() component {
	version := strings.TrimPrefix(p.golang, "go")
	url := "pkg:golang/std@" + version
	return component{Type: "library", Ref: url, Name: "std", Version: version, URL: url, Licences: []licence{{"BSD-3-Clause"}}}
}

func (m module) component() component {
	url := "pkg:golang/" + strings.ToLower(m.path) + "@" + m.version
	return component{Type: "library", Ref: url, Name: m.path, Version: m.version, URL: url, Properties: []property{{"go:sum", m.sum}}}
}

func (p npmPackage) component() (component, error) {
	sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(p.integrity, "sha512-"))
	if err != nil || len(sum) != 64 {
		return component{}, fmt.Errorf("npm package %s: %q is no SHA-512", p.name, p.integrity)
	}
	url := "pkg:npm/" + strings.Replace(p.name, "@", "%40", 1) + "@" + p.version
	c := component{Type: "library", Ref: url, Name: p.name, Version: p.version, URL: url, Hashes: []hash{{"SHA-512", hex.EncodeToString(sum)}}}
	if p.licence != "" {
		c.Licences = []licence{{p.licence}}
	}
	return c, nil
}
