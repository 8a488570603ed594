package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/grotto-meet/grotto/internal/call"
)

// maxTokenFile is as much as a server reads of a token.
const maxTokenFile = 4 << 10

// tokenFlags are for servers that ask who comes.
type tokenFlags struct {
	Token     string `group:"meeting" env:"GROTTO_TOKEN" placeholder:"TOKEN" help:"A join token, for a server that asks for one. Other users of this machine can see it in the list of processes: a file or the variable is better."`
	TokenFile string `group:"meeting" type:"path" placeholder:"FILE" help:"The file that the join token is in; it wins over --token."`
}

// vouched is the link with the token, if there is one beside it.
func (t *tokenFlags) vouched(link call.Link) (call.Link, error) {
	token := t.Token
	if t.TokenFile != "" {
		file, err := os.Open(t.TokenFile)
		if err != nil {
			return link, err
		}
		defer file.Close()
		text, err := io.ReadAll(io.LimitReader(file, maxTokenFile+1))
		if err != nil {
			return link, err
		}
		if token = strings.TrimSpace(string(text)); token == "" || len(text) > maxTokenFile {
			return link, &call.Error{Class: call.ErrLink, What: fmt.Sprintf("%s has no join token in it", t.TokenFile), Hint: "it holds one line: what grotto-server token prints"}
		}
	}
	if token != "" {
		link = link.WithToken(token)
	}
	return link, nil
}
