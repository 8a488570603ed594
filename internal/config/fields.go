package config

import (
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Field is one setting. Its name is the YAML key, with two dashes before it the flag; [Field.Env] is the variable.
type Field struct {
	Name, Group, Help string
	Placeholder       string // of its value; empty for switches
	Default           string // of those that do not depend on others
	List              bool   // takes several values

	example string
	index   int
}

// envPrefix begins the names of all variables of ours.
const envPrefix = "GROTTO_"

// Env is the name of the variable: public-ip is GROTTO_PUBLIC_IP.
func (f Field) Env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
}

// of is the field in a struct.
func (f Field) of(s *Settings) reflect.Value { return reflect.ValueOf(s).Elem().Field(f.index) }

var fields = func() (all []Field) {
	t := reflect.TypeFor[Settings]()
	for i := range t.NumField() {
		f, tag := t.Field(i), t.Field(i).Tag
		name := tag.Get("name")
		if name == "" {
			name = dashed(f.Name)
		}
		all = append(all, Field{Name: name, Group: tag.Get("group"), Placeholder: tag.Get("placeholder"), Default: tag.Get("default"),
			Help: strings.ReplaceAll(tag.Get("help"), "${default}", tag.Get("default")), List: f.Type.Kind() == reflect.Slice, example: tag.Get("example"), index: i})
	}
	return all
}()

// Fields are all settings, in the order of the struct.
func Fields() []Field { return fields }

// named finds a field.
func named(name string) (Field, bool) {
	for _, f := range fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// dashed is how kong names a flag: PublicOnly is public-only, TLSCert is tls-cert.
func dashed(name string) string {
	var out strings.Builder
	letters := []rune(name)
	for i, r := range letters {
		if i > 0 && unicode.IsUpper(r) && (unicode.IsLower(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1])) {
			out.WriteByte('-')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

// set reads values into a field. It gives what they should have been, if they are not.
func (f Field) set(s *Settings, values []string) (want string) {
	target := f.of(s)
	if f.List {
		target.Set(reflect.ValueOf(values))
		return ""
	}
	if len(values) != 1 {
		return "one value"
	}
	switch text := values[0]; target.Kind() {
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return "true or false"
		}
		target.SetBool(b)
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return "a whole number"
		}
		target.SetInt(int64(n))
	case reflect.Int64:
		d, err := time.ParseDuration(text)
		if err != nil {
			return "a time such as 90s or 10m"
		}
		target.SetInt(int64(d))
	case reflect.String:
		target.SetString(text)
	default:
		panic("config: a field of a kind that cannot be read: " + f.Name)
	}
	return ""
}
