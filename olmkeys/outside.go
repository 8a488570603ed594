package olmkeys

// KeySource says where the keys that frames are sealed under come from.
type KeySource string

// The sources.
const (
	KeysOlm            KeySource = ""                // sender keys, handed out over Olm
	KeysShared         KeySource = "shared"          // one key for everybody, set from outside
	KeysPerParticipant KeySource = "per_participant" // a key for each participant, set from outside
)

func (a *Agent) setKey(SetKey) { a.fault(ErrMalformed) }
