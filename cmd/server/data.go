package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"github.com/grotto-meet/grotto/internal/config"
	"github.com/grotto-meet/grotto/internal/datadir"
)

// openData opens the folder for what is kept between runs. It is empty where there is none to be had and nobody asked for one: then all
// is kept in memory, which is enough to try things out.
func openData(f *config.Loaded, log *slog.Logger) (folder string, err error) {
	folder, err = datadir.Open(f.Data)
	if err == nil || wanted(f) || errors.Is(err, datadir.ErrOpen) {
		return folder, dataProblem(err, f.Data)
	}
	log.Warn("nothing is kept between runs: there is no folder for it", "error", err, "hint", "--data names one that this user can write")
	return "", nil
}

// wanted says whether somebody counts on things being kept.
func wanted(f *config.Loaded) bool {
	_, named := f.From["data"]
	_, given := os.LookupEnv("STATE_DIRECTORY")
	return named || given || f.ACME()
}

// dataProblem words why a folder for data is not taken; nil for none.
func dataProblem(err error, folder string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, datadir.ErrOpen):
		return hinted{err, fmt.Sprintf("chmod -R go= %s, and if others may have read it, delete what is secret in it, the acme folder and the database: it is theirs, too", folder)}
	case errors.Is(err, fs.ErrPermission):
		return hinted{err, "--data names a folder that this user can write"}
	}
	return hinted{err, "--data names a folder for keys and certificates"}
}
