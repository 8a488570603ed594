package reception

import (
	"encoding/binary"
	"time"
)

const (
	// arrivalsKept bounds what one feedback can cover, and how late a packet can be told of. A power of two.
	arrivalsKept = 1024

	// maxTold is what one feedback is about at most: then it fits into a datagram whatever came when.
	maxTold = 400

	deltaUnit     = 250 * time.Microsecond
	referenceUnit = 64 * time.Millisecond

	formatTransport = 15
)

// Arrivals is when the packets of a connection came, by their transport-wide numbers. The zero value is ready.
type Arrivals struct {
	started  bool
	highest  uint64                      // extended number; above 1<<16, so that lateness cannot wrap
	next     uint64                      // the first that the next feedback is about
	fresh    bool                        // something came since the last feedback
	at       [arrivalsKept]time.Duration // by number; 0: it did not come
	feedback uint8                       // number of the next feedback
}

// Arrived is told of each packet of the connection that carries a number.
func (a *Arrivals) Arrived(sequence uint16, now time.Duration) {
	now = max(now, 1)
	if !a.started {
		a.started, a.highest = true, 1<<16|uint64(sequence)
		a.next = a.highest
	}
	ahead := int16(sequence - uint16(a.highest))
	number := a.highest + uint64(int64(ahead))
	switch {
	case ahead > 0:
		from := max(a.highest+1, number-min(number, arrivalsKept-1))
		for n := from; n < number; n++ {
			a.at[n%arrivalsKept] = 0
		}
		a.highest = number
		a.next = max(a.next, number-arrivalsKept+1)
	case a.highest-number >= arrivalsKept:
		return
	default:
		a.next = min(a.next, number) // it was told as lost
	}
	a.at[number%arrivalsKept] = now
	a.fresh = true
}

// The symbols of a packet's status.
const (
	notReceived = iota
	smallDelta  // one byte
	largeDelta  // two, signed
)

// AppendFeedback tells of all that came since the last time; it appends nothing if that is nothing. It may have to be called
// again, where there are too many or the times between them are longer than a feedback can hold, which it reports as more.
func (a *Arrivals) AppendFeedback(b []byte, sender, media uint32) (_ []byte, more bool) {
	if !a.fresh {
		return b, false
	}
	first := a.next
	for a.at[first%arrivalsKept] == 0 { // ends: the highest one came
		first++
	}
	var symbols [maxTold]byte
	var deltas [maxTold]int16
	reference := a.at[first%arrivalsKept] / referenceUnit
	count, before := 0, reference*referenceUnit
	for n := a.next; n <= a.highest && count < maxTold; n++ {
		at := a.at[n%arrivalsKept]
		if at != 0 {
			units := (at - before) / deltaUnit
			if units != time.Duration(int16(units)) {
				break
			}
			before += units * deltaUnit // what rounding leaves goes into the next one
			deltas[count], symbols[count] = int16(units), smallDelta
			if units < 0 || units > 255 {
				symbols[count] = largeDelta
			}
		}
		count++
	}
	start := len(b)
	b = appendFeedbackHeader(b, formatTransport, sender, media)
	b = binary.BigEndian.AppendUint16(b, uint16(a.next))
	b = binary.BigEndian.AppendUint16(b, uint16(count))
	b = binary.BigEndian.AppendUint32(b, uint32(reference)<<8|uint32(a.feedback))
	b = appendChunks(b, symbols[:count])
	for i, symbol := range symbols[:count] {
		switch symbol {
		case smallDelta:
			b = append(b, byte(deltas[i]))
		case largeDelta:
			b = binary.BigEndian.AppendUint16(b, uint16(deltas[i]))
		}
	}
	b = padFeedback(b, start)
	a.feedback++
	a.next += uint64(count)
	a.fresh = a.next <= a.highest
	return b, a.fresh
}

const vectorSymbols = 7 // in a chunk of two bits each

// appendChunks writes runs as such and all else in vectors of two bits a packet (§3.1.2 to §3.1.4).
func appendChunks(b []byte, symbols []byte) []byte {
	const vector, twoBits, longestRun = 1 << 15, 1 << 14, 1<<13 - 1
	for len(symbols) > 0 {
		run := 1
		for run < len(symbols) && run < longestRun && symbols[run] == symbols[0] {
			run++
		}
		if run >= vectorSymbols || run == len(symbols) {
			b = binary.BigEndian.AppendUint16(b, uint16(symbols[0])<<13|uint16(run))
			symbols = symbols[run:]
			continue
		}
		chunk := uint16(vector | twoBits)
		n := min(vectorSymbols, len(symbols))
		for i, symbol := range symbols[:n] {
			chunk |= uint16(symbol) << (2 * (vectorSymbols - 1 - i))
		}
		b = binary.BigEndian.AppendUint16(b, chunk)
		symbols = symbols[n:]
	}
	return b
}

// padFeedback fills up to whole words, in RTCP's way: the last byte says how many there are.
func padFeedback(b []byte, start int) []byte {
	const paddingBit = 0x20
	if n := (4 - (len(b)-start)%4) % 4; n > 0 {
		b[start] |= paddingBit
		for range n - 1 {
			b = append(b, 0)
		}
		b = append(b, byte(n))
	}
	putLength(b[start:])
	return b
}
