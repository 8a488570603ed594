package lkroom

import (
	"encoding/binary"
	"errors"
	"reflect"
	"strconv"
)

// errProto: bytes that are no message. A peer learns no more.
var errProto = errors.New("lkroom: malformed message")

// Wire types, Protocol Buffers encoding: "Message structure".
const (
	wireVarint = 0
	wire64     = 1
	wireBytes  = 2
	wire32     = 5
)

// maxDepth bounds messages within messages; those of messages.go need four.
const maxDepth = 8

// encode writes a message: the exported fields of a struct that carry their number as `pb:"1"`. Zero values are left out,
// as Protocol Buffers 3 does.
func encode(m any) []byte { return encodeStruct(nil, reflect.ValueOf(m).Elem()) }

func encodeStruct(b []byte, v reflect.Value) []byte {
	for i := range v.NumField() {
		n, tagged := number(v.Type().Field(i))
		if f := v.Field(i); tagged {
			b = encodeField(b, n, f)
		}
	}
	return b
}

func encodeField(b []byte, n uint64, f reflect.Value) []byte {
	key := func(wire uint64) []byte { return binary.AppendUvarint(b, n<<3|wire) }
	counted := func(data []byte) []byte {
		return append(binary.AppendUvarint(key(wireBytes), uint64(len(data))), data...)
	}
	switch {
	case f.Kind() == reflect.Pointer:
		if f.IsNil() {
			return b
		}
		return counted(encodeStruct(nil, f.Elem()))
	case f.Kind() == reflect.Slice && f.Type().Elem().Kind() != reflect.Uint8:
		for i := range f.Len() {
			if e := f.Index(i); e.Kind() == reflect.String {
				b = counted([]byte(e.String()))
			} else {
				b = counted(encodeStruct(nil, e.Elem()))
			}
		}
		return b
	case f.IsZero():
		return b
	case f.Kind() == reflect.String:
		return counted([]byte(f.String()))
	case f.Kind() == reflect.Slice:
		return counted(f.Bytes())
	case f.Kind() == reflect.Bool:
		return append(key(wireVarint), 1)
	case f.CanInt():
		return binary.AppendUvarint(key(wireVarint), uint64(f.Int()))
	default:
		return binary.AppendUvarint(key(wireVarint), f.Uint())
	}
}

// decode reads into the struct that m points to. Fields that it does not have are skipped.
func decode(b []byte, m any) error { return decodeStruct(b, reflect.ValueOf(m).Elem(), maxDepth) }

func decodeStruct(b []byte, v reflect.Value, depth int) error {
	if depth == 0 {
		return errProto
	}
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		if n <= 0 || key>>3 == 0 {
			return errProto
		}
		number, varint, data, rest, err := split(key, b[n:])
		if err != nil {
			return err
		}
		b = rest
		if f, ok := fieldNumbered(v, number); ok {
			if err := decodeField(f, key&7, varint, data, depth); err != nil {
				return err
			}
		}
	}
	return nil
}

// split cuts a field's value off.
func split(key uint64, b []byte) (number, varint uint64, data, rest []byte, err error) {
	size := uint64(0)
	switch key & 7 {
	case wireVarint:
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return 0, 0, nil, nil, errProto
		}
		return key >> 3, v, nil, b[n:], nil
	case wireBytes:
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return 0, 0, nil, nil, errProto
		}
		size, b = v, b[n:]
	case wire64:
		size = 8
	case wire32:
		size = 4
	default:
		return 0, 0, nil, nil, errProto
	}
	if size > uint64(len(b)) {
		return 0, 0, nil, nil, errProto
	}
	return key >> 3, 0, b[:size], b[size:], nil
}

func decodeField(f reflect.Value, wire, varint uint64, data []byte, depth int) error {
	counted := wire == wireBytes
	switch {
	case f.Kind() == reflect.Pointer && counted:
		if f.IsNil() {
			f.Set(reflect.New(f.Type().Elem()))
		}
		return decodeStruct(data, f.Elem(), depth-1)
	case f.Kind() == reflect.String && counted:
		f.SetString(string(data))
	case f.Kind() == reflect.Slice && counted:
		return decodeMany(f, data, depth)
	case wire != wireVarint:
		return errProto
	case f.Kind() == reflect.Bool:
		f.SetBool(varint != 0)
	case f.CanInt():
		f.SetInt(int64(varint))
	case f.CanUint():
		f.SetUint(varint)
	default:
		return errProto
	}
	return nil
}

func decodeMany(f reflect.Value, data []byte, depth int) error {
	switch f.Type().Elem().Kind() {
	case reflect.Uint8:
		f.SetBytes(append([]byte(nil), data...))
	case reflect.String:
		f.Set(reflect.Append(f, reflect.ValueOf(string(data))))
	default:
		e := reflect.New(f.Type().Elem().Elem())
		if err := decodeStruct(data, e.Elem(), depth-1); err != nil {
			return err
		}
		f.Set(reflect.Append(f, e))
	}
	return nil
}

func number(f reflect.StructField) (uint64, bool) {
	n, err := strconv.ParseUint(f.Tag.Get("pb"), 10, 32)
	return n, err == nil
}

func fieldNumbered(v reflect.Value, wanted uint64) (reflect.Value, bool) {
	for i := range v.NumField() {
		if n, tagged := number(v.Type().Field(i)); tagged && n == wanted {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}
