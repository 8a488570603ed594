package depdesc

import "math/bits"

// bitReader reads big-endian bit fields. After the end it reads zeros and says so.
type bitReader struct {
	b     []byte
	at    int // in bits
	short bool
}

func (r *bitReader) read(n int) (v uint32) {
	if r.at+n > 8*len(r.b) {
		r.short = true
		return 0
	}
	for range n {
		v = v<<1 | uint32(r.b[r.at>>3]>>(7-r.at&7))&1
		r.at++
	}
	return v
}

func (r *bitReader) flag() bool { return r.read(1) == 1 }

// nonSymmetric reads ns(n): a value below n in as few bits as it takes (AV1 specification, 4.10.7).
func (r *bitReader) nonSymmetric(n uint32) uint32 {
	w := bits.Len32(n)
	m := uint32(1)<<w - n
	v := r.read(w - 1)
	if v < m {
		return v
	}
	return v<<1 - m + r.read(1)
}

type bitWriter struct {
	b    []byte
	free int // bits of the last byte
}

func (w *bitWriter) write(v uint32, n int) {
	for n--; n >= 0; n-- {
		if w.free == 0 {
			w.b, w.free = append(w.b, 0), 8
		}
		w.free--
		w.b[len(w.b)-1] |= byte(v>>n&1) << w.free
	}
}

func (w *bitWriter) flag(v bool) {
	if v {
		w.write(1, 1)
	} else {
		w.write(0, 1)
	}
}

func (w *bitWriter) nonSymmetric(v, n uint32) {
	width := bits.Len32(n)
	m := uint32(1)<<width - n
	if v < m {
		w.write(v, width-1)
	} else {
		w.write(v+m, width)
	}
}
