package olmkeys

func (a *Agent) block(Ref) { a.fault(ErrMalformed) }
