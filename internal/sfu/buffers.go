package sfu

import (
	"sync"
	_ "unsafe" // for go:linkname

	"github.com/grotto-meet/grotto/internal/sfu/burst"
)

// Pion's ICE and DTLS wait for the next packet with a buffer each, out of pools that nothing can be said to: 8 KiB, as long as a
// connection lasts. What is longer than [burst.MaxDatagram] never gets there, so that is what the pools make here.

//go:linkname iceBuffers github.com/pion/ice/v4.bufferPool
var iceBuffers sync.Pool

//go:linkname dtlsBuffers github.com/pion/dtls/v3.poolReadBuffer
var dtlsBuffers sync.Pool

func init() {
	for _, pool := range []*sync.Pool{&iceBuffers, &dtlsBuffers} {
		if pool.New == nil {
			panic("sfu: this version of Pion has its buffers elsewhere")
		}
		pool.New = func() any {
			b := make([]byte, burst.MaxDatagram)
			return &b
		}
	}
}
