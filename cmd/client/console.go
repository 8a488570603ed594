package main

import (
	"bufio"
	"context"
	"io"
	"os"
)

// console is where a command writes, results to out and everything else to err, and what it reads from.
type console struct {
	in       *input
	out, err io.Writer
}

// maxLine bounds a line of input; what cannot be sent is refused later, with a reason.
const maxLine = 1 << 20

// input is standard input, by lines.
type input struct {
	file  *os.File
	lines chan string // closed at the end
	err   error       // once it is closed
}

// next is the next line; false at the end of the input, or of the context.
func (i *input) next(ctx context.Context) (string, bool) {
	select {
	case line, ok := <-i.read():
		return line, ok
	case <-ctx.Done():
		return "", false
	}
}

// read begins reading, if nobody did. The goroutine may outlast everything: a terminal cannot be told to give up.
func (i *input) read() <-chan string {
	if i.lines != nil {
		return i.lines
	}
	i.lines = make(chan string)
	go func() {
		defer close(i.lines)
		scanner := bufio.NewScanner(i.file)
		scanner.Buffer(nil, maxLine)
		for scanner.Scan() {
			i.lines <- scanner.Text()
		}
		i.err = scanner.Err()
	}()
	return i.lines
}

// begun says whether it is being read. That cannot be taken back.
func (i *input) begun() bool { return i.lines != nil }

// person says whether somebody may be typing, rather than a program or file that comes to an end.
func (i *input) person() bool {
	info, err := i.file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// ends says whether the end of the input is the end of what is to be said: of a pipe or a file, not of a terminal or
// of nothing.
func (i *input) ends() bool {
	info, err := i.file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice == 0
}
