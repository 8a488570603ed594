package olmkeys

import (
	"crypto/mlkem"
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// matrixCall is an agent in a call with the SDK's machine, which announces itself like a device of ours and knows
// nothing of sender keys. What passes is Olm both ways.
type matrixCall struct {
	*matrixPair
	agent *Agent
	ref   Ref // the SDK's
	told  []Verification
	state PeerState
	seen  []string // the types of the verification messages, in order
}

func newMatrixCall(t *testing.T, user string) *matrixCall {
	t.Helper()
	// The SDK looks at the time in a request, so this is the real one.
	a, _, err := NewAgent(Config{Room: "!cave:call.example", Call: CallID{1}, User: user, Device: "GROTTODEV0", Secret: testSecret}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	c := &matrixCall{matrixPair: introduceAs(t, a.account, a.self), agent: a}
	kem, err := mlkem.GenerateKey768()
	if err != nil {
		t.Fatal(err)
	}
	c.ref = Ref{User: c.peer.ref.User, Device: c.peer.ref.Device, JoinID: JoinID{7}}
	k := callKeys{room: a.config.Room, call: a.config.Call, ref: c.ref, ed25519: c.peer.ed25519, curve25519: c.peer.curve25519, ek: kem.EncapsulationKey().Bytes()}
	b := k.encode()
	var signed struct{ Signature string }
	c.ask("sign", map[string]any{"message": string(callKeysMessage(b))}, &signed)
	c.handle(RosterChanged{Joined: []Announced{{Ref: c.ref, CallKeys: b, Sig: c.decode(signed.Signature), Proof: a.link.proof(b)}}})
	if c.state != StateWaiting {
		t.Fatalf("the SDK's device is shown as %q", c.state)
	}
	return c
}

func (c *matrixCall) handle(ev Event) {
	c.t.Helper()
	for _, e := range c.agent.Handle(time.Now(), ev) {
		switch e := e.(type) {
		case Verification:
			c.told = append(c.told, e)
		case Show:
			c.state = e.State
		case ClaimKeys:
			c.handle(KeysClaimed{Keys: []ClaimedKey{{Device: c.ref, Key: c.claim}}})
		case SendMessages:
			for _, m := range e.Messages {
				c.toSDK(m.Envelope)
			}
		}
	}
}

// plainMessage is a to-device message, type and content.
type plainMessage struct {
	Type    string          `json:"type"`
	Content json.RawMessage `json:"content"`
}

// toSDK decrypts a message with the SDK, and gives it to its verification if it is of one.
func (c *matrixCall) toSDK(e Envelope) {
	c.t.Helper()
	var got struct {
		Decrypted bool
		plainMessage
	}
	c.ask("decrypt", map[string]any{"sender": c.self.User, "content": matrixEnvelope{
		"m.olm.v1.curve25519-aes-sha2", e.SenderKey,
		map[string]matrixOlmOfType{encoding.EncodeToString(c.peer.curve25519[:]): {e.Olm, e.Body}},
	}}, &got)
	if !got.Decrypted {
		c.t.Fatal("the SDK does not decrypt")
	}
	if !isVerification(got.Type) {
		return
	}
	c.seen = append(c.seen, "> "+got.Type+" "+string(got.Content))
	c.sdk("deliver", map[string]any{"user": c.self.User, "type": got.Type, "content": got.Content})
}

// sdk has the SDK do something and encrypts for the agent what it answers.
func (c *matrixCall) sdk(command string, argument map[string]any) {
	c.t.Helper()
	var answers []plainMessage
	c.ask(command, argument, &answers)
	for _, m := range answers {
		c.seen = append(c.seen, "< "+m.Type+" "+string(m.Content))
		var e matrixEnvelope
		c.ask("encrypt", map[string]any{"user": c.self.User, "device": c.self.Device, "type": m.Type, "content": m.Content}, &e)
		own := e.Ciphertext[encoding.EncodeToString(c.own.curve25519[:])]
		c.handle(MessageReceived{From: c.ref, Envelope: Envelope{Olm: own.Type, Body: own.Body, SenderKey: e.SenderKey}})
	}
}

func (c *matrixCall) person(step VerifyStep) {
	c.t.Helper()
	c.handle(Verify{With: c.ref, Step: step})
}

func (c *matrixCall) last() Verification {
	if len(c.told) == 0 {
		return Verification{}
	}
	return c.told[len(c.told)-1]
}

type sdkTrust struct {
	Verified, Locally, Done, Cancelled bool
	Code                               string
}

func (c *matrixCall) trust() (v sdkTrust) {
	c.t.Helper()
	c.ask("trust", map[string]any{"user": c.self.User, "device": c.self.Device}, &v)
	return v
}

// same fails the test unless both show the same emoji and numbers.
func (c *matrixCall) same() {
	c.t.Helper()
	var sdk struct {
		Index, Decimal []int
		Names          []struct{ Symbol, Description string }
	}
	c.ask("emoji", nil, &sdk)
	v := c.last()
	if v.State != VerifyCompare || !slices.Equal(v.Emoji, sdk.Index) || !slices.Equal(v.Decimal, sdk.Decimal) {
		c.t.Fatalf("we show %+v, the SDK %+v\n%v", v, sdk, c.seen)
	}
	for i, n := range sdk.Names {
		if e := EmojiAt(v.Emoji[i]); e != (Emoji{n.Symbol, n.Description}) {
			c.t.Errorf("emoji %d is %+v, the SDK's %+v", v.Emoji[i], e, n)
		}
	}
}

// TestVodozemacVerifies: by emoji, with the SDK, which is in each role once, and confirms first and last.
func TestVodozemacVerifies(t *testing.T) {
	for name, begin := range map[string]func(c *matrixCall){
		"we ask": func(c *matrixCall) {
			c.person(VerifyRequest)
			c.sdk("ready", nil) // our start follows at once
			c.sdk("accept", nil)
		},
		"the SDK asks": func(c *matrixCall) {
			c.sdk("request", map[string]any{"user": c.self.User, "device": c.self.Device})
			if c.last().State != VerifyRequested {
				c.t.Fatalf("%+v\n%v", c.told, c.seen)
			}
			c.person(VerifyRequest)
			c.sdk("start", nil)
		},
	} {
		for _, weConfirmFirst := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", we confirm first", false: ", the SDK confirms first"}[weConfirmFirst], func(t *testing.T) {
				c := newMatrixCall(t, "@grotto:call.example")
				begin(c)
				c.same()
				if before := c.trust(); before.Verified || before.Done {
					t.Errorf("verified before: %+v", before)
				}
				if weConfirmFirst {
					c.person(VerifyMatch)
					c.sdk("confirm", nil)
				} else {
					c.sdk("confirm", nil)
					c.person(VerifyMatch)
				}
				after := c.trust()
				if c.last().State != VerifyDone || !after.Done || !after.Verified || !after.Locally {
					t.Errorf("we are at %+v, the SDK at %+v\n%v", c.last(), after, c.seen)
				}
				if c.agent.trustOf(c.agent.peers[c.ref]) != StateVerified || len(c.agent.Faults()) > 1 { // it has no answer to our share
					t.Errorf("shown as %s, %v", c.agent.trustOf(c.agent.peers[c.ref]), c.agent.Faults())
				}
			})
		}
	}
}

// TestVodozemacStartsToo: starts cross; the one of the smaller user counts, on both sides.
func TestVodozemacStartsToo(t *testing.T) {
	for user, ours := range map[string]bool{"@grotto:call.example": true, "@zed:call.example": false} {
		t.Run(user, func(t *testing.T) {
			c := newMatrixCall(t, user)
			c.person(VerifyRequest)
			c.sdk("readyAndStart", nil)
			if ours {
				c.sdk("accept", nil)
			}
			c.same()
			if c.agent.peers[c.ref].sas.starter != ours {
				t.Error("the start of the larger user counts")
			}
			c.person(VerifyMatch)
			c.sdk("confirm", nil)
			if after := c.trust(); c.last().State != VerifyDone || !after.Done || !after.Verified {
				t.Errorf("we are at %+v, the SDK at %+v\n%v", c.last(), after, c.seen)
			}
		})
	}
}

// TestVodozemacMismatch: each side's person says that the emoji differ.
func TestVodozemacMismatch(t *testing.T) {
	for name, say := range map[string]func(c *matrixCall){
		"ours":      func(c *matrixCall) { c.person(VerifyMismatch) },
		"the SDK's": func(c *matrixCall) { c.sdk("mismatch", nil) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newMatrixCall(t, "@zed:call.example")
			c.person(VerifyRequest)
			c.sdk("ready", nil)
			c.sdk("accept", nil)
			c.same()
			say(c)
			after := c.trust()
			if v := c.last(); v.State != VerifyCancelled || v.Reason != VerifyDiffers || !after.Cancelled || after.Verified || after.Code != string(cancelSAS) {
				t.Errorf("we are at %+v, the SDK at %+v\n%v", v, after, c.seen)
			}
		})
	}
}
