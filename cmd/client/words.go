package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/grotto-meet/grotto/internal/call"
)

// complete makes the link whole where its secret was told aloud: with --words, or as somebody types them now.
func (p *place) complete(ctx context.Context, c console) (err error) {
	if p.Words == "" && (p.outside() || strings.Contains(p.URL, "#") || !c.in.person()) {
		return nil
	}
	if p.Words == "" {
		if _, err := call.ParseRoomLink(p.URL); err != nil {
			return err // nobody need type for nothing
		}
		fmt.Fprint(c.err, "The link has no secret. Its eight words: ")
		if p.Words, _ = c.in.next(ctx); p.Words == "" {
			return nil // what is missing is said by whoever reads the link
		}
	}
	p.URL, err = call.WithWords(p.URL, p.Words)
	p.Words = ""
	return err
}

type newCommand struct {
	Server string `arg:"" help:"The server's address, like https://meet.example."`
	Words  bool   `help:"Make the secret of eight words, to be told aloud (103 bits)."`
	JSON   bool   `name:"json" help:"Print it as one JSON object."`
}

// newLink is what a program reads of it.
type newLink struct {
	Link  string `json:"link"`
	Words string `json:"words,omitempty"`
}

// Run prints a link that nobody has used.
func (n *newCommand) Run(c console) error {
	link, err := call.NewLink(n.Server, n.Words)
	if err != nil {
		return err
	}
	words := ""
	if _, secret, ok := strings.Cut(link, "#"); ok && n.Words {
		words = strings.ReplaceAll(secret, "-", " ")
	}
	if n.JSON {
		return json.NewEncoder(c.out).Encode(newLink{link, words})
	}
	fmt.Fprintln(c.out, link)
	if words != "" {
		fmt.Fprintf(c.err, "Words: %s\n", words)
	}
	return nil
}
