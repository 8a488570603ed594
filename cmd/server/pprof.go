package main

import (
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"syscall"
)

// listenPprof opens the Unix socket of profiles; nil: nobody asked for it. What a run before has left at the path is taken away, if it is a socket.
func listenPprof(path string) (net.Listener, error) {
	if path == "" {
		return nil, nil
	}
	info, err := os.Lstat(path)
	switch {
	case err == nil && info.Mode().Type() != fs.ModeSocket:
		return nil, hinted{errors.New(path + " is there, and is no socket"), "choose another path with --pprof"}
	case err == nil:
		if err := os.Remove(path); err != nil {
			return nil, hinted{err, "choose another path with --pprof"}
		}
	}
	before := syscall.Umask(0o177) // for this user alone, from its first moment
	socket, err := net.Listen("unix", path)
	syscall.Umask(before)
	if err != nil {
		return nil, hinted{err, "--pprof names a socket in a folder that this user can write"}
	}
	return socket, nil
}

func pprofHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}
