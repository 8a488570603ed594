package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// DecodeClient parses a text frame of a client. Its errors are *[Error] with the code bad_message, too_large or
// bad_version, and the request's id where that could be read: they can be sent back as they are.
func DecodeClient(data []byte) (ClientMessage, error) {
	if err := checkText(data, MaxMessageSize); err != nil {
		return nil, err
	}
	// Read the head alone and leniently first, so that the error can name the request, and so that a client of a later
	// version with fields unknown here learns that the version is the matter.
	var head struct {
		Type    Type   `json:"type"`
		ID      uint64 `json:"id"`
		Version int    `json:"version"`
	}
	if json.Unmarshal(data, &head) != nil || head.ID > MaxInteger {
		return nil, bad("id or type is not of its kind", "id is a whole number, type a string")
	}
	fail := func(err *Error) (ClientMessage, error) {
		err.ID = head.ID
		return nil, err
	}
	create, ok := clientMessages[head.Type]
	switch {
	case head.Type == "":
		return fail(bad("a message needs a type", "see the list of messages in docs/protocol.md"))
	case !ok:
		return fail(bad("unknown type of message", "see the list of messages in docs/protocol.md"))
	case head.ID == 0:
		return fail(bad("a request needs an id", "number requests from 1, growing by one"))
	case (head.Type == TypeHello || head.Type == TypeResume) && head.Version != Version:
		return fail(&Error{Code: CodeBadVersion, Message: fmt.Sprintf("this server speaks version %d of the protocol", Version),
			Hint: "reload the page or update the client"})
	}
	m := create()
	if err := unmarshalStrict(data, m); err != nil {
		return fail(err)
	}
	if err := m.check(); err != nil {
		return fail(err)
	}
	return m, nil
}

// DecodeServer parses a text frame of the server, as strictly as [DecodeClient]: the server is not trusted either.
func DecodeServer(data []byte) (ServerMessage, error) {
	if err := checkText(data, MaxServerMessage); err != nil {
		return nil, err
	}
	var head struct {
		Type Type `json:"type"`
	}
	if json.Unmarshal(data, &head) != nil {
		return nil, bad("type is not a string", "")
	}
	create, ok := serverMessages[head.Type]
	if !ok {
		return nil, bad("unknown type of message", "the server may be newer than this client: update it")
	}
	m := create()
	if err := unmarshalStrict(data, m); err != nil {
		return nil, err
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}

// unmarshalStrict decodes text that checkText has passed, so there is exactly one value and nothing behind it.
func unmarshalStrict(data []byte, m Message) *Error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(m); err != nil {
		return bad(decodeProblem(err), "see the message's example in docs/protocol.md")
	}
	return nil
}

// decodeProblem words an error of encoding/json without repeating what the peer sent.
func decodeProblem(err error) string {
	switch e := err.(type) {
	case *json.UnmarshalTypeError:
		return "a field is not of its kind: " + e.Field
	default:
		return "a field is unknown or not of its form"
	}
}

// checkText holds what encoding/json lets pass: size, UTF-8, depth, null, and the names of fields, which it matches in
// any letter case and takes twice.
func checkText(data []byte, limit int) error {
	switch {
	case len(data) > limit:
		return tooLarge("the message", limit)
	case !utf8.Valid(data):
		return bad("the message is not UTF-8", "")
	case !json.Valid(data):
		return bad("the message is not one JSON value", "send one JSON object a text frame")
	}
	if err := checkShape(data); err != nil {
		return err
	}
	return nil
}

// checkShape walks valid JSON once.
func checkShape(data []byte) *Error {
	type level struct {
		object bool
		names  []string
	}
	var stack [MaxDepth]level
	depth, key := 0, false // key: the next string is the name of a field
	for i := 0; i < len(data); i++ {
		switch c := data[i]; c {
		case '{', '[':
			if depth == MaxDepth {
				return bad("the message is nested too deeply", fmt.Sprintf("at most %d levels", MaxDepth))
			}
			stack[depth] = level{object: c == '{'}
			depth++
			key = c == '{'
		case '}', ']':
			depth--
			key = false
		case ',':
			key = stack[depth-1].object
		case 'n':
			return bad("null is never sent", "leave the field out")
		case '"':
			end := stringEnd(data, i)
			if key {
				l := &stack[depth-1]
				name := string(data[i+1 : end])
				if err := checkName(l.names, name); err != nil {
					return err
				}
				l.names = append(l.names, name)
				key = false
			}
			i = end
		}
	}
	if data := bytes.TrimLeft(data, " \t\r\n"); data[0] != '{' {
		return bad("the message is not a JSON object", "send one JSON object a text frame")
	}
	return nil
}

// maxFields bounds the quadratic look for doubles; the widest message has 11 fields.
const maxFields = 16

func checkName(seen []string, name string) *Error {
	if len(seen) == maxFields {
		return bad("an object has too many fields", "see the message's example in docs/protocol.md")
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && c != '_' {
			return bad("the name of a field is not in lower case", "names are written as in docs/protocol.md, without escapes")
		}
	}
	for _, s := range seen {
		if s == name {
			return bad("a field stands twice", "")
		}
	}
	return nil
}

// stringEnd is the index of the quote that ends the string beginning at i.
func stringEnd(data []byte, i int) int {
	for i++; data[i] != '"'; i++ {
		if data[i] == '\\' {
			i++
		}
	}
	return i
}

func bad(message, hint string) *Error {
	return &Error{Code: CodeBadMessage, Message: message, Hint: hint}
}

func tooLarge(what string, limit int) *Error {
	return &Error{Code: CodeTooLarge, Message: what + " is too large", Hint: fmt.Sprintf("at most %d", limit)}
}
