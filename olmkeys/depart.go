package olmkeys

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Departures: the server says them, or the one who leaves, or a member who removes; the first word counts.

// depart ends a join at the end of the event, when nobody walks the peers.
func (a *Agent) depart(p *peer) {
	if !p.departed {
		p.departed = true
		a.watch.departed = append(a.watch.departed, p)
	}
}

// endJoins takes out who departed; whether there was anybody.
func (a *Agent) endJoins() bool {
	departed := a.watch.departed
	a.watch.departed = nil
	for _, p := range departed {
		if a.peers[p.ref] == p {
			a.remove(p)
		}
	}
	return len(departed) > 0
}

// leaving tells the others, who need not wait for the server's word.
func (a *Agent) leaving() {
	if a.watch.left {
		return
	}
	a.watch.left = true
	if len(a.unsaid) > 0 && a.sealer != nil {
		a.unsaidAt = a.now
		a.sayWaiting()
	}
	a.say(SayToAll{Kind: kindLeave, Body: Bytes(`{}`)})
}

// removeDevices acts on a member's removal, ours too. It takes keys away and never gives any: who was removed by
// mistake, or by a member who should not have, comes back with a new join.
func (a *Agent) removeDevices(body []byte, by Ref) error {
	var m removeBody
	if json.Unmarshal(body, &m) != nil || len(m.JoinIDs) == 0 || len(m.JoinIDs) > maxRemoval {
		return fmt.Errorf("%w: removal", ErrData)
	}
	var err error
	for _, id := range m.JoinIDs {
		if e := a.removeJoin(id, by); e != nil {
			err = e
		}
	}
	return err
}

func (a *Agent) removeJoin(id JoinID, by Ref) error {
	if id == a.self.JoinID {
		if by != a.self {
			a.emit(Removed{By: by}) // it is for the others to act on
		}
		return nil
	}
	if _, known := a.watch.removed[id]; !known {
		here := slices.ContainsFunc(a.order, func(p *peer) bool { return p.ref.JoinID == id })
		if len(a.watch.removed) >= maxRemoved && !here { // whoever filled it up can be removed nevertheless
			return ErrTooMany
		}
		a.watch.removed[id] = struct{}{}
		a.expel(id, false)
	}
	for _, p := range a.order {
		if p.ref.JoinID == id {
			a.show(p, StateRefused) // the server may go on listing it
			a.depart(p)
		}
	}
	return nil
}
