package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/grotto-meet/grotto/internal/api"
	"github.com/grotto-meet/grotto/internal/store"
)

// apiKeyCommand manages keys of the API, also while the server runs: it takes and forgets them at once.
type apiKeyCommand struct {
	Create struct {
		Name  string        `placeholder:"TEXT" help:"What it is for, to tell it from others in the list."`
		Scope []string      `default:"all" placeholder:"SCOPE" help:"What it may do: all, rooms:read, rooms:write, tokens:write, live:read, live:write, statistics:read, webhooks. Repeatable. Default: ${default}."`
		For   time.Duration `placeholder:"720h" help:"How long it is good. Without it, until it is revoked."`
		JSON  bool          `name:"json" help:"Print it with its id, as JSON."`
	} `cmd:"" help:"Make a key and print it. It is not kept, so it cannot be printed again."`
	List struct {
		JSON bool `name:"json" help:"Print them as JSON."`
	} `cmd:"" help:"List the keys, without what is secret of them."`
	Revoke struct {
		ID   string `arg:"" help:"The key's id, as it is listed."`
		JSON bool   `name:"json" help:"Print what was done as JSON."`
	} `cmd:"" help:"Refuse a key from now on."`
}

// shownKey is a key as it is printed.
type shownKey struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	Scopes   []string   `json:"scopes"`
	Created  time.Time  `json:"created"`
	LastUsed *time.Time `json:"last_used,omitempty"`
	Expires  *time.Time `json:"expires,omitempty"`
	Key      string     `json:"key,omitempty"`
}

func shown(k store.APIKey) shownKey {
	s := shownKey{ID: k.ID, Name: k.Name, Scopes: k.Scopes, Created: k.Created}
	if !k.LastUsed.IsZero() {
		s.LastUsed = &k.LastUsed
	}
	if !k.Expires.IsZero() {
		s.Expires = &k.Expires
	}
	return s
}

func (c *apiKeyCommand) run(ctx context.Context, line command, stdout io.Writer, log *slog.Logger) error {
	folder, err := openData(line.settings, log)
	if err != nil {
		return err
	}
	if folder == "" {
		return hinted{errors.New("there is no folder that the server has, too"), "--data names the server's folder"}
	}
	kept, err := openStore(ctx, line.settings, folder, log)
	if err != nil {
		return err
	}
	defer kept.Close()
	switch line.name {
	case "api-key create":
		return c.create(ctx, kept, stdout)
	case "api-key list":
		return c.list(ctx, kept, stdout)
	}
	return c.revoke(ctx, kept, stdout)
}

func (c *apiKeyCommand) create(ctx context.Context, kept *store.Store, stdout io.Writer) error {
	for _, scope := range c.Create.Scope {
		if !slices.Contains(api.Scopes, scope) {
			return hinted{fmt.Errorf("there is no scope %q", scope), strings.Join(api.Scopes, ", ")}
		}
	}
	var expires time.Time
	switch {
	case c.Create.For < 0:
		return hinted{errors.New("a key cannot have expired when it is made"), "--for 720h"}
	case c.Create.For > 0:
		expires = time.Now().Add(c.Create.For)
	}
	made, key := api.NewKey(c.Create.Name, c.Create.Scope, expires)
	made, err := kept.CreateAPIKey(ctx, made)
	if err != nil {
		return storeProblem(err)
	}
	if !c.Create.JSON {
		fmt.Fprintln(stdout, key)
		return nil
	}
	s := shown(made)
	s.Key = key
	return json.NewEncoder(stdout).Encode(s)
}

func (c *apiKeyCommand) list(ctx context.Context, kept *store.Store, stdout io.Writer) error {
	keys, err := kept.APIKeys(ctx)
	if err != nil {
		return storeProblem(err)
	}
	all := make([]shownKey, len(keys))
	for i, k := range keys {
		all[i] = shown(k)
	}
	if c.List.JSON {
		return json.NewEncoder(stdout).Encode(all)
	}
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tSCOPES\tMADE\tLAST USED\tEXPIRES")
	for _, k := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, strings.Join(k.Scopes, ","), k.Created.Format(time.DateOnly), day(k.LastUsed), day(k.Expires))
	}
	return table.Flush()
}

func day(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.Format(time.DateOnly)
}

func (c *apiKeyCommand) revoke(ctx context.Context, kept *store.Store, stdout io.Writer) error {
	err := kept.DeleteAPIKey(ctx, c.Revoke.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return hinted{fmt.Errorf("there is no key %q", c.Revoke.ID), "grotto-server api-key list"}
	case err != nil:
		return storeProblem(err)
	case c.Revoke.JSON:
		return json.NewEncoder(stdout).Encode(struct {
			Revoked string `json:"revoked"`
		}{c.Revoke.ID})
	}
	fmt.Fprintln(stdout, "Revoked. It is refused from now on.")
	return nil
}
