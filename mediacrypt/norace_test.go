//go:build !race

package mediacrypt

const raceEnabled = false
