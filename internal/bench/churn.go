package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// What the issue of churn asks for, in milliseconds.
const (
	joinTargetGo       = 5
	joinTargetChromium = 25
	switchTarget       = 1000
	firstFrameTarget   = 1000
)

// metric is one of the figures that a benchmark reports besides its time: "13.10 join-ms".
var metric = regexp.MustCompile(`([0-9.e+]+) ([a-z0-9/-]+)`)

// metrics runs benchmarks once and returns all that each reports, by the benchmark's name and the unit.
func metrics(pkg, bench, benchtime string) (map[string]map[string]float64, error) {
	fmt.Fprintln(os.Stderr, "bench:", pkg, bench)
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", bench, "-benchtime", benchtime, "-timeout", "30m", pkg)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", pkg, err, text)
	}
	all := map[string]map[string]float64{}
	for line := range strings.Lines(string(text)) {
		name, rest, ok := strings.Cut(line, "\t")
		if !ok || !strings.HasPrefix(name, "Benchmark") {
			continue
		}
		name = regexp.MustCompile(`-\d+ *$`).ReplaceAllString(name, "")
		all[name] = map[string]float64{}
		for _, m := range metric.FindAllStringSubmatch(rest, -1) {
			if v, err := strconv.ParseFloat(m[1], 64); err == nil {
				all[name][m[2]] = v
			}
		}
	}
	return all, nil
}

// churn is what joins and leaves cost: messages and bytes of all, the work of one member in Go and in Chromium; and, in
// real time on this machine's cores, how soon senders use another key after a leave, and when a first frame has opened.
func churn() (rows []Row, err error) {
	bare, err := metrics("./olmkeys", "^Benchmark(BareJoin|OlmTurn)$", "300ms")
	if err != nil {
		return nil, err
	}
	joinFloor, turn := bare["BenchmarkBareJoin"]["ns/op"]/1e6, bare["BenchmarkOlmTurn"]["ns/op"]/1e6
	costs, err := metrics("./olmkeys", "^BenchmarkChurn(Chromium)?$", "2x")
	if err != nil {
		return nil, err
	}
	add := func(name, unit string, value, floor, target float64) {
		if value == 0 {
			return // as where there is no Chromium
		}
		r := Row{Name: name, Value: value, Unit: unit, Floor: floor, Target: target}
		if floor > 0 {
			r.Ratio = value / floor
		}
		rows = append(rows, r)
	}
	for _, n := range []int{10, 50, 100} {
		size := float64(n)
		inGo, inChromium := costs[fmt.Sprint("BenchmarkChurn/", n)], costs[fmt.Sprint("BenchmarkChurnChromium/", n)]
		add(fmt.Sprintf("messages of a join among %d / a share each way", n), "messages", inGo["join-messages"], 2*(size-1), 0)
		add(fmt.Sprintf("bytes of a join among %d", n), "bytes", inGo["join-bytes"], 0, 0)
		add(fmt.Sprintf("messages of a leave among %d / a share to each by each", n), "messages", inGo["leave-messages"], (size-1)*(size-2), 0)
		add(fmt.Sprintf("bytes of a leave among %d", n), "bytes", inGo["leave-bytes"], 0, 0)
		add(fmt.Sprintf("a member's work for a join among %d, Go / bare Olm and ML-KEM", n), "ms", inGo["join-ms"], joinFloor, joinTargetGo)
		add(fmt.Sprintf("a member's work for a leave among %d, Go / bare Olm", n), "ms", inGo["leave-ms"], turn*(size-2), 0)
		add(fmt.Sprintf("a member's work for a join among %d, Chromium / Go", n), "ms", inChromium["join-ms"], inGo["join-ms"], joinTargetChromium)
		add(fmt.Sprintf("a member's work for a leave among %d, Chromium / Go", n), "ms", inChromium["leave-ms"], inGo["leave-ms"], 0)
	}
	real, err := metrics("./internal/call", "^Benchmark(Switch|FirstFrame)$", "1x")
	if err != nil {
		return nil, err
	}
	for _, n := range []int{25, 100} {
		took := real[fmt.Sprint("BenchmarkSwitch/", n)]
		add(fmt.Sprintf("from a leave to the next key, %d clients and a page on these cores, p50", n), "ms", took["p50-ms"], 0, 0)
		add(fmt.Sprintf("from a leave to the next key, %d clients and a page on these cores, p99", n), "ms", took["p99-ms"], 0, switchTarget)
		add(fmt.Sprintf("from a leave until another has Chromium's next key, among %d, p50", n), "ms", took["p50-chromium-ms"], 0, 0)
		add(fmt.Sprintf("from a leave until another has Chromium's next key, among %d, p99", n), "ms", took["p99-chromium-ms"], 0, 0)
	}
	add("from joining to the first frame opened", "ms", real["BenchmarkFirstFrame"]["max-ms"], 0, firstFrameTarget)
	return rows, nil
}
