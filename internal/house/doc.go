// Package house holds the rules of the house as tests: who may import whom, that the server stays blind, that
// generated files are fresh, and that every attack the threat model claims to stop has a test with its name.
//
// It has no code of its own; a rule that breaks says what to do.
package house
