package olmkeys

func (a *Agent) removeAll(Remove) { a.fault(ErrMalformed) }

func (a *Agent) proofReceived(ProofReceived) { a.fault(ErrMalformed) }
