// Package reception keeps account of what arrives from one sender of RTP, and says it back in RTCP: what is missing (generic
// NACK, RFC 4585 §6.2.1), how well a stream arrives (receiver reports, RFC 3550 §6.4.2), and when each packet of the
// connection came (transport-wide feedback, draft-holmer-rmcat-transport-wide-cc-extensions-01), on which the sender's
// own estimate of its bandwidth rests.
//
// [Stream] is for one SSRC, [Arrivals] for a whole connection. Both are told the time, as a duration since any moment of the
// caller's, and write into the caller's buffer. They allocate nothing once they have begun, and are not safe for concurrent
// use.
package reception
