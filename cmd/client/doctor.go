package main

import (
	"context"
	"errors"

	"github.com/grotto-meet/grotto/internal/doctor"
)

// errUnwell: what fails, the report says.
var errUnwell = errors.New("something fails")

// doctorCommand looks at a server from here.
type doctorCommand struct {
	URL    string `arg:"" placeholder:"URL" help:"Address of the server, https://meet.example; of a room of it where it admits to some only. A secret behind the # is not used."`
	Bundle string `placeholder:"HASH" help:"The hash that the page's files are to have, as the release names it."`
	Token  string `placeholder:"TOKEN" help:"Join token for that room, where the server asks for one."`
	JSON   bool   `name:"json" help:"Print the findings for a program."`
}

// Run is kong's name for what a command does.
func (d *doctorCommand) Run(ctx context.Context, c console) error {
	report, err := doctor.Visit{URL: d.URL, Bundle: d.Bundle, Token: d.Token}.Run(ctx)
	if err != nil {
		return hinted{err, "it looks like https://meet.example"}
	}
	if d.JSON {
		if err := report.JSON(c.out); err != nil {
			return err
		}
	} else {
		report.Text(c.out)
	}
	if !report.Healthy() {
		return hinted{errUnwell, "the lines that begin with failure say what to do"}
	}
	return nil
}
