package olmkeys

func (a *Agent) sayTo(SayTo) { a.fault(ErrMalformed) }
