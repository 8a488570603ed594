package olmkeys

import "testing"

// What waits goes out in order on the first session. Only what the peer knows again goes out a second time: of a
// verification a message that comes twice ends it.
func TestOutbox(t *testing.T) {
	_, a, b := pair(t)
	p := a.agent.peers[b.ref]
	sessions := p.sessions.list
	p.sessions.list = nil
	a.agent.tell(p, typeVerifyDone, doneMessage{Transaction: "x"})
	a.agent.sayTo(SayTo{To: []Ref{b.ref}, Kind: "grotto.chat", Body: Bytes(`{}`)})
	a.agent.tell(p, typeVerifyCancel, cancelMessage{Code: cancelUser, Transaction: "x"})
	if len(a.agent.messages) != 0 || len(p.outbox) != 3 || p.dial.next().IsZero() {
		t.Fatalf("%d sent, %d wait, dialling at %v", len(a.agent.messages), len(p.outbox), p.dial.next())
	}
	p.sessions.list = sessions
	a.agent.sendOutbox(p)
	if len(a.agent.messages) != 3 || len(p.outbox) != 1 || p.outbox[0].kind != typeData {
		t.Errorf("%d sent, %d kept", len(a.agent.messages), len(p.outbox))
	}
	p.answered(&pairSession{})
	a.agent.sendOutbox(p)
	if len(a.agent.messages) != 4 {
		t.Errorf("%d sent", len(a.agent.messages))
	}
	p.answered(sessions[0])
	if len(p.outbox) != 0 {
		t.Errorf("%d kept after an answer", len(p.outbox))
	}
}
