//go:build js && wasm

// Command wasm is the key engine in the browser's worker: olmkeys.Agent behind a few functions on
// globalThis.grottoEngine that take and return JSON.
//
//	newSecret()           {"secret": "..."}                          a new link's fragment
//	parseSecret(fragment) {"ok": true}                               whether a fragment is one
//	newIdentity()         {"identity": "..."}                        the seed of an identity to keep
//	open(config)          {"announcement", "ref", "effects": [...]}  begins a join; replaces the one before
//	handle(event)         {"effects": [...]}                         see olmkeys.EncodeEvent and EncodeEffects
//	sealKnock(name)       {"body"}                                   the name of who asks to be let in, sealed
//	openKnock(knock)      {"name", "ok"}                             the same opened: {user, device, body}
//	sending()             {"generation", "index"}                    what frames are sealed under
//	faults()              {"faults": {"error": count}}               what was dropped, and why
//	close()               {"ok": true}                               forgets everything
//
// They never throw: what went wrong comes back as {"error": "..."}. One engine serves one join at a time, on one
// thread. The configuration is {room, call, user, device, secret?, keys?, join_id?, identity?, known?}: the secret as in the
// link's fragment, or none, and keys "shared" or "per_participant"; identity and known as newIdentity and the effects
// "pinned" gave them.
//
// Does not protect: Go's memory in the browser is ordinary memory of the worker. Keys are not erased from it, and on
// wasm AES runs from tables whose timing depends on the key; media frames are therefore sealed by WebCrypto, not here.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"syscall/js"
	"time"

	"github.com/grotto-meet/grotto/olmkeys"
)

// agent is the current join; JavaScript is single-threaded.
var agent *olmkeys.Agent

var errNotOpen = errors.New("engine: no join is open")

type config struct {
	Room   string         `json:"room"`
	Call   olmkeys.CallID `json:"call"`
	User   string         `json:"user"`
	Device string         `json:"device"`
	Secret string         `json:"secret"`
	JoinID olmkeys.JoinID `json:"join_id"`

	Keys     olmkeys.KeySource `json:"keys"`
	Identity olmkeys.Bytes     `json:"identity"`
	Known    []olmkeys.Pin     `json:"known"`
}

type opened struct {
	Announcement olmkeys.Announcement `json:"announcement"`
	Ref          olmkeys.Ref          `json:"ref"`
	Effects      json.RawMessage      `json:"effects"`
}

type handled struct {
	Effects json.RawMessage `json:"effects"`
}

func main() {
	js.Global().Set("grottoEngine", js.ValueOf(map[string]any{
		"newSecret":   export(newSecret),
		"parseSecret": export(parseSecret),
		"newIdentity": export(newIdentity),
		"open":        export(open),
		"handle":      export(handle),
		"sealKnock":   export(sealKnock),
		"openKnock":   export(openKnock),
		"sending":     export(sending),
		"faults":      export(faults),
		"close":       export(closeJoin),
	}))
	select {} // the functions live as long as the program
}

// export makes a JavaScript function of string to string. Neither errors nor panics cross the boundary as exceptions:
// an exception would end the Go program.
func export(f func(argument string) (any, error)) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) (result any) {
		defer func() {
			if r := recover(); r != nil {
				result = failure(errors.New("engine: internal error"))
			}
		}()
		var argument string
		if len(args) > 0 && args[0].Type() == js.TypeString {
			argument = args[0].String()
		}
		v, err := f(argument)
		if err != nil {
			return failure(err)
		}
		b, err := json.Marshal(v)
		if err != nil {
			return failure(err)
		}
		return string(b)
	})
}

func failure(err error) string {
	b, err := json.Marshal(map[string]string{"error": err.Error()})
	if err != nil {
		return `{"error":"engine: internal error"}`
	}
	return string(b)
}

func newSecret(string) (any, error) {
	s, err := olmkeys.NewSecret(nil)
	return map[string]string{"secret": s}, err
}

func parseSecret(fragment string) (any, error) {
	_, err := olmkeys.ParseSecret(fragment)
	return map[string]bool{"ok": true}, err
}

func newIdentity(string) (any, error) {
	i, err := olmkeys.NewIdentity(nil)
	if err != nil {
		return nil, err
	}
	return map[string]olmkeys.Bytes{"identity": olmkeys.Bytes(i.Bytes())}, nil
}

func open(argument string) (any, error) {
	var c config
	if err := json.Unmarshal([]byte(argument), &c); err != nil {
		return nil, fmt.Errorf("engine: configuration: %w", err)
	}
	var secret olmkeys.Secret
	var err error
	if c.Keys == olmkeys.KeysOlm || c.Secret != "" {
		if secret, err = olmkeys.ParseSecret(c.Secret); err != nil {
			return nil, err
		}
	}
	var kept *olmkeys.Identity
	if len(c.Identity) > 0 {
		if kept, err = olmkeys.ParseIdentity(c.Identity); err != nil {
			return nil, err
		}
	}
	a, effects, err := olmkeys.NewAgent(olmkeys.Config{
		Room: c.Room, Call: c.Call, User: c.User, Device: c.Device, JoinID: c.JoinID, Secret: secret,
		Identity: kept, Known: c.Known, Keys: c.Keys,
	}, time.Now())
	if err != nil {
		return nil, err
	}
	b, err := olmkeys.EncodeEffects(effects)
	if err != nil {
		return nil, err
	}
	agent = a
	return opened{Announcement: a.Announcement(), Ref: a.Ref(), Effects: b}, nil
}

func handle(argument string) (any, error) {
	if agent == nil {
		return nil, errNotOpen
	}
	ev, err := olmkeys.DecodeEvent([]byte(argument))
	if err != nil {
		return nil, err
	}
	if key, ok := ev.(olmkeys.SetKey); ok {
		if err := agent.CheckKey(key); err != nil {
			return nil, err // the page asked for it, and should know
		}
	}
	b, err := olmkeys.EncodeEffects(agent.Handle(time.Now(), ev))
	return handled{Effects: b}, err
}

func sealKnock(name string) (any, error) {
	if agent == nil {
		return nil, errNotOpen
	}
	body, err := agent.SealKnock(name)
	return map[string]olmkeys.Bytes{"body": body}, err
}

func openKnock(argument string) (any, error) {
	if agent == nil {
		return nil, errNotOpen
	}
	var knock struct {
		User   string        `json:"user"`
		Device string        `json:"device"`
		Body   olmkeys.Bytes `json:"body"`
	}
	if err := json.Unmarshal([]byte(argument), &knock); err != nil {
		return nil, fmt.Errorf("engine: knock: %w", err)
	}
	name, ok := agent.OpenKnock(knock.User, knock.Device, knock.Body)
	return map[string]any{"name": name, "ok": ok}, nil
}

func sending(string) (any, error) {
	if agent == nil {
		return nil, errNotOpen
	}
	generation, index := agent.Sending()
	return map[string]uint32{"generation": generation, "index": index}, nil
}

func faults(string) (any, error) {
	if agent == nil {
		return nil, errNotOpen
	}
	return map[string]map[string]uint64{"faults": agent.Faults()}, nil
}

func closeJoin(string) (any, error) {
	agent = nil
	return map[string]bool{"ok": true}, nil
}
