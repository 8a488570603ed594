// Package deploy holds what a release is made with, and tests of it: see docs/deploy.md and docs/release.md.
//
// The script release makes everything. The tests make it, too, and use it as an operator would: in a folder that it is installed into,
// started as its unit starts it, on a network of their own.
package deploy
