package olmkeys

import (
	"encoding/json"
	"fmt"
	"time"
)

// The JSON of events and effects is the boundary to the browser's worker: the struct's fields and a "type", which is
// the Go name in snake case. KIDs are decimal strings, times are milliseconds since 1970, base keys are in the clear.

// EncodeEvent writes an event.
func EncodeEvent(ev Event) ([]byte, error) {
	switch ev := ev.(type) {
	case RosterChanged:
		return typed("roster_changed", ev)
	case KeysClaimed:
		return typed("keys_claimed", ev)
	case KeyCount:
		return typed("key_count", ev)
	case MessageReceived:
		return typed("message_received", ev)
	case DataReceived:
		return typed("data_received", ev)
	case SayToAll:
		return typed("say_to_all", ev)
	case SayTo:
		return typed("say_to", ev)
	case Verify:
		return typed("verify", ev)
	case QRWanted:
		return typed("qr_wanted", ev)
	case QRScanned:
		return typed("qr_scanned", ev)
	case Block:
		return typed("block", ev)
	case Remove:
		return typed("remove", wireRemove{ev.Devices, ev.Secret.Fragment()})
	case ProofReceived:
		return typed("proof_received", ev)
	case SetKey:
		return typed("set_key", wireSetKey{ev.User, ev.Generation, plainSecret(ev.Key)})
	case KeyWanted:
		return typed("key_wanted", ev)
	case FrameOpened:
		return typed("frame_opened", ev)
	case FrameFailed:
		return typed("frame_failed", ev)
	case Resumed:
		return typed("resumed", ev)
	case Leaving:
		return typed("leaving", ev)
	case CodeWanted:
		return typed("code_wanted", ev)
	case Tick:
		return typed("tick", ev)
	default:
		return nil, fmt.Errorf("%w: event %T", ErrMalformed, ev)
	}
}

// DecodeEvent reads an event.
func DecodeEvent(b []byte) (Event, error) {
	kind, err := typeOf(b)
	if err != nil {
		return nil, err
	}
	switch kind {
	case "roster_changed":
		return decode[RosterChanged](b)
	case "keys_claimed":
		return decode[KeysClaimed](b)
	case "key_count":
		return decode[KeyCount](b)
	case "message_received":
		return decode[MessageReceived](b)
	case "data_received":
		return decode[DataReceived](b)
	case "say_to_all":
		return decode[SayToAll](b)
	case "say_to":
		return decode[SayTo](b)
	case "verify":
		return decode[Verify](b)
	case "qr_wanted":
		return decode[QRWanted](b)
	case "qr_scanned":
		return decode[QRScanned](b)
	case "block":
		return decode[Block](b)
	case "remove":
		return decodeRemove(b)
	case "proof_received":
		return decode[ProofReceived](b)
	case "set_key":
		w, err := decode[wireSetKey](b)
		return SetKey{w.User, w.Generation, Secret(w.Key)}, err
	case "key_wanted":
		return decode[KeyWanted](b)
	case "frame_opened":
		return decode[FrameOpened](b)
	case "frame_failed":
		return decode[FrameFailed](b)
	case "resumed":
		return Resumed{}, nil
	case "leaving":
		return Leaving{}, nil
	case "code_wanted":
		return CodeWanted{}, nil
	case "tick":
		return Tick{}, nil
	default:
		return nil, fmt.Errorf("%w: event %q", ErrMalformed, kind)
	}
}

type wireSealWith struct {
	KID     uint64   `json:"kid,string"`
	BaseKey plainKey `json:"base_key"`
}

type wireOpenWith struct {
	From    Ref      `json:"from"`
	KID     uint64   `json:"kid,string"`
	BaseKey plainKey `json:"base_key"`
}

type wireRemove struct {
	Devices []Ref  `json:"devices"`
	Secret  string `json:"secret,omitempty"` // the fragment
}

type wireSetKey struct {
	User       string      `json:"user,omitempty"`
	Generation uint32      `json:"generation"`
	Key        plainSecret `json:"key"`
}

type wireSecretChanged struct {
	Secret string `json:"secret"` // the fragment
	By     Ref    `json:"by"`
}

type wireWakeAt struct {
	Time int64 `json:"time"`
}

// EncodeEffects writes effects as a JSON array. It and EncodeEvent are the only places that write keys and secrets.
func EncodeEffects(effects []Effect) ([]byte, error) {
	list := make([]json.RawMessage, 0, len(effects))
	for _, e := range effects {
		b, err := encodeEffect(e)
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return json.Marshal(list)
}

func encodeEffect(e Effect) ([]byte, error) {
	switch e := e.(type) {
	case SendMessages:
		return typed("send_messages", e)
	case ClaimKeys:
		return typed("claim_keys", e)
	case UploadKeys:
		return typed("upload_keys", e)
	case SendData:
		return typed("send_data", e)
	case SealWith:
		return typed("seal_with", wireSealWith{e.KID, plainKey(e.BaseKey)})
	case OpenWith:
		return typed("open_with", wireOpenWith{e.From, e.KID, plainKey(e.BaseKey)})
	case DropKey:
		return typed("drop_key", e)
	case DropDevice:
		return typed("drop_device", e)
	case Show:
		return typed("show", e)
	case Heard:
		return typed("heard", e)
	case Warn:
		return typed("warn", e)
	case Code:
		return typed("code", e)
	case Verification:
		return typed("verification", e)
	case QR:
		return typed("qr", e)
	case Pinned:
		return typed("pinned", e)
	case Prove:
		return typed("prove", e)
	case SecretChanged:
		return typed("secret_changed", wireSecretChanged{e.Secret.Fragment(), e.By})
	case Removed:
		return typed("removed", e)
	case WakeAt:
		// Rounded up: a tick before its time does nothing.
		return typed("wake_at", wireWakeAt{e.Time.Add(time.Millisecond - 1).UnixMilli()})
	default:
		return nil, fmt.Errorf("%w: effect %T", ErrMalformed, e)
	}
}

// DecodeEffects reads what EncodeEffects wrote.
func DecodeEffects(b []byte) ([]Effect, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("%w: effects: %w", ErrMalformed, err)
	}
	effects := make([]Effect, 0, len(list))
	for _, raw := range list {
		e, err := decodeEffect(raw)
		if err != nil {
			return nil, err
		}
		effects = append(effects, e)
	}
	return effects, nil
}

func decodeEffect(b []byte) (Effect, error) {
	kind, err := typeOf(b)
	if err != nil {
		return nil, err
	}
	switch kind {
	case "send_messages":
		return decode[SendMessages](b)
	case "claim_keys":
		return decode[ClaimKeys](b)
	case "upload_keys":
		return decode[UploadKeys](b)
	case "send_data":
		return decode[SendData](b)
	case "seal_with":
		w, err := decode[wireSealWith](b)
		return SealWith{w.KID, BaseKey(w.BaseKey)}, err
	case "open_with":
		w, err := decode[wireOpenWith](b)
		return OpenWith{w.From, w.KID, BaseKey(w.BaseKey)}, err
	case "drop_key":
		return decode[DropKey](b)
	case "drop_device":
		return decode[DropDevice](b)
	case "show":
		return decode[Show](b)
	case "heard":
		return decode[Heard](b)
	case "warn":
		return decode[Warn](b)
	case "code":
		return decode[Code](b)
	case "verification":
		return decode[Verification](b)
	case "qr":
		return decode[QR](b)
	case "pinned":
		return decode[Pinned](b)
	case "prove":
		return decode[Prove](b)
	case "secret_changed":
		w, err := decode[wireSecretChanged](b)
		if err != nil {
			return nil, err
		}
		secret, err := ParseSecret(w.Secret)
		return SecretChanged{secret, w.By}, err
	case "removed":
		return decode[Removed](b)
	case "wake_at":
		w, err := decode[wireWakeAt](b)
		return WakeAt{time.UnixMilli(w.Time)}, err
	default:
		return nil, fmt.Errorf("%w: effect %q", ErrMalformed, kind)
	}
}

func decodeRemove(b []byte) (Event, error) {
	w, err := decode[wireRemove](b)
	if err != nil || w.Secret == "" {
		return Remove{Devices: w.Devices}, err
	}
	secret, err := ParseSecret(w.Secret)
	return Remove{w.Devices, secret}, err
}

// typed puts the type in front of a struct's fields.
func typed(kind string, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("olmkeys: %s: %w", kind, err)
	}
	head := `{"type":"` + kind + `"`
	if len(b) > len("{}") {
		head += ","
	}
	return append([]byte(head), b[1:]...), nil
}

func typeOf(b []byte) (string, error) {
	var t struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(b, &t); err != nil {
		return "", fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return t.Type, nil
}

func decode[T any](b []byte) (v T, err error) {
	if err := json.Unmarshal(b, &v); err != nil {
		return v, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return v, nil
}
