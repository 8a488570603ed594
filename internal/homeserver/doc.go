// Package homeserver runs a Matrix homeserver, Dendrite, for tests, and shapes what it says.
//
// [Start] gives a test a homeserver of its own; [Main] and [Shared] give one to all tests of a package. [Server.Register] makes
// accounts. [Server.Stop] and [Server.Again] take it down and bring it back, at the same address and with what it knew. [NewShim] puts a proxy
// before it that adds what Dendrite lacks: delayed events (MSC4140) and the list of RTC transports (MSC4143); it also breaks answers on command.
//
// Dendrite is AGPL, so it is built from a module of its own, in the folder dendrite, and runs as a process of its own: nothing of it is linked.
//
// It stands on one machine and federates with nobody. Its passwords are hashed cheaply and anybody may register: never run it for people.
package homeserver
