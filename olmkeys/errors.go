package olmkeys

import "errors"

// What can be wrong with a [Config] or a link. These are told to the person.
var (
	ErrConfig = errors.New("olmkeys: bad configuration")
	ErrSecret = errors.New("olmkeys: not a meeting secret")
)

// What can be wrong with what a peer or the server sent. [Agent.Handle] drops such input and counts it under the
// error ([Agent.Faults]); a peer learns nothing about why.
var (
	ErrMalformed      = errors.New("olmkeys: malformed")                              // not in the format
	ErrAnnouncement   = errors.New("olmkeys: announcement refused")                   // ids, lengths, keys or signature
	ErrProof          = errors.New("olmkeys: proof is not of this meeting's secret")  //
	ErrReplaced       = errors.New("olmkeys: join id was replaced or has left")       //
	ErrNotAdmitted    = errors.New("olmkeys: device is not admitted")                 // unknown, refused or of another secret
	ErrSignedKey      = errors.New("olmkeys: one-time key refused")                   // signature, length or low order
	ErrUndecryptable  = errors.New("olmkeys: message does not decrypt")               //
	ErrReplayedDial   = errors.New("olmkeys: pre-key message replayed")               //
	ErrEnvelope       = errors.New("olmkeys: sender or recipient is somebody else")   // the checks of the Olm payload
	ErrMessageType    = errors.New("olmkeys: unknown type of message")                //
	ErrOtherCall      = errors.New("olmkeys: message of another call or join")        //
	ErrOtherLink      = errors.New("olmkeys: share under a link that we do not have") //
	ErrUnwrap         = errors.New("olmkeys: share does not unwrap")                  // ML-KEM or AES-GCM
	ErrOldGeneration  = errors.New("olmkeys: share of a generation that is over")     //
	ErrChain          = errors.New("olmkeys: share is not of the generation's chain") //
	ErrData           = errors.New("olmkeys: data frame refused")                     // does not open, or its content is malformed
	ErrDataSignature  = errors.New("olmkeys: data frame is not signed by its sender") //
	ErrDataOrder      = errors.New("olmkeys: data frame replayed or out of order")    //
	ErrTooMany        = errors.New("olmkeys: a limit was reached")                    //
	ErrUndelivered    = errors.New("olmkeys: private message could not be sent")      // no session for too long
	ErrVerification   = errors.New("olmkeys: verification refused")                   // a message out of turn, of other keys or malformed
	ErrUnexpectedKeys = errors.New("olmkeys: keys that were not claimed")             //
)
