package sfu

// sequenceWindow is how far behind the newest packet a late one may be, in packets: two seconds of high-rate video.
const sequenceWindow = 1024

// sequence lets each sequence number of a stream pass once. That is not politeness: the number is SRTP's nonce towards each
// subscriber (RFC 7714 §8.1), and a publisher can make one arrive twice, by retransmission, with other bytes. Two
// packets under one AES-GCM nonce give away the key that authenticates that connection. The zero value is ready.
type sequence struct {
	started bool
	highest uint64 // the number, extended beyond 16 bits; never below 1<<16, so that lateness cannot wrap
	seen    [sequenceWindow / 64]uint64
}

// accept returns the extended number of a packet, and whether it is new and not too late.
func (s *sequence) accept(number uint16) (extended uint64, ok bool) {
	if !s.started {
		s.started, s.highest = true, 1<<16|uint64(number)
		s.mark(s.highest)
		return s.highest, true
	}
	ahead := int16(number - uint16(s.highest)) // RFC 1982
	extended = s.highest + uint64(int64(ahead))
	if ahead > 0 {
		s.skip(extended)
		s.highest = extended
		s.mark(extended)
		return extended, true
	}
	if int64(-int32(ahead)) >= sequenceWindow || s.marked(extended) {
		return extended, false
	}
	s.mark(extended)
	return extended, true
}

// restart is for a stream whose numbers begin anew: they go on so far ahead that none before can be meant, and the gap is
// too wide to be shown to anybody (see package rewrite).
func (s *sequence) restart(next uint16) {
	if !s.started {
		return
	}
	clear(s.seen[:])
	s.highest = (s.highest>>16+2)<<16 | uint64(next) - 1
}

// skip forgets what falls out of the window.
func (s *sequence) skip(to uint64) {
	if to-s.highest >= sequenceWindow {
		clear(s.seen[:])
		return
	}
	for n := s.highest + 1; n <= to; n++ {
		s.seen[n%sequenceWindow/64] &^= 1 << (n % 64)
	}
}

func (s *sequence) mark(n uint64)        { s.seen[n%sequenceWindow/64] |= 1 << (n % 64) }
func (s *sequence) marked(n uint64) bool { return s.seen[n%sequenceWindow/64]&(1<<(n%64)) != 0 }
