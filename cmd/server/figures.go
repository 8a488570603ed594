package main

import (
	"os"
	"runtime"
	"time"

	"github.com/grotto-meet/grotto/internal/gate"
	"github.com/grotto-meet/grotto/internal/node"
	"github.com/grotto-meet/grotto/internal/webhook"
	"github.com/grotto-meet/grotto/web"
)

// figures are those that the node does not know.
func figures(guard *gate.Gate, hooks webhook.Stats, until func() time.Time) []node.Metric {
	refused := guard.Refused()
	all := []node.Metric{
		{Name: "build_info", Kind: node.Gauge, Help: "Always 1, by the version of the program.", Label: "version", Values: map[string]float64{version: 1}},
		{Name: "bundle_info", Kind: node.Gauge, Help: "Always 1, by the hash of the page's files.", Label: "bundle", Values: map[string]float64{web.Bundle(): 1}},
		{Name: "start_time_seconds", Kind: node.Gauge, Help: "When the program began, as Unix time.", Value: float64(started.Unix())},
		{Name: "refused_total", Kind: node.Counter, Help: "Connections and requests that were turned away, by why: connections and open are too many at a time, rate is too many a second.",
			Label: "why", Values: map[string]float64{"connections": float64(refused.Connections), "open": float64(refused.Requests), "rate": float64(refused.Rate)}},
		{Name: "webhook_tries_total", Kind: node.Counter, Help: "Tries to deliver an event to a webhook, by outcome: given_up is the last one, after a day or two, or an address that wants nothing any more.",
			Label: "outcome", Values: map[string]float64{"taken": float64(hooks.Taken), "failed": float64(hooks.Failed), "given_up": float64(hooks.GivenUp)}},
		{Name: "goroutines", Kind: node.Gauge, Help: "Goroutines of the program.", Value: float64(runtime.NumGoroutine())},
	}
	if end := until(); !end.IsZero() {
		all = append(all, node.Metric{Name: "certificate_ends_seconds", Kind: node.Gauge, Help: "When the certificate ends, as Unix time.", Value: float64(end.Unix())})
	}
	return append(all, ofTheProcess()...)
}

var started = time.Now()

// ofTheProcess is what the system says of the program.
func ofTheProcess() []node.Metric {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	all := []node.Metric{
		{Name: "heap_bytes", Kind: node.Gauge, Help: "Memory in use by the program's data.", Value: float64(m.HeapAlloc)},
		{Name: "memory_bytes", Kind: node.Gauge, Help: "Memory that the program has from the system.", Value: float64(m.Sys - m.HeapReleased)},
		{Name: "collections_total", Kind: node.Counter, Help: "Collections of garbage.", Value: float64(m.NumGC)},
	}
	if used, ok := cpuTime(); ok {
		all = append(all, node.Metric{Name: "cpu_seconds_total", Kind: node.Counter, Help: "Processor time used.", Value: used.Seconds()})
	}
	if open, err := os.ReadDir("/proc/self/fd"); err == nil {
		all = append(all, node.Metric{Name: "open_files", Kind: node.Gauge, Help: "Files and sockets that are open.", Value: float64(len(open))})
	}
	if limit, ok := fileLimit(); ok {
		all = append(all, node.Metric{Name: "open_files_limit", Kind: node.Gauge, Help: "How many may be.", Value: limit})
	}
	return all
}
