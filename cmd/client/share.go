package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/schollz/progressbar/v3"

	"github.com/grotto-meet/grotto/internal/call"
	"github.com/grotto-meet/grotto/olmkeys"
)

// sharing is what a command about files does; nil if it is none, or incomplete.
func (t *talk) sharing(command, rest string) func() error {
	switch {
	case rest == "":
	case command == "/send":
		return func() error {
			if t.to == "" {
				return t.share(rest)
			}
			to, err := t.call.Find(t.to)
			if err != nil {
				return err
			}
			return t.share(rest, to)
		}
	case command == "/send-to":
		return func() error { return t.addressed(rest, "/send-to NAME FILE", t.sendTo) }
	case command == "/take":
		number, err := strconv.Atoi(rest)
		if err != nil {
			return nil
		}
		return func() error {
			if err := t.call.Take(number); err != nil {
				return err
			}
			t.taking.Add(1)
			return nil
		}
	}
	return nil
}

func (t *talk) sendTo(name, path string) error {
	to, err := t.call.Find(name)
	if err != nil {
		return err
	}
	return t.share(path, to)
}

// share offers a file. It is read at once: what is changed on disk meanwhile does not matter.
func (t *talk) share(path string, to ...olmkeys.Ref) error {
	info, err := os.Stat(path)
	if err == nil && info.Size() > call.MaxFile {
		return &call.Error{Class: call.ErrUnsaid, What: fmt.Sprintf("%s has %d bytes", filepath.Base(path), info.Size()), Hint: fmt.Sprintf("at most %d", call.MaxFile)}
	}
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("is not a file")
	}
	content := []byte(nil)
	if err == nil {
		content, err = os.ReadFile(path)
	}
	if err != nil {
		return &call.Error{Class: call.ErrUnsaid, What: fmt.Sprintf("%s: %v", filepath.Base(path), cause(err)), Err: err}
	}
	return t.call.Share(filepath.Base(path), content, to...)
}

// file tells how far one comes, and writes it once it is whole. It runs in the call's goroutine.
func (t *talk) file(f call.Transfer) {
	if !f.Done && f.Err == nil {
		if t.bar != nil {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.bar(f.Name, f.Have, f.Size)
		}
		return
	}
	defer t.taking.Add(-1)
	if f.Err != nil {
		t.fault(f.Err, "", &t.missed)
		return
	}
	path, err := t.keep(f.Name, f.Data)
	if err != nil {
		t.fault(&call.Error{Class: call.ErrUnsaid, What: fmt.Sprintf("%s could not be written: %v", f.Name, cause(err)), Err: err}, "", &t.missed)
		return
	}
	t.say(event{Type: "file_saved", File: f.File, Text: f.Name, Path: path}, "Saved as "+path+".")
}

// keep writes a file under its name, or one beside it that is free: nothing is overwritten.
func (t *talk) keep(name string, data []byte) (path string, err error) {
	ending := filepath.Ext(name)
	for i := range 100 {
		path = filepath.Join(t.into, name)
		if i > 0 {
			path = filepath.Join(t.into, fmt.Sprintf("%s (%d)%s", name[:len(name)-len(ending)], i, ending))
		}
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = file.Write(data)
		return path, errors.Join(err, file.Close())
	}
	return "", fs.ErrExist
}

// cause is an error without the path, which is said before it.
func cause(err error) error {
	if of, ok := errors.AsType[*fs.PathError](err); ok {
		return of.Err
	}
	return err
}

// bytesBar counts in bytes.
func bytesBar() progressbar.Option { return progressbar.OptionShowBytes(true) }
