package mediacrypt_test

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/grotto-meet/grotto/mediacrypt"
)

// Alice sends one frame to Bob, and the server sends it twice.
func Example() {
	var key mediacrypt.BaseKey // shared by other means, for instance package olmkeys
	_, _ = rand.Read(key[:])
	kid := mediacrypt.NewKeyID(3, 17)

	alice, err := mediacrypt.NewSealer(kid, key)
	if err != nil {
		panic(err)
	}
	sealed, err := alice.Seal(nil, mediacrypt.SourceMic, mediacrypt.CodecOpus, []byte("an Opus frame"))
	if err != nil {
		panic(err)
	}

	fromAlice := mediacrypt.NewOpener()
	if err := fromAlice.Add(kid, key); err != nil {
		panic(err)
	}
	for range 2 {
		frame, header, err := fromAlice.Open(nil, mediacrypt.SourceMic, mediacrypt.CodecOpus, sealed)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Printf("%s, key %v, frame %d\n", frame, header.KID, header.CTR)
	}
	// Output:
	// an Opus frame, key 3/17, frame 0
	// mediacrypt: frame replayed or too old
}

// A receiver that meets an unknown key asks for it, once, unless the key was there and is gone.
func ExampleUnknownKeyError() {
	sealer, err := mediacrypt.NewSealer(mediacrypt.NewKeyID(4, 0), mediacrypt.BaseKey{})
	if err != nil {
		panic(err)
	}
	sealed, err := sealer.Seal(nil, mediacrypt.SourceCamera, mediacrypt.CodecVP9, []byte("a VP9 frame"))
	if err != nil {
		panic(err)
	}
	_, _, err = mediacrypt.NewOpener().Open(nil, mediacrypt.SourceCamera, mediacrypt.CodecVP9, sealed)
	var unknown *mediacrypt.UnknownKeyError
	if errors.As(err, &unknown) && !unknown.Dropped {
		fmt.Println("ask for", unknown.KID)
	}
	// Output: ask for 4/0
}

// A base key does not end up in a log by accident.
func ExampleBaseKey() {
	key := mediacrypt.BaseKey{1, 2, 3}
	fmt.Printf("%v %x\n", key, key)
	// Output: mediacrypt.BaseKey(redacted) mediacrypt.BaseKey(redacted)
}
