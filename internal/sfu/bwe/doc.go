// Package bwe estimates how much one receiver can be sent: a congestion controller for the sending side that learns from
// transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01).
//
// Call [Estimator.Sent] for each packet, put the number it returns into the packet's header extension, and give what comes
// back to [Estimator.Feedback]. [Estimator.Rate] is then the estimate. A [Prober] says when it is worth sending
// padding to learn whether there is room for more.
//
// # How it judges
//
// Delay: packets that take longer and longer to arrive fill a queue. The slope of their delay is held against a threshold
// that adapts to the jitter of the path (as in draft-ietf-rmcat-gcc-02 §5), and counts only while there is a queue:
// while packets take longer than the fastest ones did. The estimate then falls below what arrived.
//
// Loss: it counts when it is heavy, and not where it does not pass when less is sent: that is the loss of a bad radio
// link, which sending less would not mend.
//
// Growth: an estimate is worth as much as the traffic that tested it. A sender of layers sends less than it may, so the
// estimate grows by itself only while most of it is used; beyond that it takes what arrived, and probes.
//
// What a path carries it learns from what arrives while there is a queue. [Estimator.Pace] says by it how fast packets may follow one
// another, and [Estimator.Backlog] for how long the path is busy.
//
// # Limits
//
// Numbers are bits a second and include what [Overhead] says a packet costs below RTP. Packets of which no feedback
// tells are taken for neither lost nor received. A receiver that lies is sent too much or too little itself.
//
// Not safe for concurrent use. No clock of its own.
package bwe
