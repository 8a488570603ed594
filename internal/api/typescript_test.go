package api

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

var update = flag.Bool("update", false, "rewrite web/src/rest/api.ts and the examples in docs/api.md")

// TestTypeScript: web/src/rest/api.ts is what the document says: an interface a schema, and where each operation is.
func TestTypeScript(t *testing.T) {
	const file = "../../web/src/rest/api.ts"
	b := newBench(t, nil)
	want := typescript(b.api.huma.OpenAPI())
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(have, want) {
		t.Errorf("%s is not what the API is (%v); hint: go test ./internal/api -update", file, err)
	}
}

func typescript(doc *huma.OpenAPI) []byte {
	var out bytes.Buffer
	fmt.Fprintln(&out, "// Made from the OpenAPI document by `go test ./internal/api -update`. Do not edit.")
	schemas := doc.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		fmt.Fprintf(&out, "\nexport interface %s {\n", name)
		for _, property := range slices.Sorted(maps.Keys(schemas[name].Properties)) {
			s := schemas[name].Properties[property]
			if s.Description != "" {
				fmt.Fprintf(&out, "  /** %s */\n", s.Description)
			}
			optional := ""
			if !slices.Contains(schemas[name].Required, property) {
				optional = "?"
			}
			fmt.Fprintf(&out, "  %s%s: %s;\n", property, optional, tsType(s))
		}
		fmt.Fprintln(&out, "}")
	}
	fmt.Fprint(&out, "\n/** Where each operation is: its method, and its path with what stands in braces to be filled in. */\nexport const operations = {\n")
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		item := doc.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Patch, item.Delete} {
			if op != nil && op.Tags[0] != refusedTag {
				fmt.Fprintf(&out, "  %s: ['%s', '%s'],\n", camel(op.OperationID), op.Method, path)
			}
		}
	}
	fmt.Fprintln(&out, "} as const;")
	return out.Bytes()
}

func tsType(s *huma.Schema) string {
	switch {
	case s.Ref != "":
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	case len(s.Enum) > 0:
		texts := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			texts[i] = fmt.Sprintf("'%v'", v)
		}
		return strings.Join(texts, " | ")
	}
	switch s.Type {
	case "array":
		if of := tsType(s.Items); strings.Contains(of, " ") {
			return "(" + of + ")[]"
		}
		return tsType(s.Items) + "[]"
	case "integer", "number":
		return "number"
	case "boolean", "string":
		return s.Type
	}
	return "unknown"
}

func camel(id string) string {
	words := strings.Split(id, "-")
	for i := 1; i < len(words); i++ {
		words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
	}
	return strings.Join(words, "")
}
