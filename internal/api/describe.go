package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/grotto-meet/grotto/internal/rest"
)

func unwrap(ctx huma.Context) (*http.Request, http.ResponseWriter) { return humago.Unwrap(ctx) }

var (
	//go:embed docs.html
	docsPage string
	//go:embed docs.css
	docsStyle string
)

// describe serves the OpenAPI document, and the same as a page without scripts, which asks nobody else for anything.
func (a *api) describe(mux *http.ServeMux) error {
	a.describeEvents()
	document, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		return fmt.Errorf("api: %w", err)
	}
	var page bytes.Buffer
	style := sha256.Sum256([]byte(docsStyle))
	err = template.Must(template.New("docs").Parse(docsPage)).Execute(&page, struct {
		Info  *huma.Info
		Style template.CSS
		Parts []part
	}{a.huma.OpenAPI().Info, template.CSS(docsStyle), a.parts()})
	if err != nil {
		return fmt.Errorf("api: %w", err)
	}
	mux.HandleFunc("GET "+DocumentPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(document) // the reader has gone
	})
	mux.HandleFunc("GET "+DocsPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(style[:])+"'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		_, _ = w.Write(page.Bytes())
	})
	return nil
}

// describeEvents adds what webhooks are sent.
func (a *api) describeEvents() {
	doc := a.huma.OpenAPI()
	event := doc.Components.Schemas.Schema(reflect.TypeFor[rest.Event](), true, "Event")
	doc.Webhooks = map[string]*huma.PathItem{"event": {Post: &huma.Operation{
		OperationID: "event", Summary: "What a webhook is sent, signed as Standard Webhooks has it.",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: event}}},
		Responses:   map[string]*huma.Response{"2XX": {Description: "Taken. It is not sent again."}},
	}}}
}

// part of the API, as the page shows it.
type part struct {
	Name       string
	Operations []shownOperation
}

type shownOperation struct {
	ID, Method, Path, Summary, Description, Scope string
	Takes, Gives                                  []shownField
	Answer                                        string
}

type shownField struct{ Name, Kind, About string }

// parts are in the order in which operations were registered, which the document does not keep.
func (a *api) parts() (all []part) {
	doc := a.huma.OpenAPI()
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		item := doc.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			i := slices.IndexFunc(all, func(p part) bool { return p.Name == op.Tags[0] })
			if i < 0 {
				all = append(all, part{Name: op.Tags[0]})
				i = len(all) - 1
			}
			all[i].Operations = append(all[i].Operations, a.shownOperation(op))
		}
	}
	slices.SortFunc(all, func(x, y part) int { return slices.Index(order, x.Name) - slices.Index(order, y.Name) })
	return all
}

var order = []string{"Rooms", "Tokens", "Live", "Sessions", "Webhooks", refusedTag}

func (a *api) shownOperation(op *huma.Operation) shownOperation {
	is := shownOperation{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: op.Description}
	is.Scope, _ = op.Metadata[scopeKey].(string)
	for _, p := range op.Parameters {
		is.Takes = append(is.Takes, shownField{p.Name, p.In + ", " + a.kind(p.Schema), p.Description})
	}
	if op.RequestBody != nil {
		is.Takes = append(is.Takes, a.fields(op.RequestBody.Content["application/json"].Schema, "")...)
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		if status < "300" {
			is.Answer = status
			if body := op.Responses[status].Content["application/json"]; body != nil {
				is.Gives = a.fields(body.Schema, "")
			}
		}
	}
	return is
}

// fields of a schema, and of what its lists hold.
func (a *api) fields(s *huma.Schema, within string) (all []shownField) {
	if s.Ref != "" {
		s = a.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		field := s.Properties[name]
		all = append(all, shownField{within + name, a.kind(field), field.Description})
		if field.Items != nil && field.Items.Ref != "" {
			all = append(all, a.fields(field.Items, within+name+"[].")...)
		}
	}
	return all
}

func (a *api) kind(s *huma.Schema) string {
	if s.Ref != "" {
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	}
	kind := s.Type
	if s.Format != "" {
		kind = s.Format
	}
	if s.Items != nil {
		kind = "list of " + a.kind(s.Items)
	}
	if len(s.Enum) > 0 {
		texts := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			texts[i] = fmt.Sprintf("%q", v)
		}
		kind += ": " + strings.Join(texts, ", ")
	}
	return kind
}
