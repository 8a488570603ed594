//go:build race

package olmkeys

// simSeeds under the race detector, which slows the simulation down and finds nothing new in it: an Agent has no
// goroutines.
const simSeeds = 200

const raceDetector = true
