package room

import (
	"slices"

	"github.com/grotto-meet/grotto/internal/wire"
)

// keyStore holds a device's signed keys until somebody claims them. A one-time key is handed out once; when none is
// left the fallback key is, again and again, until the device uploads more.
type keyStore struct {
	oneTime  []wire.SignedKey
	fallback wire.SignedKey
}

// add takes more one-time keys, oldest to be claimed first. A key id that is here already is not taken twice. It takes
// all or, beyond [wire.MaxOneTimeKeys], none.
func (k *keyStore) add(keys []wire.SignedKey) bool {
	fresh := make([]wire.SignedKey, 0, len(keys))
	for _, key := range keys {
		same := func(other wire.SignedKey) bool { return other.KeyID == key.KeyID }
		if !slices.ContainsFunc(k.oneTime, same) && !slices.ContainsFunc(fresh, same) {
			fresh = append(fresh, key)
		}
	}
	if len(k.oneTime)+len(fresh) > wire.MaxOneTimeKeys {
		return false
	}
	k.oneTime = append(k.oneTime, fresh...)
	return true
}

func (k *keyStore) claim() wire.SignedKey {
	if len(k.oneTime) == 0 {
		return k.fallback
	}
	key := k.oneTime[0]
	k.oneTime = slices.Delete(k.oneTime, 0, 1)
	return key
}
