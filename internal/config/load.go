package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFile bounds what is read of a configuration.
const maxFile = 1 << 20

// Sources of settings.
type Sources struct {
	File    string   // path; none if empty
	Environ []string // NAME=value, as of os.Environ
	Ours    []string // names of variables that begin as ours do and are not settings

	// Flags are settings that were given on the command line, and which those are.
	Flags Settings
	Given []string
}

// Loaded are settings and where each of them comes from: "grotto.yaml:3", "GROTTO_UDP" or "--udp".
type Loaded struct {
	Settings
	From map[string]string // by name; what is not in it has its default
}

// Load reads the sources. The error is [Problems].
func Load(from Sources) (*Loaded, error) {
	l := &loader{Loaded: Loaded{From: map[string]string{}}}
	for _, f := range fields {
		if f.Default != "" {
			f.set(&l.Settings, []string{f.Default})
		}
	}
	if from.File != "" {
		l.readFile(from.File)
	}
	l.readEnviron(from.Environ, from.Ours)
	for _, name := range from.Given {
		f, ok := named(name)
		if !ok {
			panic("config: no such flag: " + name)
		}
		f.of(&l.Settings).Set(f.of(&from.Flags))
		l.From[name] = "--" + name
	}
	if len(l.problems) == 0 { // otherwise what is said of values may be wrong
		l.check()
	}
	if len(l.problems) > 0 {
		return nil, l.problems
	}
	l.settle(from.Environ)
	return &l.Loaded, nil
}

type loader struct {
	Loaded
	problems Problems
}

func (l *loader) complain(where, what, hint string) {
	l.problems = append(l.problems, Problem{where, what, hint})
}

// put takes a value in, if it is one.
func (l *loader) put(f Field, values []string, where string) {
	if want := f.set(&l.Settings, values); want != "" {
		l.complain(where, fmt.Sprintf("%s: %q is not %s", f.Name, strings.Join(values, ", "), want), f.Help)
		return
	}
	l.From[f.Name] = where
}

// readEnviron reads what begins as our variables do. What does not exist is refused: a typing error would go unnoticed.
func (l *loader) readEnviron(environ, ours []string) {
	for _, pair := range slices.Sorted(slices.Values(environ)) {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, envPrefix) || slices.Contains(ours, name) || ofAnotherService(name) {
			continue
		}
		i := slices.IndexFunc(fields, func(f Field) bool { return f.Env() == name })
		switch {
		case i < 0:
			l.complain(name, "there is no such setting", nearest(name, Field.Env))
		case value == "":
			l.complain(name, "it is empty", "unset it for the default")
		case fields[i].List:
			l.put(fields[i], strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' }), name)
		default:
			l.put(fields[i], []string{value}, name)
		}
	}
}

// ofAnotherService: Kubernetes and Docker tell containers of a service called grotto by variables of these names.
func ofAnotherService(name string) bool {
	rest := strings.TrimPrefix(name, envPrefix)
	return rest == "PORT" || strings.HasPrefix(rest, "PORT_") || strings.HasPrefix(rest, "SERVICE_")
}

func (l *loader) readFile(path string) {
	body, err := read(path)
	if err != nil {
		hint := "--config names a YAML file; grotto-server config example prints one"
		var pathError *fs.PathError
		if errors.As(err, &pathError) {
			err = pathError.Err
		}
		l.complain(path, err.Error(), hint)
		return
	}
	decoder := yaml.NewDecoder(bytes.NewReader(body))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if !errors.Is(err, io.EOF) { // nothing but comments
			l.complain(syntaxError(path, err))
		}
		return
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		l.complain(path, "there is more than one document in it", "leave out the lines of three dashes")
		return
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		if root.Tag != "!!null" {
			l.complain(at(path, root), "it is no list of keys and values", "write a setting a line, such as listen: :8080")
		}
		return
	}
	seen := map[string]int{}
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if line, twice := seen[key.Value]; twice {
			l.complain(at(path, key), fmt.Sprintf("%s stands in line %d already", key.Value, line), "leave one of them")
			continue
		}
		seen[key.Value] = key.Line
		l.readKey(path, key, value)
	}
}

func read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	body, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(body) > maxFile {
		err = errors.New("it is larger than a configuration")
	}
	return body, err
}

func (l *loader) readKey(path string, key, value *yaml.Node) {
	f, known := named(key.Value)
	if !known {
		l.complain(at(path, key), fmt.Sprintf("unknown key %q", key.Value), nearest(key.Value, func(f Field) string { return f.Name }))
		return
	}
	texts, ok := plain(value)
	switch {
	case value.Tag == "!!null" || value.Kind == yaml.ScalarNode && value.Value == "":
		l.complain(at(path, value), f.Name+" has no value", "leave the line out for the default")
	case !ok || !f.List && value.Kind == yaml.SequenceNode:
		l.complain(at(path, value), f.Name+" is neither text nor a number", f.Help)
	default:
		l.put(f, texts, at(path, value))
	}
}

// plain are the values of a scalar, or of a list of scalars.
func plain(n *yaml.Node) (texts []string, ok bool) {
	switch n.Kind {
	case yaml.ScalarNode:
		return []string{n.Value}, true
	case yaml.SequenceNode:
		for _, item := range n.Content {
			if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
				return nil, false
			}
			texts = append(texts, item.Value)
		}
		return texts, true
	}
	return nil, false
}

func at(path string, n *yaml.Node) string { return fmt.Sprintf("%s:%d", path, n.Line) }

var lineOfError = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

func syntaxError(path string, err error) (where, what, hint string) {
	text := err.Error()
	found := lineOfError.FindStringSubmatch(text)
	if found == nil {
		return path, text, "it is to be YAML"
	}
	if found[1] != "" {
		path += ":" + found[1]
	}
	return path, text[len(found[0]):], "quote values with special characters: \"...\""
}
