package main

// keysCommand is what concerns the keys of people.
type keysCommand struct {
	Verify verifyCommand `cmd:"" help:"Compare emoji with a participant, to know that nobody stands in between."`
}
