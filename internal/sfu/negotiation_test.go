package sfu

import (
	"math/rand/v2"
	"testing"
)

// Whatever happens in whatever order: offers do not overlap, and when all is quiet the newest change has been offered.
func TestNegotiation(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		var n negotiation
		newest, offered := 0, 0 // versions of the room
		restart := false        // wanted, and not offered yet
		outstanding := uint64(0)
		var offer func()
		connecting := false // the transport, after the first answer
		connect := func() {
			due := n.connected()
			if due && !connecting {
				t.Fatal("connected twice")
			}
			connecting = false
			if due {
				offer()
			}
		}
		offer = func() {
			if n.begin() {
				if outstanding != 0 || connecting && !(n.again && n.begun) {
					t.Fatal("offers overlap")
				}
				restart, connecting = false, false
				offered = newest
				outstanding = n.offered()
			}
		}
		answer := func() {
			if outstanding == 0 {
				return
			}
			if n.expects(outstanding+1) || n.expects(outstanding-1) {
				t.Fatal("takes an answer to another offer")
			}
			if !n.expects(outstanding) {
				t.Fatal("does not take the answer")
			}
			old := outstanding
			outstanding = 0
			connecting = old == 1
			if n.answered() {
				offer()
			}
			if outstanding != old && n.expects(old) {
				t.Fatal("takes an answer twice")
			}
		}
		for range 100 {
			switch random.IntN(7) {
			case 0, 1:
				newest++
				offer()
			case 4:
				n.restart()
				restart = true
				offer()
			case 5:
				if connecting && n.begins() {
					offer()
				}
			case 2, 3:
				answer()
			default:
				connect()
			}
		}
		for outstanding != 0 || connecting {
			answer()
			connect()
		}
		if restart {
			t.Fatalf("seed %d: no offer restarted ICE", seed)
		}
		if offered != newest {
			t.Fatalf("seed %d: offered version %d of %d", seed, offered, newest)
		}
	}
}
