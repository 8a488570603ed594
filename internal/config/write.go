package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// width of comments in files.
const width = 110

// Example writes a file with every setting as a comment: as it stands it changes nothing.
func Example(w io.Writer) {
	fmt.Fprintln(w, "# Settings of grotto-server. All are optional: remove the # before one to set it.")
	fmt.Fprintln(w, "# A variable such as GROTTO_LISTEN wins over a line here, and a flag such as --listen over both.")
	group := ""
	for _, f := range fields {
		if f.Group != group {
			group = f.Group
			fmt.Fprintf(w, "\n# ---- %s ----\n", group)
		}
		fmt.Fprintf(w, "\n%s#%s: %s\n", comment(f.Help), f.Name, f.sample())
	}
}

// sample is a value in the form that the file wants.
func (f Field) sample() string {
	switch {
	case f.Placeholder == "":
		return "true"
	case f.Default != "":
		return f.Default
	case f.List:
		return "[" + quoted(f.example) + "]"
	}
	return quoted(f.example)
}

// Write writes a file with what is in effect, and where each value comes from.
func (l *Loaded) Write(w io.Writer) {
	for _, f := range fields {
		from, set := l.From[f.Name]
		if !set {
			from = "default"
		}
		value := f.of(&l.Settings)
		if value.IsZero() && !set && value.Kind() != reflect.Bool { // nothing, which has no form of its own
			fmt.Fprintf(w, "#%s:  # not set\n", f.Name)
			continue
		}
		fmt.Fprintf(w, "%s: %s  # %s\n", f.Name, yamlOf(value), from)
	}
}

func yamlOf(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return quoted(v.String())
	case reflect.Slice:
		texts := make([]string, v.Len())
		for i := range texts {
			texts[i] = quoted(v.Index(i).String())
		}
		return "[" + strings.Join(texts, ", ") + "]"
	}
	return fmt.Sprint(v.Interface())
}

// quoted is a string of JSON, which YAML takes as well.
func quoted(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string can be encoded
	return strings.TrimSuffix(out.String(), "\n")
}

// comment breaks a text into lines that begin with #.
func comment(text string) string {
	var out strings.Builder
	length := 0
	for word := range strings.FieldsSeq(text) {
		if length > 0 && length+1+len(word) > width {
			out.WriteString("\n")
			length = 0
		}
		if length == 0 {
			out.WriteString("#")
			length = 1
		}
		out.WriteString(" " + word)
		length += 1 + len(word)
	}
	out.WriteString("\n")
	return out.String()
}
