package main

import (
	"io"
	"log"
	"net/http"
	"time"
)

// Bounds of what a connection may take before it has said anything of use.
const (
	headerTimeout  = 10 * time.Second
	requestTimeout = 30 * time.Second
	answerTimeout  = 5 * time.Minute // the page is 10 MB with all that can be asked of it; a line that a meeting fits through takes as long
	idleTimeout    = 2 * time.Minute
	maxHeader      = 16 << 10
)

func newHTTPServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      answerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(io.Discard, "", 0), // it names the addresses of people
	}
}
