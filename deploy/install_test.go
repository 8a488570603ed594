package deploy

import (
	"path/filepath"
	"syscall"
	"testing"
)

// The package on a machine of its own, from where UDP does not go anywhere, with people in a call all the while.
func TestInstalled(t *testing.T) {
	s := newSite(t)
	s.start(t)
	noUDP(t, s.client, s.server)
	noUDP(t, s.server, s.client)

	for _, file := range []string{"vp8.ivf", "opus.ogg"} {
		put(t, filepath.Join(s.root, "tmp", file), read(t, "../testdata/media/"+file), 0o644)
	}
	api := s.api(t)
	id, link := makeRoom(t, api, 3)
	ann := s.join(t, link, "Ann", "--network", "tcp", "--publish", "/tmp/vp8.ivf", "--publish", "/tmp/opus.ogg")
	ben := s.join(t, link, "Ben", "--network", "relay", "--publish", "/tmp/vp8.ivf")
	cem := s.record(t, link, "Cem") // by whatever works
	s.flowing(t, 3)
	if n := s.figure("grotto_relays"); n < 1 {
		t.Errorf("%v relays, and one uses nothing else", n)
	}

	if s.serial(t) != 1 {
		t.Error("it has another certificate than the one that it was given")
	}
	s.certify(t, 2)
	_ = s.running.Process.Signal(syscall.SIGHUP)
	soon(t, "the new certificate", func() bool { return s.serial(t) == 2 })
	s.flowing(t, 3) // the same call: only a server that begins has counted nothing

	s.said(t, serverIn(installedData, "backup", "/tmp/backup.db")...) // by root, while it runs
	s.kill(t)
	s.start(t)
	s.flowing(t, 3)

	s.kill(t)
	s.lose(t)
	s.said(t, serverIn(installedData, "restore", "/tmp/backup.db")...)
	s.start(t)
	s.flowing(t, 3)
	s.full(t, link)
	if room, err := api.Room(t.Context(), id); err != nil || room.MaxParticipants != 3 {
		t.Errorf("the room after it was restored: %+v %v", room, err)
	}

	for p, wants := range map[*person][]string{ann: {"Ben camera"}, ben: {"Ann camera", "Ann mic"}, cem: {"Ann camera", "Ann mic", "Ben camera"}} {
		opened := p.leave(t)
		for _, want := range wants {
			if opened[want] < 20 {
				t.Errorf("%v: of %s %d frames opened: %v", p.cmd.Args[4], want, opened[want], opened)
			}
		}
	}
	_ = s.running.Process.Signal(syscall.SIGTERM)
	if err := s.running.Wait(); err != nil {
		t.Errorf("asked to stop: %v", err)
	}
	s.purge(t)
}
