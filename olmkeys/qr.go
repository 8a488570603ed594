package olmkeys

func (a *Agent) qrWanted(Ref) { a.fault(ErrMalformed) }

func (a *Agent) qrScanned(QRScanned) { a.fault(ErrMalformed) }
