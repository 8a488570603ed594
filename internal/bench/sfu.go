package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// What forwarding may cost. The machine's own limit is near 0.13 of the floor; LiveKit and Galene need more than half of it.
const (
	targetFanOut = 0.25
	targetMesh   = 0.45
	targetDelay  = 1 // of the floor's
	targetLoss   = 0.2

	targetMeshRSS  = 2048 // KiB a participant
	targetJoined   = 100
	targetSilent   = 400
	targetSocket   = 8
	idleSessions   = 200
	idleSockets    = 1000
	warmUp, window = 2 * time.Second, 8 * time.Second
)

// forwarding runs Grotto and the floor in turns, and gives the median of each figure; with a yardstick's folder, that as well.
func forwarding(rounds int, yardstick string) (rows []Row, err error) {
	roles := []string{roleFloor, roleServer}
	if yardstick != "" {
		if yardstick, err = buildYardstick(yardstick); err != nil {
			return nil, err
		}
		defer os.RemoveAll(filepath.Dir(yardstick))
		roles = append(roles, roleYardstick)
	}
	for _, c := range []struct {
		scenario
		target float64
	}{{scenario{Publishers: 1, Subscribers: 50}, targetFanOut}, {scenario{Publishers: 10}, targetMesh}} {
		c.Warm, c.For = warmUp, window
		measured := map[string][]result{}
		for range rounds {
			for _, role := range roles {
				r, err := c.against(role, yardstick)
				if err != nil {
					return nil, err
				}
				fmt.Fprintf(os.Stderr, "%v %-9s %5.2f us/packet, p50 %.0f us, p99 %.0f us, loss %.3f %%, %d twice, %.0f MiB, %.2f + %.2f cores\n",
					c, role, r.CPU, r.P50, r.P99, r.Loss, r.Again, float64(r.RSS)/(1<<20), r.Cores, r.LoadCores)
				measured[role] = append(measured[role], r)
			}
		}
		rows = append(rows, compare(c.scenario, c.target, measured[roleServer], measured[roleFloor])...)
		if yardstick != "" {
			rows = append(rows, againstYardstick(c.scenario, measured[roleFloor], measured[roleYardstick]))
		}
	}
	idle, err := idleRows()
	return append(rows, idle...), err
}

// against runs a scenario on a fresh server.
func (s scenario) against(role, yardstick string) (result, error) {
	var p *process
	var err error
	if role == roleYardstick {
		p, err = startYardstick(yardstick)
	} else {
		p, err = start(role)
	}
	if err != nil {
		return result{}, err
	}
	defer p.stop()
	s.Kind, s.Addr, s.PID = p.kind, p.addr, p.cmd.Process.Pid
	return runLoad(s)
}

func compare(s scenario, target float64, ours, floor []result) []Row {
	row := func(what, unit string, target float64, figure func(result) float64) Row {
		r := Row{Name: fmt.Sprintf("forwarding %v: %s / stock Pion", s, what), Unit: unit, Target: target, Value: median(ours, figure), Floor: median(floor, figure)}
		r.Ratio = r.Value / r.Floor
		return r
	}
	participants := s.Publishers + s.Subscribers
	each := func(r result) float64 { return float64(r.RSS-r.RSS0) / 1024 / float64(participants) }
	rows := []Row{
		row("CPU a packet", "us", target, func(r result) float64 { return r.CPU }),
		row("delay p50", "us", targetDelay, func(r result) float64 { return r.P50 }),
		row("delay p99", "us", targetDelay, func(r result) float64 { return r.P99 }),
		row("RSS a participant", "KiB", 0, each),
		{Name: fmt.Sprintf("forwarding %v: loss", s), Unit: "%", Target: targetLoss, Value: median(ours, func(r result) float64 { return max(0, r.Loss) })},
	}
	if s.mesh() {
		rows[3].Target = targetMeshRSS
	}
	return rows
}

func median(results []result, figure func(result) float64) float64 {
	var all []float64
	for _, r := range results {
		all = append(all, figure(r))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// idleRows is the memory of those who are there and do nothing.
func idleRows() (rows []Row, err error) {
	for _, c := range []struct {
		name, kind string
		n          int
		target     float64
	}{
		{"a socket that said hello", idleHello, idleSockets, targetSocket},
		{"a participant with keys and no media", idleJoined, idleSessions, targetJoined},
		{"a participant in a room for two, both connections open and silent", idleSilent, idleSessions, targetSilent},
	} {
		p, err := start(roleServer)
		if err != nil {
			return nil, err
		}
		r, err := runLoad(scenario{Kind: p.kind, Addr: p.addr, PID: p.cmd.Process.Pid, Idle: c.kind, Subscribers: c.n})
		p.stop()
		if err != nil {
			return nil, err
		}
		each := float64(r.RSS-r.RSS0) / 1024 / float64(c.n)
		fmt.Fprintf(os.Stderr, "%s: %.1f KiB\n", c.name, each)
		rows = append(rows, Row{Name: "RSS of " + c.name, Value: each, Unit: "KiB", Target: c.target})
	}
	return rows, nil
}
