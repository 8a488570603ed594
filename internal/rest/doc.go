// Package rest is what a server's REST API says, and a client of it.
//
// The types are the JSON of the requests and answers; package api serves them, and makes the OpenAPI document, and from that the types
// in TypeScript, out of them. [Client] calls the API with a key:
//
//	c := rest.Client{Server: "https://meet.example.org", Key: key}
//	room, err := c.CreateRoom(ctx, rest.RoomSettings{Topic: rest.Some("Weekly")})
//	link, err := rest.WithSecret(room.Link)
//
// A room's link is whole only with the secret behind its #, which [WithSecret] draws here: the server never has it.
//
// # Limits
//
// An answer of at most 8 MiB is read. Nothing is tried again: what failed is an *[Error], or that of the network.
package rest
