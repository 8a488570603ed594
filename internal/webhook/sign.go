package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of a request.
const (
	HeaderID        = "Webhook-Id"
	HeaderTimestamp = "Webhook-Timestamp"
	HeaderSignature = "Webhook-Signature"
)

const (
	secretMark = "whsec_"
	version    = "v1,"
	tolerance  = 5 * time.Minute // between two clocks, and for the way
)

// ErrForged says that a request is not one of ours, was changed, or is an old one sent again.
var ErrForged = errors.New("webhook: not signed with this secret, or too old")

// sign gives the signature header.
func sign(secret, id, timestamp string, body []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretMark))
	if err != nil || len(key) == 0 {
		return "", errors.New("the webhook has no secret; hint: make another one")
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return version + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

// Verify checks a request as its receiver. The id is to be remembered for ten minutes, and dropped when it comes again: a request that
// somebody recorded could be sent once more within that time.
func Verify(secret string, h http.Header, body []byte, now time.Time) (id string, err error) {
	id, timestamp := h.Get(HeaderID), h.Get(HeaderTimestamp)
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return "", ErrForged
	}
	want, err := sign(secret, id, timestamp, body)
	if err != nil {
		return "", ErrForged
	}
	for given := range strings.FieldsSeq(h.Get(HeaderSignature)) { // several while a secret is changed
		if hmac.Equal([]byte(given), []byte(want)) {
			return id, nil
		}
	}
	return "", ErrForged
}
