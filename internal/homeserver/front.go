package homeserver

import (
	"context"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
)

// front is what clients reach: it stays where it is while the homeserver goes and comes. Nor does Dendrite learn from it that a client has gone: with SQLite a
// request that is given up while it is answered can leave a transaction open, and then nobody is answered any more.
type front struct {
	server *http.Server
	target atomic.Pointer[url.URL] // nil while the homeserver is down
}

func newFront() (f *front, at string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	f = &front{}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	proxy := &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			if to := f.target.Load(); to != nil { // else it fails below
				r.SetURL(to)
			}
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // as if nobody were there
	}
	f.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.target.Load() == nil {
			panic(http.ErrAbortHandler)
		}
		ctx, done := context.WithCancel(context.WithoutCancel(r.Context()))
		defer done()
		proxy.ServeHTTP(w, r.WithContext(ctx))
	})}
	go func() { _ = f.server.Serve(l) }()
	return f, "http://" + l.Addr().String(), nil
}
