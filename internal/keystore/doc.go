// Package keystore keeps this machine's identity for calls, and whom it met, from one run of the client to the next.
// [Keep] takes it over, making it where there is none, and [Read] looks at it without.
//
// Everything is in one file, sealed with AES-256-GCM. The key to it lies in the system's keyring (Secret Service, macOS
// keychain, Windows credentials) where there is one, else in a file beside it. The files are readable to their owner
// only and the directory is closed to others; what is not, is refused. Each change is a new file that takes the place of the
// old one, so a crash leaves one of the two. One process owns the identity at a time, by a file lock: two that are the
// same device in one call would be refused by each other.
//
// What cannot be read is an error and stays as it is: an identity is never replaced unasked, since to everybody who
// verified it the new one would be a stranger's. [Erase] deletes it.
//
// # Does not protect
//
// Against programs of the same user, who may ask the keyring as we do, nor, with the key in a file, against anybody who
// reads this user's files, backups too. Against an older copy that is put back: who was verified or blocked since is not
// any more. Deleted files are not overwritten. What the process holds in memory is not erased.
package keystore
