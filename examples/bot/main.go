// Command bot takes part in a meeting's chat and answers "!ping" and "!time".
//
//	go run ./examples/bot 'https://meet.example/r/blue-harbour#…'
//
// It is built on the command line: grotto chat --json joins, has the keys and speaks to the server, and the bot reads one
// JSON object a line and writes lines. A bot in any other language is made the same way.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// event is as much as this bot wants to know of what grotto chat --json prints.
type event struct {
	Type    string `json:"type"`
	Device  string `json:"device"`
	Private bool   `json:"private"`
	Text    string `json:"text"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: bot LINK")
		os.Exit(2)
	}
	program := os.Getenv("GROTTO")
	if program == "" {
		program = "grotto"
	}
	grotto := exec.Command(program, "chat", os.Args[1], "--json", "--name", "Bot")
	grotto.Stderr = os.Stderr
	events, err := grotto.StdoutPipe()
	if err == nil {
		var lines io.WriteCloser
		if lines, err = grotto.StdinPipe(); err == nil {
			if err = grotto.Start(); err == nil {
				serve(events, lines)
				err = grotto.Wait()
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bot:", err)
		os.Exit(1)
	}
}

// serve answers until the meeting is over, or somebody tells the bot to go.
func serve(events io.Reader, lines io.WriteCloser) {
	for in := bufio.NewScanner(events); in.Scan(); {
		var e event
		if json.Unmarshal(in.Bytes(), &e) != nil || e.Type != "chat" {
			continue
		}
		said := answer(e.Text)
		switch {
		case said == "":
		case e.Private: // to whom wrote it, by the device: names are chosen freely
			fmt.Fprintf(lines, "/to %s %s\n", e.Device, said)
		default:
			fmt.Fprintln(lines, said)
		}
		if e.Text == "!leave" {
			_ = lines.Close() // the end of the input is the end of the talk
		}
	}
}

func answer(text string) string {
	switch strings.TrimSpace(text) {
	case "!ping":
		return "pong"
	case "!time":
		return "It is " + time.Now().UTC().Format("15:04") + " UTC."
	case "!leave":
		return "Goodbye."
	}
	return ""
}
