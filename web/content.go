package web

import (
	"bytes"
	"crypto/sha256"
	"io"
	"io/fs"
)

// content is what a file holds. What is embedded is read where it lies each time somebody asks: it is in the program's file, of which the
// system has in memory what is used. A copy would be ours for good, and the whole page is 20 MB.
type content struct {
	made []byte // what is not embedded
	dist fs.FS  // nil: it was made
	name string
	size int64
}

func made(body []byte) content { return content{made: body, size: int64(len(body))} }

func stored(dist fs.FS, name string) (content, error) {
	info, err := fs.Stat(dist, name)
	if err != nil {
		return content{}, err
	}
	return content{dist: dist, name: name, size: info.Size()}, nil
}

func (c content) copyTo(w io.Writer) error {
	if c.dist == nil {
		_, err := io.Copy(w, bytes.NewReader(c.made))
		return err
	}
	f, err := c.dist.Open(c.name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

func (c content) sum() (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	err = c.copyTo(h)
	h.Sum(sum[:0])
	return sum, err
}
