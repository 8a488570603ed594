package wire

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const generated = "../../web/src/wire.ts"

func TestTypeScriptIsFresh(t *testing.T) {
	config, err := os.ReadFile("tygo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "wire.ts")
	elsewhere := bytes.Replace(config, []byte(generated), []byte(out), 1)
	path := filepath.Join(dir, "tygo.yaml")
	if err := os.WriteFile(path, elsewhere, 0o644); err != nil {
		t.Fatal(err)
	}
	if text, err := exec.Command("go", "tool", "tygo", "generate", "--config", path).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	want, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(generated)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Error("web/src/wire.ts is stale; hint: go generate ./internal/wire")
	}
}

// The unions in typescript.go are written by hand, so they are held to the constants and the tables.
func TestTypeScriptUnions(t *testing.T) {
	text, err := os.ReadFile(generated)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"Source":        quoted(constants(t, "Source")),
		"Codec":         quoted(constants(t, "Codec")),
		"Feature":       quoted(constants(t, "Feature")),
		"Role":          quoted(constants(t, "Role")),
		"Code":          quoted(constants(t, "Code")),
		"ClientMessage": structs(clientMessages),
		"ServerMessage": structs(serverMessages),
	} {
		if have := union(string(text), name); !slices.Equal(have, want) {
			t.Errorf("%s: wire.ts has %v, Go has %v", name, have, want)
		}
	}
	for _, m := range examples() {
		typ, _ := reflect.TypeOf(m).Elem().FieldByName("Type")
		if want := "'" + string(TypeOf(m)) + "'"; typ.Tag.Get("tstype") != want {
			t.Errorf("%T: tstype %s, want %s", m, typ.Tag.Get("tstype"), want)
		}
	}
}

func union(text, name string) []string {
	body := regexp.MustCompile(`(?s)export type ` + name + ` =(.*?);`).FindStringSubmatch(text)
	if body == nil {
		return nil
	}
	var members []string
	for part := range strings.SplitSeq(body[1], "|") {
		if part = strings.TrimSpace(part); part != "" {
			members = append(members, part)
		}
	}
	slices.Sort(members)
	return members
}

func structs[M Message](table map[Type]func() M) []string {
	var names []string
	for _, create := range table {
		names = append(names, reflect.TypeOf(create()).Elem().Name())
	}
	slices.Sort(names)
	return names
}

func quoted(values []string) []string {
	for i, v := range values {
		values[i] = "'" + strings.Trim(v, `"`) + "'"
	}
	slices.Sort(values)
	return values
}

// constants reads the values of a type's constants from enums.go.
func constants(t *testing.T, typ string) []string {
	file, err := parser.ParseFile(token.NewFileSet(), "enums.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			if id, ok := spec.Type.(*ast.Ident); ok && id.Name == typ {
				values = append(values, spec.Values[0].(*ast.BasicLit).Value)
			}
		}
		return true
	})
	return values
}
