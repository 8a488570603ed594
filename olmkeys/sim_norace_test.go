//go:build !race

package olmkeys

// simSeeds is how many seeds an ordinary run of the tests covers; -sim.seeds says otherwise.
const simSeeds = 10_000

const raceDetector = false
