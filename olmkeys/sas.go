package olmkeys

func (a *Agent) verifyStep(Verify) { a.fault(ErrMalformed) }
