package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
)

// harness stands for a test, whose homeserver this is: it ends as the program does.
type harness struct {
	testing.TB // nothing of it beyond what is here

	cleanups []func()
	err      error
}

// errFatal ends run where a test would end.
var errFatal = errors.New("")

func (h *harness) run(body func() error) (err error) {
	defer func() {
		for _, clean := range slices.Backward(h.cleanups) {
			clean()
		}
	}()
	defer func() {
		if r := recover(); r != nil && r != any(errFatal) {
			panic(r)
		} else if r != nil {
			err = h.err
		}
	}()
	return body()
}

func (h *harness) Helper()           {}
func (h *harness) Failed() bool      { return h.err != nil }
func (h *harness) Cleanup(do func()) { h.cleanups = append(h.cleanups, do) }
func (h *harness) Logf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

func (h *harness) Fatal(args ...any) {
	h.err = errors.New(fmt.Sprint(args...))
	panic(errFatal)
}

func (h *harness) Fatalf(format string, args ...any) { h.Fatal(fmt.Sprintf(format, args...)) }
func (h *harness) Skipf(format string, args ...any)  { h.Fatal(fmt.Sprintf(format, args...)) }

func (h *harness) TempDir() string {
	folder, err := os.MkdirTemp("", "grotto-matrixhost-")
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}
