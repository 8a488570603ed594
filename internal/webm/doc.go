// Package webm writes and reads WebM files, and Matroska where a codec needs it (RFC 9559, on EBML, RFC 8794).
//
// [NewWriter] makes a file: tracks may be added while it is written, and a program that dies leaves a file that plays up
// to the last second. [NewStream] writes to a pipe, whose tracks are known at the beginning. [NewReader] gives the frames
// of either, and of what ffmpeg writes.
//
// Limits: one frame a block (no lacing), no compressed or encrypted tracks, no subtitles, chapters or attachments; times
// are of whole milliseconds in what is written. Use a Writer, Stream or Reader from one goroutine.
package webm
