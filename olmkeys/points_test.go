package olmkeys

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"math/big"
	"slices"
	"testing"
)

// lowOrderPoints of Curve25519, all that decode to one, with second spellings (RFC 7748 §7, and the list of
// https://cr.yp.to/ecdh.html#validate).
var lowOrderPoints = []string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"cdeb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880",
	"4c9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7",
	"d9ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"daffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"dbffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
}

// TestK13_LowOrderPoints: with such a key, anybody knows the shared secret. They are refused as identity and as
// one-time keys; a key that somebody made is not.
func TestK13_LowOrderPoints(t *testing.T) {
	own, err := newOwnAccount()
	if err != nil {
		t.Fatal(err)
	}
	peer, err := newOwnAccount()
	if err != nil {
		t.Fatal(err)
	}
	d := &device{}
	d.ed25519, d.curve25519 = peer.ed25519, peer.curve25519
	for _, text := range lowOrderPoints {
		point, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if validCurve25519(point) {
			t.Errorf("%s passes for an identity key", text)
		}
		if _, err := own.dial(d, peer.signedKey("AAAAAQ", point, false)); err == nil {
			t.Errorf("%s passes for a one-time key, though signed", text)
		}
	}
	good, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if !validCurve25519(good.PublicKey().Bytes()) {
		t.Error("an honest key is refused")
	}
	if _, err := own.dial(d, peer.signedKey("AAAAAQ", good.PublicKey().Bytes(), false)); err != nil {
		t.Errorf("an honest one-time key: %v", err)
	}
	second := slices.Clone(good.PublicKey().Bytes())
	second[31] |= 0x80 // the same point to X25519, another key to whoever compares bytes
	if validCurve25519(second) {
		t.Error("a second spelling of a key passes")
	}
}

// order of the Ed25519 base point (RFC 8032 §5.1).
var order, _ = new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)

// TestK13_SecondSignatures: who has a signature can make another of the same message by adding the order to its second
// half (RFC 8032 §5.1.7 forbids it); and a key of small order signs anything for anybody.
func TestK13_SecondSignatures(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	message := []byte("grotto call keys v1 example")
	sig := ed25519.Sign(private, message)
	if !verify(public, message, sig) {
		t.Fatal("an honest signature is refused")
	}
	s := new(big.Int).SetBytes(reversed(sig[32:]))
	s.Add(s, order)
	malleated := append(slices.Clone(sig[:32]), reversed(s.FillBytes(make([]byte, 32)))...)
	if bytes.Equal(malleated, sig) || verify(public, message, malleated) {
		t.Error("a second signature of the same message passes")
	}
	identity := make([]byte, 32) // the neutral element: S = 0, R = neutral verifies for any message
	identity[0] = 1
	forged := append(slices.Clone(identity), make([]byte, 32)...)
	if verify(identity, message, forged) {
		t.Error("a key of small order signs anything")
	}
}

func reversed(b []byte) []byte {
	b = slices.Clone(b)
	slices.Reverse(b)
	return b
}
