package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// Message is a pointer to one of the message structs.
type Message interface{ head() head }

// ClientMessage is what a client sends: *[Hello], *[Resume], *[Join], *[UploadKeys], *[ClaimKeys], *[ToDevice],
// *[SendData], *[Prove], *[Publish], *[SubscribeAnswer], *[Show], *[Restart], *[Knock], *[Admit], *[SetRoom], *[SetRole],
// *[Expel], *[EndCall], *[TellBreakout], *[Ping] or *[Leave].
type ClientMessage interface {
	Message
	fromClient()
	check() *Error
}

// ServerMessage is what the server sends: *[Welcome], *[Resumed], *[Joined], *[Roster], *[ClaimedKeys], *[KeyCount],
// *[DeviceMessage], *[Data], *[Proof], *[Published], *[SubscribeOffer], *[Wanted], *[Streams], *[Speakers], *[RoomState], *[Knocks],
// *[RoleChanged], *[FromMain], *[SwitchOff], *[Stopping], *[OK], *[Pong], *[Error] or *[Bye].
type ServerMessage interface {
	Message
	fromServer()
	check() *Error
}

// head is where a message keeps what all messages have; id and seq are nil where it has none.
type head struct {
	name Type
	typ  *Type
	id   *uint64
	seq  *uint64
}

// TypeOf is the discriminator of a message, also when its Type is not filled yet.
func TypeOf(m Message) Type { return m.head().name }

// ID is the id of a request, or of the request that a server message answers; 0 if it answers none.
func ID(m Message) uint64 {
	if id := m.head().id; id != nil {
		return *id
	}
	return 0
}

// SetID numbers a client's request.
func SetID(m ClientMessage, id uint64) { *m.head().id = id }

// Seq is the number of a server message in its session; 0 for those that are not numbered.
func Seq(m ServerMessage) uint64 {
	if seq := m.head().seq; seq != nil {
		return *seq
	}
	return 0
}

// SetSeq numbers a server message. [Pong] and [Resumed] have no number and stay as they are.
func SetSeq(m ServerMessage, seq uint64) {
	if p := m.head().seq; p != nil {
		*p = seq
	}
}

// Encode fills the message's Type and gives its JSON. It fails on nothing that the exported types can hold; lists that
// are nil become empty ones, so that null is never on the wire.
func Encode(m Message) ([]byte, error) {
	h := m.head()
	*h.typ = h.name
	fillLists(reflect.ValueOf(m).Elem())
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // user ids and descriptions are read by JSON parsers only; \u003c costs 6 bytes for one
	if err := enc.Encode(m); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// fillLists replaces nil lists of a message by empty ones, but for those that may be left out. Lists stand at the top of messages only; a test holds that.
func fillLists(v reflect.Value) {
	for i := range v.NumField() {
		f := v.Field(i)
		optional := strings.HasSuffix(v.Type().Field(i).Tag.Get("json"), ",omitempty")
		if f.Kind() == reflect.Slice && f.IsNil() && f.Type() != reflect.TypeFor[Base64]() && !optional {
			f.Set(reflect.MakeSlice(f.Type(), 0, 0))
		}
	}
}

var clientMessages = map[Type]func() ClientMessage{
	TypeHello:           func() ClientMessage { return new(Hello) },
	TypeResume:          func() ClientMessage { return new(Resume) },
	TypeJoin:            func() ClientMessage { return new(Join) },
	TypeUploadKeys:      func() ClientMessage { return new(UploadKeys) },
	TypeClaimKeys:       func() ClientMessage { return new(ClaimKeys) },
	TypeToDevice:        func() ClientMessage { return new(ToDevice) },
	TypeSendData:        func() ClientMessage { return new(SendData) },
	TypeProve:           func() ClientMessage { return new(Prove) },
	TypePublish:         func() ClientMessage { return new(Publish) },
	TypeSubscribeAnswer: func() ClientMessage { return new(SubscribeAnswer) },
	TypeShow:            func() ClientMessage { return new(Show) },
	TypeRestart:         func() ClientMessage { return new(Restart) },
	TypeKnock:           func() ClientMessage { return new(Knock) },
	TypeAdmit:           func() ClientMessage { return new(Admit) },
	TypeSetRoom:         func() ClientMessage { return new(SetRoom) },
	TypeSetRole:         func() ClientMessage { return new(SetRole) },
	TypeExpel:           func() ClientMessage { return new(Expel) },
	TypeEndCall:         func() ClientMessage { return new(EndCall) },
	TypeTellBreakout:    func() ClientMessage { return new(TellBreakout) },
	TypePing:            func() ClientMessage { return new(Ping) },
	TypeLeave:           func() ClientMessage { return new(Leave) },
}

var serverMessages = map[Type]func() ServerMessage{
	TypeWelcome:        func() ServerMessage { return new(Welcome) },
	TypeResumed:        func() ServerMessage { return new(Resumed) },
	TypeJoined:         func() ServerMessage { return new(Joined) },
	TypeRoster:         func() ServerMessage { return new(Roster) },
	TypeClaimedKeys:    func() ServerMessage { return new(ClaimedKeys) },
	TypeKeyCount:       func() ServerMessage { return new(KeyCount) },
	TypeDeviceMessage:  func() ServerMessage { return new(DeviceMessage) },
	TypeData:           func() ServerMessage { return new(Data) },
	TypeProof:          func() ServerMessage { return new(Proof) },
	TypePublished:      func() ServerMessage { return new(Published) },
	TypeSubscribeOffer: func() ServerMessage { return new(SubscribeOffer) },
	TypeWanted:         func() ServerMessage { return new(Wanted) },
	TypeStreams:        func() ServerMessage { return new(Streams) },
	TypeSpeakers:       func() ServerMessage { return new(Speakers) },
	TypeRoomState:      func() ServerMessage { return new(RoomState) },
	TypeKnocks:         func() ServerMessage { return new(Knocks) },
	TypeRole:           func() ServerMessage { return new(RoleChanged) },
	TypeFromMain:       func() ServerMessage { return new(FromMain) },
	TypeSwitchOff:      func() ServerMessage { return new(SwitchOff) },
	TypeStopping:       func() ServerMessage { return new(Stopping) },
	TypeOK:             func() ServerMessage { return new(OK) },
	TypePong:           func() ServerMessage { return new(Pong) },
	TypeError:          func() ServerMessage { return new(Error) },
	TypeBye:            func() ServerMessage { return new(Bye) },
}

func (m *Hello) head() head           { return head{TypeHello, &m.Type, &m.ID, nil} }
func (m *Resume) head() head          { return head{TypeResume, &m.Type, &m.ID, nil} }
func (m *Join) head() head            { return head{TypeJoin, &m.Type, &m.ID, nil} }
func (m *UploadKeys) head() head      { return head{TypeUploadKeys, &m.Type, &m.ID, nil} }
func (m *ClaimKeys) head() head       { return head{TypeClaimKeys, &m.Type, &m.ID, nil} }
func (m *ToDevice) head() head        { return head{TypeToDevice, &m.Type, &m.ID, nil} }
func (m *SendData) head() head        { return head{TypeSendData, &m.Type, &m.ID, nil} }
func (m *Prove) head() head           { return head{TypeProve, &m.Type, &m.ID, nil} }
func (m *Publish) head() head         { return head{TypePublish, &m.Type, &m.ID, nil} }
func (m *SubscribeAnswer) head() head { return head{TypeSubscribeAnswer, &m.Type, &m.ID, nil} }
func (m *Show) head() head            { return head{TypeShow, &m.Type, &m.ID, nil} }
func (m *Restart) head() head         { return head{TypeRestart, &m.Type, &m.ID, nil} }
func (m *Knock) head() head           { return head{TypeKnock, &m.Type, &m.ID, nil} }
func (m *Admit) head() head           { return head{TypeAdmit, &m.Type, &m.ID, nil} }
func (m *SetRoom) head() head         { return head{TypeSetRoom, &m.Type, &m.ID, nil} }
func (m *SetRole) head() head         { return head{TypeSetRole, &m.Type, &m.ID, nil} }
func (m *Expel) head() head           { return head{TypeExpel, &m.Type, &m.ID, nil} }
func (m *EndCall) head() head         { return head{TypeEndCall, &m.Type, &m.ID, nil} }
func (m *TellBreakout) head() head    { return head{TypeTellBreakout, &m.Type, &m.ID, nil} }
func (m *Ping) head() head            { return head{TypePing, &m.Type, &m.ID, nil} }
func (m *Leave) head() head           { return head{TypeLeave, &m.Type, &m.ID, nil} }

func (*Hello) fromClient()           {}
func (*Resume) fromClient()          {}
func (*Join) fromClient()            {}
func (*UploadKeys) fromClient()      {}
func (*ClaimKeys) fromClient()       {}
func (*ToDevice) fromClient()        {}
func (*SendData) fromClient()        {}
func (*Prove) fromClient()           {}
func (*Publish) fromClient()         {}
func (*SubscribeAnswer) fromClient() {}
func (*Show) fromClient()            {}
func (*Restart) fromClient()         {}
func (*Knock) fromClient()           {}
func (*Admit) fromClient()           {}
func (*SetRoom) fromClient()         {}
func (*SetRole) fromClient()         {}
func (*Expel) fromClient()           {}
func (*EndCall) fromClient()         {}
func (*TellBreakout) fromClient()    {}
func (*Ping) fromClient()            {}
func (*Leave) fromClient()           {}

func (m *Welcome) head() head        { return head{TypeWelcome, &m.Type, &m.ID, &m.Seq} }
func (m *Resumed) head() head        { return head{TypeResumed, &m.Type, &m.ID, nil} }
func (m *Joined) head() head         { return head{TypeJoined, &m.Type, &m.ID, &m.Seq} }
func (m *Roster) head() head         { return head{TypeRoster, &m.Type, nil, &m.Seq} }
func (m *ClaimedKeys) head() head    { return head{TypeClaimedKeys, &m.Type, &m.ID, &m.Seq} }
func (m *KeyCount) head() head       { return head{TypeKeyCount, &m.Type, nil, &m.Seq} }
func (m *DeviceMessage) head() head  { return head{TypeDeviceMessage, &m.Type, nil, &m.Seq} }
func (m *Data) head() head           { return head{TypeData, &m.Type, nil, &m.Seq} }
func (m *Proof) head() head          { return head{TypeProof, &m.Type, nil, &m.Seq} }
func (m *Published) head() head      { return head{TypePublished, &m.Type, &m.ID, &m.Seq} }
func (m *SubscribeOffer) head() head { return head{TypeSubscribeOffer, &m.Type, nil, &m.Seq} }
func (m *Wanted) head() head         { return head{TypeWanted, &m.Type, nil, &m.Seq} }
func (m *Streams) head() head        { return head{TypeStreams, &m.Type, nil, &m.Seq} }
func (m *Speakers) head() head       { return head{TypeSpeakers, &m.Type, nil, &m.Seq} }
func (m *RoomState) head() head      { return head{TypeRoomState, &m.Type, nil, &m.Seq} }
func (m *Knocks) head() head         { return head{TypeKnocks, &m.Type, nil, &m.Seq} }
func (m *RoleChanged) head() head    { return head{TypeRole, &m.Type, nil, &m.Seq} }
func (m *FromMain) head() head       { return head{TypeFromMain, &m.Type, nil, &m.Seq} }
func (m *SwitchOff) head() head      { return head{TypeSwitchOff, &m.Type, nil, &m.Seq} }
func (m *Stopping) head() head       { return head{TypeStopping, &m.Type, nil, &m.Seq} }
func (m *OK) head() head             { return head{TypeOK, &m.Type, &m.ID, &m.Seq} }
func (m *Pong) head() head           { return head{TypePong, &m.Type, &m.ID, nil} }
func (m *Error) head() head          { return head{TypeError, &m.Type, &m.ID, &m.Seq} }
func (m *Bye) head() head            { return head{TypeBye, &m.Type, nil, &m.Seq} }

func (*Welcome) fromServer()        {}
func (*Resumed) fromServer()        {}
func (*Joined) fromServer()         {}
func (*Roster) fromServer()         {}
func (*ClaimedKeys) fromServer()    {}
func (*KeyCount) fromServer()       {}
func (*DeviceMessage) fromServer()  {}
func (*Data) fromServer()           {}
func (*Proof) fromServer()          {}
func (*Published) fromServer()      {}
func (*SubscribeOffer) fromServer() {}
func (*Wanted) fromServer()         {}
func (*Streams) fromServer()        {}
func (*Speakers) fromServer()       {}
func (*RoomState) fromServer()      {}
func (*Knocks) fromServer()         {}
func (*RoleChanged) fromServer()    {}
func (*FromMain) fromServer()       {}
func (*SwitchOff) fromServer()      {}
func (*Stopping) fromServer()       {}
func (*OK) fromServer()             {}
func (*Pong) fromServer()           {}
func (*Error) fromServer()          {}
func (*Bye) fromServer()            {}

// Error implements error.
func (m *Error) Error() string {
	if m.Hint == "" {
		return "wire: " + string(m.Code) + ": " + m.Message
	}
	return "wire: " + string(m.Code) + ": " + m.Message + "; hint: " + m.Hint
}

// Is lets errors.Is compare by code: errors.Is(err, &wire.Error{Code: wire.CodeTooLarge}).
func (m *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == m.Code
}
