package main

import (
	"strings"

	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/olmkeys"
)

// moderating is what a moderator's command does; nil if it is none, or incomplete.
func (t *talk) moderating(command, rest string) func() error {
	about := func(name string, act func(olmkeys.Ref) error) func() error {
		if name == "" {
			return nil
		}
		return func() error {
			who, err := t.call.Find(name)
			if err != nil {
				return err
			}
			return act(who)
		}
	}
	switched := func(act func(bool) error) func() error {
		if rest != "on" && rest != "off" {
			return nil
		}
		return func() error { return act(rest == "on") }
	}
	switch command {
	case "/admit", "/refuse":
		if rest != "" {
			return func() error { return t.call.Admit(rest, command == "/admit") }
		}
	case "/lock":
		return switched(t.call.Lock)
	case "/waiting":
		return switched(t.call.WaitingRoom)
	case "/role":
		name, role := rest, ""
		if i := strings.LastIndexByte(rest, ' '); i > 0 {
			name, role = strings.TrimSpace(rest[:i]), rest[i+1:]
		}
		switch role {
		case "moderator", "participant", "viewer":
			return about(name, func(who olmkeys.Ref) error { return t.call.SetRole(who, call.Role(role)) })
		}
	case "/mute":
		return about(rest, func(who olmkeys.Ref) error { return t.call.AskOff(who, call.Microphone) })
	case "/stop":
		return about(rest, func(who olmkeys.Ref) error { return t.call.AskOff(who, call.Camera) })
	case "/remove":
		return about(rest, func(who olmkeys.Ref) error {
			_, err := t.call.Remove(who, false)
			return err
		})
	case "/end":
		return t.call.End
	}
	return nil
}
