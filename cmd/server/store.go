package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/grotto-meet/grotto/internal/config"
	"github.com/grotto-meet/grotto/internal/datadir"
	"github.com/grotto-meet/grotto/internal/room"
	"github.com/grotto-meet/grotto/internal/store"
	"github.com/grotto-meet/grotto/internal/wire"
)

// openStore opens what is known again after a restart. Where there is no folder it is in memory.
func openStore(ctx context.Context, f *config.Loaded, folder string, log *slog.Logger) (*store.Store, error) {
	if folder == "" {
		return store.Memory(ctx)
	}
	s, err := store.Open(ctx, filepath.Join(folder, store.FileName))
	if errors.Is(err, store.ErrReadOnly) && !wanted(f) {
		log.Warn("nothing is kept between runs: the database cannot be written", "error", err, "hint", "--data names a folder that this user can write")
		return store.Memory(ctx)
	}
	return s, storeProblem(err)
}

// storeProblem words why a database is not taken; nil for none.
func storeProblem(err error) error {
	hint := ""
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrCorrupt), errors.Is(err, store.ErrForeign):
		hint = "grotto-server restore FILE puts a backup in its place; without one, move the file away to begin anew"
	case errors.Is(err, store.ErrNewer):
		hint = "run the version of grotto-server that was here last, or restore a backup from before"
	case errors.Is(err, store.ErrReadOnly):
		hint = "--data names a folder that this user can write"
	case errors.Is(err, store.ErrFull):
		hint = "make room on the disk, then try again"
	case errors.Is(err, store.ErrBusy):
		hint = "another grotto-server command is at work in this folder: wait for it"
	case errors.Is(err, store.ErrInUse):
		hint = "stop the server first; a backup is what grotto-server backup writes"
	case errors.Is(err, store.ErrExists):
		hint = "name another file, or move that one away"
	default:
		return err
	}
	return hinted{err, hint}
}

// terms are what the operator laid down for the rooms that are kept. What a room has that nobody made is nothing special.
func terms(s *store.Store, f *config.Settings) func(context.Context, string) (room.Terms, error) {
	return func(ctx context.Context, slug string) (room.Terms, error) {
		r, err := s.Room(ctx, slug)
		switch {
		case errors.Is(err, store.ErrNotFound) && f.RoomsOnly && !slices.Contains(f.Room, slug):
			return room.Terms{}, room.UnknownRoom()
		case errors.Is(err, store.ErrNotFound):
			return room.Terms{}, nil
		case err != nil:
			return room.Terms{}, err
		}
		t := room.Terms{Made: true, Participants: r.MaxParticipants, Locked: r.Locked, Waiting: r.WaitingRoom, DefaultRole: wire.Role(r.DefaultRole),
			Length: r.SessionLength, TokenOnly: r.Privacy == store.Private}
		for _, feature := range r.Off {
			t.Off = append(t.Off, wire.Feature(feature))
		}
		return t, nil
	}
}

// backupCommand copies what is kept, also while the server runs.
type backupCommand struct {
	File string `arg:"" help:"The file to write. It must not be there yet."`
	JSON bool   `name:"json" help:"Print what was written as JSON."`
}

func (c *backupCommand) run(ctx context.Context, f *config.Loaded, stdout io.Writer) error {
	from := filepath.Join(f.Data, store.FileName)
	if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
		return hinted{fmt.Errorf("there is nothing to back up in %s", f.Data), "--data names the server's folder"}
	}
	err := store.BackupFile(ctx, from, c.File)
	if errors.Is(err, store.ErrReadOnly) {
		return hinted{err, "name a file in a folder that this user can write"}
	}
	if err != nil {
		return storeProblem(err)
	}
	info, err := os.Stat(c.File)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(stdout).Encode(struct {
			File  string `json:"file"`
			Bytes int64  `json:"bytes"`
		}{c.File, info.Size()})
	}
	fmt.Fprintf(stdout, "Wrote %s, %d bytes. It holds secrets: keep it where others cannot read it.\n", c.File, info.Size())
	return nil
}

// restoreCommand puts a backup in the place of what is kept.
type restoreCommand struct {
	File string `arg:"" help:"The backup. It is not changed."`
	JSON bool   `name:"json" help:"Print what was done as JSON."`
}

func (c *restoreCommand) run(ctx context.Context, f *config.Loaded, stdout io.Writer) error {
	folder, err := datadir.Open(f.Data)
	if err != nil {
		return dataProblem(err, f.Data)
	}
	path := filepath.Join(folder, store.FileName)
	aside, err := store.Restore(ctx, c.File, path)
	switch {
	case errors.Is(err, store.ErrForeign), errors.Is(err, store.ErrCorrupt):
		return hinted{err, "nothing was changed; a backup is what grotto-server backup writes"}
	case err != nil:
		return storeProblem(err)
	case c.JSON:
		return json.NewEncoder(stdout).Encode(struct {
			File  string `json:"file"`
			Aside string `json:"aside,omitempty"`
		}{path, aside})
	}
	fmt.Fprintf(stdout, "Restored %s.\n", path)
	if aside != "" {
		fmt.Fprintf(stdout, "What was there before is in %s; delete it when it is not needed any more.\n", aside)
	}
	return nil
}
