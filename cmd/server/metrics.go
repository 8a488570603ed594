package main

import (
	"context"
	"net"
	"net/http"

	"github.com/grotto-meet/grotto/internal/node"
)

// listenMetrics opens the port of the figures; nil: nobody asked for it.
func listenMetrics(ctx context.Context, addr string) (net.Listener, error) {
	if addr == "" {
		return nil, nil
	}
	tcp, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, socketProblem(err, addr, "--metrics")
	}
	return tcp, nil
}

// metricsHandler serves them, and what probes ask that come by no name and with no TLS.
func metricsHandler(n *node.Node) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", n.Metrics())
	mux.Handle("GET "+node.HealthPath, n.Handler())
	mux.Handle("GET "+node.ReadyPath, n.Handler())
	return mux
}
