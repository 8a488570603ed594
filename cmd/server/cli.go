package main

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/alecthomas/kong"

	"github.com/grotto-meet/grotto/internal/config"
	"github.com/grotto-meet/grotto/web"
)

// cli is the command line. Settings are flags of all commands, so that `config print` shows what they would do.
type cli struct {
	config.Settings

	File    string      `name:"config" env:"GROTTO_CONFIG" placeholder:"FILE" help:"Settings (YAML), see grotto-server config example. The environment wins over it, and flags over both."`
	Version versionFlag `help:"Print the version, and the SHA-256 of the page's list of files, and exit."`

	Serve struct{} `cmd:"" default:"1" hidden:""`

	Doctor  doctorCommand  `cmd:"" help:"Look for what keeps people out: ports, addresses, the certificate, the clock, the ways of media. Status 1 if something fails."`
	Admin   adminCommand   `cmd:"" help:"The operator's page."`
	Token   tokenCommand   `cmd:"" help:"Make a join token: it lets one person into one room."`
	APIKey  apiKeyCommand  `cmd:"" name:"api-key" help:"Make, list and revoke keys of the REST API."`
	Bridge  bridgeCommand  `cmd:"" help:"The bridge to Matrix."`
	Backup  backupCommand  `cmd:"" help:"Copy rooms, keys of the API, webhooks and secrets into one file, also while the server runs."`
	Restore restoreCommand `cmd:"" help:"Put a backup in the place of what is kept. The server must not run."`

	Show struct {
		Check   struct{} `cmd:"" help:"Say whether the settings are in order: those of the file, the environment and the flags, and a certificate that they name."`
		Print   struct{} `cmd:"" help:"Print the settings that are in effect, as a file, with where each comes from."`
		Example struct{} `cmd:"" help:"Print a file with all settings and what they mean. As it stands it changes nothing."`
	} `cmd:"" name:"config" help:"Look at the settings."`
}

// variables of ours that are not settings.
var variables = []string{"GROTTO_CONFIG", "GROTTO_REMEMBER", "GROTTO_TOKEN"}

// command is a command line that was understood.
type command struct {
	name     string
	settings *config.Loaded // nil for what needs none
	file     string
	sources  config.Sources // of the settings, to read them again
	line     *cli
}

// versionFlag tells which build this is before anything else is looked at, as kong's own does.
type versionFlag bool

// BeforeReset is called by kong.
func (versionFlag) BeforeReset(app *kong.Kong) error {
	fmt.Fprintf(app.Stdout, "grotto-server %s\npage %s\n", version, web.Bundle())
	app.Exit(exitOK)
	return nil
}

// exit is how kong ends the program from within, for --help and --version.
type exit int

func parse(args []string, stdout, stderr io.Writer) (c command, exited bool, code int) {
	defer func() {
		if status, ok := recover().(exit); ok {
			exited, code = true, int(status)
		}
	}()
	var line cli
	parser := kong.Must(&line, kong.Name("grotto-server"),
		kong.Description("End-to-end encrypted meetings: the page, the signalling, and media that this server cannot decrypt."),
		kong.Writers(stdout, stderr), kong.Exit(func(status int) { panic(exit(status)) }))
	understood, err := parser.Parse(args)
	if err != nil {
		complain(stderr, hinted{err, "grotto-server --help"})
		return c, true, exitUsage
	}
	c.name, c.file, c.line = understood.Command(), line.File, &line
	if c.name == "config example" {
		return c, false, exitOK
	}
	c.sources = config.Sources{File: line.File, Environ: os.Environ(), Ours: variables, Flags: line.Settings, Given: given(understood)}
	c.settings, err = config.Load(c.sources)
	if err != nil {
		complain(stderr, err)
		return c, true, exitUsage
	}
	return c, false, exitOK
}

// given are the settings that stand on the command line.
func given(line *kong.Context) (names []string) {
	for _, part := range line.Path {
		if part.Flag == nil || part.Resolved {
			continue
		}
		if slices.ContainsFunc(config.Fields(), func(f config.Field) bool { return f.Name == part.Flag.Name }) {
			names = append(names, part.Flag.Name)
		}
	}
	return names
}

// show runs the commands that only look at the settings.
func (c command) show(stdout io.Writer) error {
	switch c.name {
	case "config example":
		config.Example(stdout)
	case "config print":
		c.settings.Write(stdout)
	case "config check":
		if f := &c.settings.Settings; !f.ACME() { // that would make a folder, of whoever checks
			if _, err := newCertificates(f, nil); err != nil {
				return err
			}
		}
		fmt.Fprintf(stdout, "In order: %s.\n", counted(len(c.settings.From), c.file))
	}
	return nil
}

func counted(set int, file string) string {
	text := fmt.Sprintf("%d settings", set)
	if set == 1 {
		text = "1 setting"
	}
	if file != "" {
		text += ", with those of " + file
	}
	return text
}
