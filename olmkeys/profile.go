package olmkeys

import "time"

// What we say of ourselves reaches everybody, whenever they come: the program says it once, and again when it changes. Who
// was given our key later than it was said, or asks for a key, is told once more, by what is said to all.

const againPerSecond = 2 // at most, however many come or ask

// introduction is the last we said of ourselves, and when it is said again.
type introduction struct {
	profile SayToAll // no kind: nothing was said
	at      time.Time
	pace    bucket
}

// introduced notes who can read the profile that is being said: holders of the key who were sent it. Who went over to
// another link before us may have taken us for a stranger, and have dropped what is of the old one.
func (a *Agent) introduced() {
	if a.outside != nil {
		return
	}
	holders, current := a.sender.sealing().holders, a.sealsUnderLink()
	for _, p := range a.order {
		_, holds := holders[p.ref]
		p.introduced = holds && !p.owed && current
	}
}

// introduceTo plans to say the profile to a device that can open what we say from now on: at once, so that what is said to
// it next is known to be ours.
func (a *Agent) introduceTo(p *peer) {
	i := &a.introduction
	if p.introduced || i.profile.Kind == "" || !i.at.IsZero() {
		return
	}
	i.at = a.now
}

func (a *Agent) runIntroduction() {
	i := &a.introduction
	if !due(i.at, a.now) {
		return
	}
	if !a.sealsUnderLink() {
		i.at = earlier(a.sender.next(), a.now.Add(switchDelay)) // the switch
		return
	}
	i.at = time.Time{}
	for _, p := range a.order {
		if p.mayHold() && !p.introduced && !a.watch.left {
			if i.pace.rate = againPerSecond; i.pace.take(a.now) {
				a.sayToAll(i.profile)
			} else {
				i.at = i.pace.ready(a.now)
			}
			return
		}
	}
}

// sealsUnderLink says whether what we seal with was made under the link that we have.
func (a *Agent) sealsUnderLink() bool {
	return a.outside != nil || a.sender.sealing().schedule.link == a.link.id
}
